"""Setting money aside, stopping it, trying again, and what the database refuses."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session

from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db, in_transaction
from portal.kernel.errors import Conflict, Forbidden, IllegalTransition, NotFound
from portal.kernel.ids import new_id
from portal.kernel.models import StatusHistory
from portal.kernel.money import Money
from portal.kernel.states import advance
from portal.ledger.errors import InsufficientFunds
from portal.ledger.models import Transfer, TransferStatus
from portal.ledger.queries import Balance
from portal.partners.models import Partner
from portal.payouts import outcomes
from portal.payouts.destinations import change_partner_destination
from portal.payouts.models import PAYOUT_STEPS, Payout, PayoutStatus
from portal.payouts.services import ask_again, cancel_payout, newest_payout, order_payout, retry_payout
from tests.harness.house import acting, make_admin
from tests.harness.together import at_once
from tests.payouts.world import HOLDER, OTHER_NUMBER, destination, make_payee, owed, pay_anew

Database = scoped_session[Session]
S = PayoutStatus


@pytest.fixture
def partner(db_session: Database) -> Partner:
    """A house that is owed 100 000 XOF."""
    return make_payee()[0]


@pytest.fixture
def admin(db_session: Database) -> Actor:
    """Somebody who may decide about payouts."""
    return acting(make_admin())


def ordered(partner: Partner, amount: int = 25_000, source: UUID | None = None) -> Payout:
    """A payout for a row of its own."""
    return order_payout(
        Money(amount), destination(partner.id), ("tests", source or new_id()), "Teranga T-1", by=SYSTEM
    )


def in_hand(partner: Partner) -> Payout:
    """A payout that a worker has taken."""
    payout = ordered(partner)
    assert outcomes.claim(payout.id) is payout
    return payout


@pytest.mark.covers("PO-06")
def test_the_amount_is_set_aside_and_cannot_be_promised_twice(partner: Partner) -> None:
    ordered(partner, 60_000)

    assert owed(partner.id) == Balance(posted=100_000, pending_out=60_000)
    with pytest.raises(InsufficientFunds):
        ordered(partner, 40_001)


@pytest.mark.covers("PAY-22")
def test_the_same_source_orders_one_payout_however_often(partner: Partner, db_session: Database) -> None:
    source = new_id()

    first, again = ordered(partner, source=source), ordered(partner, source=source)

    assert first is again
    assert owed(partner.id).pending_out == 25_000


@pytest.mark.covers("PAY-22")
def test_eight_orders_at_once_for_one_source_are_one_payout(committed_db: Database, app: Flask) -> None:
    partner = make_payee()[0]
    partner_id, source = partner.id, new_id()
    db.session.commit()

    def order_it() -> UUID:
        return in_transaction(lambda: ordered(db.session.get_one(Partner, partner_id), source=source).id)

    made = at_once(app, [order_it] * 8)

    assert len(set(made)) == 1
    assert owed(partner_id) == Balance(posted=100_000, pending_out=25_000)
    assert committed_db.execute(select(func.count()).select_from(Payout)).scalar_one() == 1


@pytest.mark.covers("PO-12", "PO-09")
def test_a_stopped_payout_gives_the_amount_back(partner: Partner, admin: Actor, db_session: Database) -> None:
    payout = ordered(partner)

    cancel_payout(payout.id, "wrong amount", by=admin)

    assert payout.status is S.CANCELED
    assert owed(partner.id) == Balance(posted=100_000)
    assert db_session.get_one(Transfer, payout.transfer_id).status is TransferStatus.VOIDED
    assert outcomes.claim(payout.id) is None


@pytest.mark.covers("PO-12")
def test_what_a_worker_has_taken_cannot_be_stopped(partner: Partner, admin: Actor) -> None:
    payout = in_hand(partner)

    with pytest.raises(Conflict):
        cancel_payout(payout.id, "too late", by=admin)

    assert payout.status is S.PROCESSING
    assert owed(partner.id).pending_out == 25_000


@pytest.mark.covers("PO-09", "PO-12")
def test_another_payout_takes_the_place_of_a_canceled_one_with_the_next_key(
    partner: Partner, admin: Actor
) -> None:
    source = new_id()
    canceled = ordered(partner, source=source)
    cancel_payout(canceled.id, "wrong amount", by=admin)

    payout = pay_anew(canceled.id, by=admin)

    assert (canceled.status, payout.status) == (S.CANCELED, S.PENDING)
    assert (payout.attempt, payout.idempotency_key) == (2, f"payout:tests:{source}:2")
    assert (payout.source_id, payout.amount_minor, payout.payment_reason) == (source, 25_000, "Teranga T-1")
    assert owed(partner.id) == Balance(posted=100_000, pending_out=25_000)
    assert newest_payout(("tests", source)) is payout
    assert ordered(partner, source=source) is payout


@pytest.mark.covers("PAY-22")
def test_a_canceled_payout_is_replaced_once_however_often_it_is_asked_for(
    committed_db: Database, app: Flask
) -> None:
    partner, admin = make_payee()[0], acting(make_admin())
    payout_id = ordered(partner).id
    cancel_payout(payout_id, "wrong amount", by=admin)
    db.session.commit()

    def again() -> str:
        try:
            in_transaction(lambda: pay_anew(payout_id, by=admin))
        except Conflict:
            return "refused"
        return "ordered"

    answers = at_once(app, [again] * 6)

    assert sorted(answers) == ["ordered"] + ["refused"] * 5
    assert owed(partner.id) == Balance(posted=100_000, pending_out=25_000)


@pytest.mark.covers("PO-12")
def test_attempts_are_counted_on_over_canceled_and_failed_payouts(partner: Partner, admin: Actor) -> None:
    first = ordered(partner)
    cancel_payout(first.id, "wrong amount", by=admin)
    second = pay_anew(first.id, by=admin)
    outcomes.claim(second.id)
    outcomes.fail(second.id, second.idempotency_key, "insufficient-funds", "no money")
    pay_anew(second.id, by=admin)
    cancel_payout(second.id, "let us wait", by=admin)

    third = pay_anew(first.id, by=admin)

    assert (second.attempt, third.attempt) == (3, 4)
    assert third.id not in (first.id, second.id)


@pytest.mark.parametrize("status", [S.PENDING, S.PROCESSING, S.COMPLETED])
def test_only_what_has_ended_without_payment_is_tried_again(
    partner: Partner, admin: Actor, status: PayoutStatus
) -> None:
    payout = ordered(partner) if status is S.PENDING else in_hand(partner)
    if status is S.COMPLETED:
        outcomes.complete(payout.id, payout.idempotency_key, outcomes.Paid("pt-1", 0))

    with pytest.raises(Conflict):
        pay_anew(payout.id, by=admin)

    assert (payout.status, payout.attempt) == (status, 1)


def test_whoever_chose_the_destination_starts_no_attempt(partner: Partner) -> None:
    payout = ordered(partner)
    cancel_payout(payout.id, "wrong amount", by=SYSTEM)
    chooser = Actor(user_id=destination(partner.id).changed_by)

    with pytest.raises(Forbidden):
        pay_anew(payout.id, by=chooser)
    with pytest.raises(Forbidden):
        pay_anew(payout.id, by=SYSTEM)

    assert payout.status is S.CANCELED


@pytest.mark.covers("PO-12")
def test_an_attempt_goes_where_the_admin_has_seen_that_it_goes(partner: Partner, admin: Actor) -> None:
    """Whoever takes over an owner's account while a payment is stopped must not have it sent to themselves."""
    payout = ordered(partner)
    seen = destination(partner.id)
    cancel_payout(payout.id, "wrong amount", by=admin)
    change_partner_destination(partner.id, OTHER_NUMBER, HOLDER, by=Actor(user_id=seen.changed_by))

    for shown in (seen.id, None):
        with pytest.raises(Conflict):
            retry_payout(payout.id, shown, by=admin)

    assert (payout.status, payout.payment_method_id) == (S.CANCELED, seen.id)
    assert pay_anew(payout.id, by=admin).payment_method_id == destination(partner.id).id


