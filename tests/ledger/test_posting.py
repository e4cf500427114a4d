"""Transfers: balanced, final, once per key, never overdrawn."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal.kernel.actor import SYSTEM
from portal.kernel.errors import IllegalTransition
from portal.ledger import services as ledger
from portal.ledger.accounts import AccountRef, platform, pot_funds, provider_clearing, user_wallet
from portal.ledger.errors import IdempotencyMismatch, InsufficientFunds, UnbalancedTransfer
from portal.ledger.models import Purpose
from portal.ledger.queries import balance, disagreements, trial_balance
from portal.ledger.services import Cause, Leg

WAVE = uuid4()


def cause(key: str | None = None, kind: str = "test") -> Cause:
    return Cause(kind, "tests", uuid4(), key or f"test:{uuid4()}")


def give(amount: int, key: str | None = None) -> tuple[AccountRef, UUID]:
    """A pot that holds `amount`."""
    pot = pot_funds(uuid4())
    moved = ledger.move(provider_clearing(WAVE), pot, amount, cause(key), by=SYSTEM)
    return pot, moved.transfer_id


@pytest.mark.covers("PAY-02", "PAY-04")
def test_a_transfer_moves_value_and_sums_to_zero(db_session: Session) -> None:
    pot, _ = give(5000)

    assert balance(pot).available == 5000
    assert trial_balance() == {"XOF": 0}
    assert disagreements() == []


@pytest.mark.covers("PAY-02")
@pytest.mark.parametrize(
    "legs",
    [
        [Leg(platform(Purpose.FEES), 5)],
        [Leg(platform(Purpose.FEES), 5), Leg(platform(Purpose.REVENUE), -4)],
        [Leg(platform(Purpose.FEES), 5), Leg(platform(Purpose.REVENUE, "PTS"), -5)],
        [Leg(platform(Purpose.FEES), 5), Leg(platform(Purpose.FEES), -5)],
        [
            Leg(platform(Purpose.FEES), 9),
            Leg(platform(Purpose.REVENUE), -4),
            Leg(platform(Purpose.REVENUE), -5),
        ],
        [],
    ],
)
def test_unbalanced_legs_are_refused_before_anything_is_written(db_session: Session, legs: list[Leg]) -> None:
    with pytest.raises(UnbalancedTransfer):
        ledger.post(legs, cause(), by=SYSTEM)


@pytest.mark.parametrize("amount", [0, -5])
def test_nothing_and_less_than_nothing_cannot_be_moved(db_session: Session, amount: int) -> None:
    pot, _ = give(100)

    with pytest.raises(UnbalancedTransfer):
        ledger.move(pot, user_wallet(uuid4()), amount, cause(), by=SYSTEM)

    assert balance(pot).available == 100


@pytest.mark.covers("PAY-02", "DEV-15")
def test_the_database_refuses_a_transfer_that_does_not_balance(db_session: Session) -> None:
    _, transfer = give(700)

    with pytest.raises(IntegrityError, match="2 entries"):
        db_session.execute(
            text(
                "INSERT INTO ledger_entries (id, transfer_id, account_id, seq, amount_minor, created_at)"
                " SELECT gen_random_uuid(), transfer_id, account_id, 9, 5, now() FROM ledger_entries"
                " WHERE transfer_id = :transfer AND seq = 1"
            ),
            {"transfer": transfer},
        )
        db_session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


@pytest.mark.covers("PAY-02", "DEV-15")
def test_the_database_refuses_a_transfer_without_entries(db_session: Session) -> None:
    with pytest.raises(IntegrityError, match="0 of 2 entries"):
        db_session.execute(
            text(
                "INSERT INTO ledger_transfers (id, unit, kind, status, entry_count, idempotency_key, source_type,"
                " source_id, created_at, posted_at)"
                " VALUES (gen_random_uuid(), 'XOF', 'x', 'posted', 2, 'bare', 'tests', gen_random_uuid(), now(), now())"
            )
        )
        db_session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


@pytest.mark.covers("PAY-02", "DEV-15")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET amount_minor = amount_minor + 1",
        "DELETE FROM ledger_entries",
        "UPDATE ledger_transfers SET kind = 'other'",
        "UPDATE ledger_transfers SET status = 'pending', posted_at = NULL",
        "DELETE FROM ledger_transfers",
        "DELETE FROM ledger_accounts",
        "UPDATE ledger_accounts SET unit = 'EUR'",
        "TRUNCATE ledger_entries",
        "TRUNCATE ledger_accounts CASCADE",
    ],
)
def test_history_cannot_be_rewritten(db_session: Session, statement: str) -> None:
    give(700)

    with pytest.raises(DBAPIError):
        db_session.execute(text(statement))


@pytest.mark.covers("PAY-04", "DEV-15")
def test_no_account_goes_below_zero_even_by_hand(db_session: Session) -> None:
    pot, _ = give(100)

    with pytest.raises(IntegrityError, match="not_overdrawn"):
        db_session.execute(
            text("UPDATE ledger_accounts SET posted_minor = -1 WHERE id = :id"), {"id": pot.id}
        )


def test_taking_more_than_there_is_moves_nothing(db_session: Session) -> None:
    pot, _ = give(100)

    with pytest.raises(InsufficientFunds), db_session.begin_nested():
        ledger.move(pot, user_wallet(uuid4()), 101, cause(), by=SYSTEM)

    assert balance(pot).available == 100
    assert trial_balance() == {"XOF": 0}


@pytest.mark.covers("PAY-22")
def test_the_same_key_moves_once(db_session: Session) -> None:
    pot, wallet = give(1000)[0], user_wallet(uuid4())
    again = cause("once")

    first = ledger.move(pot, wallet, 300, again, by=SYSTEM)
    second = ledger.move(pot, wallet, 300, again, by=SYSTEM)

    assert (first.is_new, second.is_new) == (True, False)
    assert first.transfer_id == second.transfer_id
    assert balance(wallet).available == 300


def test_one_key_for_two_movements_is_a_programming_error(db_session: Session) -> None:
    pot = give(1000)[0]
    ledger.move(pot, user_wallet(uuid4()), 300, cause("mixed"), by=SYSTEM)

    with pytest.raises(IdempotencyMismatch):
        ledger.move(pot, user_wallet(uuid4()), 301, cause("mixed"), by=SYSTEM)


@pytest.mark.covers("PAY-03")
def test_a_pending_transfer_is_set_aside_then_posted(db_session: Session) -> None:
    pot, wallet = give(1000)[0], user_wallet(uuid4())

    moved = ledger.move(pot, wallet, 400, cause(), by=SYSTEM, pending=True)

    assert (balance(pot).available, balance(pot).posted) == (600, 1000)
    assert (balance(wallet).available, balance(wallet).pending_in) == (0, 400)
    assert ledger.settle(moved.transfer_id, by=SYSTEM) is True
    assert ledger.settle(moved.transfer_id, by=SYSTEM) is False
    assert (balance(pot).posted, balance(wallet).available) == (600, 400)
    assert disagreements() == []


@pytest.mark.covers("PAY-03")
def test_a_voided_transfer_gives_back_what_was_set_aside(db_session: Session) -> None:
    pot, wallet = give(1000)[0], user_wallet(uuid4())
    moved = ledger.move(pot, wallet, 400, cause(), by=SYSTEM, pending=True)

    assert ledger.void(moved.transfer_id, by=SYSTEM) is True

    assert balance(pot).available == 1000
    assert balance(wallet).pending_in == 0
    with pytest.raises(IllegalTransition, match="voided"):
        ledger.settle(moved.transfer_id, by=SYSTEM)


@pytest.mark.covers("PAY-02")
def test_a_mistake_is_mirrored_once(db_session: Session) -> None:
    pot, transfer = give(1000)

    ledger.reverse(transfer, cause("undo"), by=SYSTEM)
    repeated = ledger.reverse(transfer, cause("undo"), by=SYSTEM)

    assert repeated.is_new is False
    assert balance(pot).available == 0
    with pytest.raises(IntegrityError, match="reverses_id"):
        ledger.reverse(transfer, cause("undo twice"), by=SYSTEM)


@pytest.mark.covers("PAY-04")
def test_the_self_check_names_an_account_that_disagrees(db_session: Session) -> None:
    pot, _ = give(1000)
    db_session.execute(
        text("UPDATE ledger_accounts SET posted_minor = posted_minor + 1 WHERE id = :id"), {"id": pot.id}
    )

    assert [wrong.account_id for wrong in disagreements()] == [pot.id]
