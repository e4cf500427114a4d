"""What Wave says its wallet holds, and what the books say: the same, to the franc."""

from __future__ import annotations

from random import Random

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, in_transaction, transaction
from portal.kernel.errors import InvalidInput
from portal.kernel.ids import new_id
from portal.kernel.work import perform_run
from portal.ledger.accounts import house_money, platform, provider_clearing, unexplained
from portal.ledger.models import Purpose, Transfer
from portal.ledger.queries import counted_balance, disagreements, trial_balance
from portal.payments import matching
from portal.payments.models import WAVE_PROVIDER_ID
from portal.payments.wallet import COMPARE_JOB, book_house_money, compare_wallet
from portal.payouts.jobs import poll_payouts
from tests.harness.together import at_once
from tests.payments import movements
from tests.payments.movements import MOVEMENTS, Flows
from tests.payments.world import World, alerts_of, an_admin, run_follow_ups

OPENING = 5_000_000


@pytest.fixture
def flows(committed_db: Session, world: World) -> Flows:
    """Money that can move, in books that have seen none."""
    return Flows(world)


def posted(account: object) -> int:
    return counted_balance(account).posted  # type: ignore[arg-type]


def fees_booked() -> int:
    """What the books say Wave took, all in all."""
    return -posted(platform(Purpose.FEES))


def fees_taken(flows: Flows) -> int:
    """What Wave's own list says it took, all in all."""
    today = next(iter(matching.days_back(1)))
    return sum(line.fee for line in flows.wave.wave().transactions(today))


@pytest.mark.covers("PAY-01", "PAY-04")
def test_after_each_movement_the_books_hold_what_the_wallet_holds(flows: Flows) -> None:
    compare_wallet()
    assert flows.wave.wave().get_balance().amount == posted(house_money()) == OPENING

    for movement in MOVEMENTS:
        movement(flows)
        for _twice in range(2):
            found = compare_wallet()
            assert found["wave"] == flows.wave.wave().get_balance().amount
            assert (found["difference"], found.get("broken", 0)) == (0, 0), (movement.__name__, found)
        assert fees_booked() == fees_taken(flows), movement.__name__
    assert trial_balance() == {"XOF": 0}
    assert disagreements() == []


@pytest.mark.covers("PAY-01", "PAY-04")
def test_forty_movements_in_any_order_leave_no_franc_unexplained(flows: Flows) -> None:
    compare_wallet()
    todo = list(MOVEMENTS) * 2
    Random(21).shuffle(todo)

    for number, movement in enumerate(todo, start=1):
        movement(flows)
        if number % 14 == 0:
            assert compare_wallet()["difference"] == 0

    run_follow_ups()
    poll_payouts()
    found = compare_wallet()
    assert (found["difference"], found.get("broken", 0)) == (0, 0), found
    assert fees_booked() == fees_taken(flows) > 0
    assert trial_balance() == {"XOF": 0}
    assert disagreements() == []


@pytest.mark.covers("PAY-22")
def test_eight_comparisons_at_once_book_each_line_once(app: Flask, flows: Flows) -> None:
    compare_wallet()
    for movement in MOVEMENTS[:6]:
        movement(flows)

    at_once(app, [lambda: compare_wallet() for _ in range(8)])

    assert compare_wallet()["difference"] == 0
    assert fees_booked() == fees_taken(flows)
    assert posted(house_money()) == OPENING


def test_a_comparison_that_dies_on_the_way_is_made_whole_by_the_next(
    flows: Flows, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare_wallet()
    movements.a_gift(flows)
    movements.a_gift_that_nobody_told_us_of(flows)

    def die(*_lines: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("portal.payments.booking.book_fees", die)
        with pytest.raises(MemoryError):
            compare_wallet()

    assert compare_wallet()["difference"] == 0
    assert fees_booked() == fees_taken(flows)


def test_what_belongs_to_nothing_is_unexplained_and_operators_hear_of_it_once(flows: Flows) -> None:
    admin = an_admin()
    compare_wallet()
    movements.a_payment_at_the_till(flows)
    movements.a_payout_by_somebody_else(flows)

    compare_wallet()
    compare_wallet()

    assert posted(unexplained()) == 4_000 - 1_000
    assert sorted(alerts_of(admin)) == ["money-moved-unknown", "money-unknown"]


def test_money_that_was_paid_twice_is_unexplained_until_it_is_back(flows: Flows) -> None:
    compare_wallet()
    movements.a_gift_paid_twice(flows)

    compare_wallet()
    assert posted(unexplained()) == 2_600
    run_follow_ups()
    compare_wallet()

    assert posted(unexplained()) == 0


def test_books_that_know_the_wallet_take_no_second_opening_balance(flows: Flows) -> None:
    movements.a_gift(flows)
    flows.wave.control("POST", "/wallet", balance=7_000_000)

    assert compare_wallet()["difference"] == 7_000_000 - 2_500 + 25
    assert posted(house_money()) == 0


def test_what_the_house_moves_itself_is_booked_once(flows: Flows) -> None:
    compare_wallet()
    flows.wave.control("POST", "/wallet", balance=OPENING + 300_000)
    operator = an_admin()
    movement_id = new_id()

    for _twice in range(2):
        in_transaction(lambda: book_house_money(300_000, "brought to the agency", movement_id, by=operator))

    assert compare_wallet()["difference"] == 0
    flows.wave.control("POST", "/wallet", balance=OPENING)
    in_transaction(lambda: book_house_money(-300_000, "taken out again", new_id(), by=operator))
    assert compare_wallet()["difference"] == 0
    with pytest.raises(InvalidInput), transaction():
        book_house_money(0, "nothing", new_id(), by=SYSTEM)


@pytest.mark.covers("ADM-19")
def test_operators_hear_of_a_difference_that_stays(flows: Flows) -> None:
    admin = an_admin()
    perform_run(COMPARE_JOB, "first")
    flows.wave.control("POST", "/wallet", balance=OPENING - 1)

    perform_run(COMPARE_JOB, "second")
    assert alerts_of(admin) == []
    perform_run(COMPARE_JOB, "third")
    perform_run(COMPARE_JOB, "fourth")

    assert alerts_of(admin) == ["wallet-differs"]


def test_the_fee_of_a_payout_comes_from_its_answer(flows: Flows) -> None:
    flows.pay_partner(12_345)

    assert fees_booked() == 120
    compare_wallet()
    compare_wallet()
    assert fees_booked() == 120
    kinds = db.session.execute(select(Transfer.source_type).where(Transfer.kind == "provider_fee")).scalars()
    assert list(kinds) == ["payouts"]
    assert posted(provider_clearing(WAVE_PROVIDER_ID)) != 0