@pytest.mark.covers("PO-06")
def test_an_attempt_without_money_leaves_the_payout_as_it_was(committed_db: Database) -> None:
    partner = make_payee(holds=25_000)[0]
    admin = acting(make_admin())
    payout_id = ordered(partner).id
    cancel_payout(payout_id, "wrong amount", by=admin)
    ordered(partner, 20_000)
    db.session.commit()

    with pytest.raises(InsufficientFunds):
        in_transaction(lambda: pay_anew(payout_id, by=admin))

    left = db.session.get_one(Payout, payout_id)
    assert (left.status, left.attempt) == (S.CANCELED, 1)


@pytest.mark.covers("PAY-22")
def test_the_same_result_twice_is_written_once(partner: Partner) -> None:
    payout = in_hand(partner)
    for _ in range(3):
        outcomes.complete(payout.id, payout.idempotency_key, outcomes.Paid("pt-1", 250))
    outcomes.fail(payout.id, payout.idempotency_key, "late", "late")

    assert payout.status is S.COMPLETED
    assert owed(partner.id) == Balance(posted=75_000)


@pytest.mark.covers("PO-09")
def test_the_same_refusal_twice_gives_the_amount_back_once(partner: Partner) -> None:
    payout = in_hand(partner)
    for _ in range(3):
        outcomes.fail(payout.id, payout.idempotency_key, "insufficient-funds", "no money")

    assert payout.status is S.FAILED
    assert owed(partner.id) == Balance(posted=100_000)


def test_a_claim_holds_for_a_minute_and_longer_each_time(partner: Partner, clock: Any) -> None:
    start = clock.travel(2026, 3, 2, 12)
    payout = ordered(partner)
    waits = []
    for _ in range(7):
        assert outcomes.claim(payout.id) is payout
        assert outcomes.claim(payout.id) is None
        assert payout.next_check_at is not None
        waits.append(int((payout.next_check_at - start).total_seconds()))
        start = clock.travel(payout.next_check_at)

    assert waits == [60, 120, 240, 480, 900, 900, 900]


def test_asking_again_is_for_open_outcomes_only(partner: Partner, admin: Actor) -> None:
    with pytest.raises(Conflict):
        ask_again(ordered(partner).id, by=admin)
    with pytest.raises(NotFound):
        ask_again(new_id(), by=admin)


@pytest.mark.covers("PO-03")
def test_a_payout_starts_as_pending_and_moves_along_the_declared_steps_only(partner: Partner) -> None:
    assert ordered(partner, 1000).status is S.PENDING
    assert set(S) == {S.PENDING, S.PROCESSING, S.COMPLETED, S.FAILED, S.CANCELED}
    for current in S:
        for wanted in S:
            payout = ordered(partner, 1000)
            payout.status = current
            if current is S.COMPLETED:
                payout.completed_at, payout.transaction_reference = payout.created_at, str(new_id())
            if PAYOUT_STEPS.allows(current, wanted):
                continue
            with pytest.raises(IllegalTransition, match=f"{current} → {wanted}"):
                advance(payout, wanted, by=SYSTEM)


@pytest.mark.covers("PO-03")
def test_each_step_leaves_a_line_of_history(partner: Partner, admin: Actor, db_session: Database) -> None:
    payout = in_hand(partner)
    outcomes.fail(payout.id, payout.idempotency_key, "insufficient-funds", "no money")
    pay_anew(payout.id, by=admin)

    lines = db_session.execute(
        select(StatusHistory.from_status, StatusHistory.to_status, StatusHistory.actor_user_id)
        .where(StatusHistory.entity_type == "payouts", StatusHistory.entity_id == payout.id)
        .order_by(StatusHistory.id)
    ).all()
    assert [tuple(line) for line in lines] == [
        (None, "pending", None),
        ("pending", "processing", None),
        ("processing", "failed", None),
        ("failed", "pending", admin.user_id),
    ]


@pytest.mark.covers("PO-01", "PO-02", "PO-03", "PO-05", "DEV-15")
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("amount_minor = 0", "amount_positive"),
        ("fee_minor = -1", "fee_not_negative"),
        ("partner_id = NULL", "one_owner"),
        ("user_id = (SELECT user_id FROM partner_members LIMIT 1)", "one_owner"),
        ("status = 'lost'", "status"),
        ("method = 'cash'", "method"),
        ("status = 'completed'", "completed_has_proof"),
        ("transaction_reference = 'pt-1'", "uq_payouts_transaction_reference"),
        ("idempotency_key = 'the same'", "uq_payouts_idempotency_key"),
        ("source_id = '00000000-0000-0000-0000-000000000001'", "uq_payouts_source_live"),
    ],
)
def test_the_database_refuses_a_payout_that_cannot_be(
    partner: Partner, db_session: Database, change: str, constraint: str
) -> None:
    ordered(partner)
    ordered(partner)

    with pytest.raises(IntegrityError, match=constraint):
        db_session.execute(text(f"UPDATE payouts SET {change}"))


@pytest.mark.covers("PO-01", "PO-02")
def test_a_payout_says_who_how_much_how_and_when(partner: Partner) -> None:
    payout = ordered(partner)

    assert (payout.partner_id, payout.amount_minor, payout.currency) == (partner.id, 25_000, "XOF")
    assert (payout.method, payout.status) == ("wave", S.PENDING)
    assert payout.created_at is not None
    assert payout.updated_at is not None
    methods = db.session.execute(
        text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_payouts_method'")
    ).scalar_one()
    assert all(f"'{name}'" in methods for name in ("wave", "stripe", "lemon_squeezy"))


@pytest.mark.covers("PO-10")
def test_payouts_are_indexed_by_payee_and_by_state(db_session: Database) -> None:
    indexed = {
        tuple(index["column_names"]) for index in inspect(db_session.connection()).get_indexes("payouts")
    }

    assert {("user_id", "status"), ("partner_id",), ("status", "created_at")} <= indexed
