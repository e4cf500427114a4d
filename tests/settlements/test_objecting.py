"""Objecting, answering and correcting; each once, also at the same instant as something else."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from portal.audit.models import AuditLog
from portal.kernel.actor import Actor
from portal.kernel.db import db, transaction
from portal.kernel.errors import Conflict, DomainError, IllegalTransition, InvalidInput, NotFound
from portal.kernel.ids import new_id
from portal.kernel.models import StatusHistory
from portal.ledger.queries import Balance
from portal.notifications.models import Notification
from portal.partners.models import Partner
from portal.payouts import outcomes
from portal.payouts.jobs import pay_one, poll_payouts
from portal.payouts.models import Payout, PayoutStatus
from portal.payouts.services import PAY_JOB
from portal.settlements import deciding
from portal.settlements.models import SettlementAdjustment, SettlementStatus
from tests.factories.redeemed import serve
from tests.harness.house import acting
from tests.harness.moments import Clock
from tests.harness.together import at_once
from tests.payouts.world import (
    Wire,
    an_admin,
    books_are_right,
    destination,
    pay_anew,
    run_follow_ups,
)
from tests.sandbox.running import RunningSandbox
from tests.settlements.world import (
    approve,
    approved,
    attempt,
    ledger_agrees,
    make_house,
    noon,
    object_to,
    owed,
    payout_of,
    settle_at,
    settled,
    settlement,
)

Database = scoped_session[Session]
S = SettlementStatus


@pytest.mark.covers("STL-04", "STL-10")
def test_an_objection_stops_a_payment_that_has_not_begun(january: UUID, admin: Actor) -> None:
    approve(january, admin)

    object_to(january, "You forgot the dinner of the third")

    row = settlement(january)
    assert (row.status, row.dispute_reason) == (S.DISPUTED, "You forgot the dinner of the third")
    assert payout_of(january).status is PayoutStatus.CANCELED
    assert owed(january) == Balance(posted=16_000)


@pytest.mark.covers("STL-10")
def test_an_objection_comes_too_late_once_the_payment_is_on_its_way(january: UUID, admin: Actor) -> None:
    approve(january, admin)
    payout = payout_of(january)
    outcomes.claim(payout.id)
    for _ in range(2):
        with pytest.raises(Conflict):
            object_to(january)
        assert settlement(january).dispute_reason is None
        if payout.status is PayoutStatus.PROCESSING:
            outcomes.complete(payout.id, payout.idempotency_key, outcomes.Paid("pt-1", 0))
    assert settlement(january).status is S.PAID


@pytest.mark.covers("STL-10", "PRT-12")
def test_nobody_objects_to_another_partners_settlement(january: UUID) -> None:
    other, owner = make_house(name="Another")

    with pytest.raises(NotFound):
        deciding.dispute(january, other.id, "not mine at all", by=acting(owner))

    assert settlement(january).status is S.PENDING


@pytest.mark.parametrize("reason", ["", "  ", "no", "x" * 501])
def test_an_objection_needs_a_reason(january: UUID, reason: str) -> None:
    with pytest.raises(InvalidInput):
        object_to(january, reason)


@pytest.mark.covers("STL-11")
def test_an_open_objection_bars_the_approval_and_the_payment(january: UUID, admin: Actor) -> None:
    approve(january, admin)
    payout = payout_of(january)
    outcomes.claim(payout.id)
    outcomes.fail(payout.id, payout.idempotency_key, "insufficient-funds", "no money")
    object_to(january)

    with pytest.raises(Conflict):
        approve(january, admin)
    with pytest.raises(Conflict):
        pay_anew(payout.id, by=admin)
    with pytest.raises(Conflict):
        object_to(january)

    assert (settlement(january).status, payout_of(january).status) == (S.DISPUTED, PayoutStatus.FAILED)


@pytest.mark.covers("STL-04", "STL-08", "STL-11")
def test_an_answer_sends_it_back_to_be_approved_and_its_correction_enters_the_next_one(
    january: UUID, admin: Actor
) -> None:
    object_to(january)
    deciding.resolve(january, "You are right, the dinner was missing", 4_000, by=admin)

    row = settlement(january)
    assert (row.status, row.resolution) == (S.PENDING, "You are right, the dinner was missing")
    assert (row.resolved_by, row.payable_minor) == (admin.user_id, 16_000)
    approve(january, admin)
    partner = db.session.get_one(Partner, row.partner_id)
    serve(partner, 10_000, at=noon(2, 10))
    february = settle_at(noon(3, 1))[0]
    assert (february.adjustment_minor, february.payable_minor) == (4_000, 12_000)
    assert ledger_agrees(partner.id)


@pytest.mark.covers("STL-11", "PAY-22")
def test_after_an_objection_another_payout_takes_the_place_of_the_canceled_one(
    committed_db: Database, wave: RunningSandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire(monkeypatch)
    january = settled(make_house()[0])
    db.session.commit()
    clock.travel(noon(2, 2))
    approved(january, an_admin())
    admin = an_admin()
    with transaction():
        object_to(january)
        deciding.resolve(january, "All was counted, please look again", 0, by=admin)
    approved(january, admin)

    run_follow_ups()

    assert settlement(january).status is S.PAID
    assert [key.rsplit(":", 1)[1] for key in wire.keys] == ["2"]
    states = committed_db.execute(select(Payout.status).order_by(Payout.attempt)).scalars().all()
    assert states == [PayoutStatus.CANCELED, PayoutStatus.COMPLETED]
    assert payout_of(january).status is PayoutStatus.COMPLETED
    assert books_are_right()


@pytest.mark.covers("STL-11")
def test_answering_twice_corrects_once(january: UUID, admin: Actor, db_session: Database) -> None:
    object_to(january)
    deciding.resolve(january, "You are right", 4_000, by=admin)

    with pytest.raises(IllegalTransition):
        deciding.resolve(january, "You are right", 4_000, by=admin)

    corrections = db_session.execute(select(SettlementAdjustment.amount_minor)).scalars().all()
    assert corrections == [4_000]


def test_the_same_correction_sent_twice_is_noted_once(db_session: Database, admin: Actor) -> None:
    partner, once = make_house()[0], new_id()

    for _ in range(3):
        deciding.correct(partner.id, -2_000, "a broken window", once, by=admin)

    rows = db_session.execute(select(SettlementAdjustment)).scalars().all()
    assert [(row.amount_minor, row.reason, row.created_by) for row in rows] == [
        (-2_000, "a broken window", admin.user_id)
    ]
    trail = select(func.count()).select_from(AuditLog).where(AuditLog.action == "settlement_corrected")
    assert db_session.execute(trail).scalar_one() == 1


@pytest.mark.parametrize(
    ("amount", "reason", "error"),
    [(0, "nothing", InvalidInput), (10**12 + 1, "too much", InvalidInput), (5, "", InvalidInput)],
)
def test_a_correction_has_an_amount_and_a_reason(
    db_session: Database, admin: Actor, amount: int, reason: str, error: type[DomainError]
) -> None:
    partner = make_house()[0]

    with pytest.raises(error):
        deciding.correct(partner.id, amount, reason, new_id(), by=admin)
    with pytest.raises(NotFound):
        deciding.correct(new_id(), 100, "for nobody", new_id(), by=admin)


@pytest.mark.covers("STL-10", "STL-11")
def test_an_objection_and_an_approval_at_once_end_in_one_of_the_two(
    committed_db: Database, wave: RunningSandbox, app: Flask, clock: Clock
) -> None:
    clock.travel(noon(2, 2))
    admin = an_admin()
    for number in range(4):
        with transaction():
            january = settled(make_house(name=f"House {number}")[0])
        objection = partial(attempt, partial(object_to, january))
        at_once(app, [partial(attempt, partial(approve, january, admin)), objection, objection])
        run_follow_ups(PAY_JOB)
        poll_payouts()

        row = settlement(january)
        assert wave.payouts_for(f"payout:partner_settlements:{january}:1") == 0
        assert row.status is S.DISPUTED
        assert owed(january) == Balance(posted=16_000)


@pytest.mark.covers("STL-10", "STL-11", "PAY-22")
def test_an_objection_and_a_worker_at_once_end_in_one_of_the_two(
    committed_db: Database, wave: RunningSandbox, app: Flask, clock: Clock
) -> None:
    clock.travel(noon(2, 2))
    admin = an_admin()
    for number in range(6):
        with transaction():
            january = settled(make_house(name=f"House {number}")[0])
        approved(january, admin)
        worker = partial(pay_one, str(payout_of(january).id))
        at_once(app, [worker, partial(attempt, partial(object_to, january))])

        row, payout = settlement(january), payout_of(january)
        moved = wave.payouts_for(payout.idempotency_key)
        if row.status is S.PAID:
            assert (payout.status, moved, owed(january)) == (PayoutStatus.COMPLETED, 1, Balance())
        else:
            assert (row.status, payout.status, moved) == (S.DISPUTED, PayoutStatus.CANCELED, 0)
            assert owed(january) == Balance(posted=16_000)
    assert books_are_right()


@pytest.mark.covers("STL-04", "STL-05")
def test_the_whole_life_is_in_the_history(january: UUID, admin: Actor, db_session: Database) -> None:
    object_to(january, "something is missing")
    deciding.resolve(january, "nothing is missing", 0, by=admin)
    approve(january, admin)
    payout = payout_of(january)
    outcomes.claim(payout.id)
    outcomes.complete(payout.id, payout.idempotency_key, outcomes.Paid("pt-1", 0))

    lines = db_session.execute(
        select(StatusHistory.to_status, StatusHistory.reason)
        .where(StatusHistory.entity_id == january)
        .order_by(StatusHistory.id)
    ).all()
    assert [tuple(line) for line in lines] == [
        ("pending", None),
        ("disputed", "something is missing"),
        ("pending", "nothing is missing"),
        ("approved", None),
        ("paid", None),
    ]


def test_admins_hear_of_an_objection_and_the_partner_of_the_answer(
    january: UUID, admin: Actor, db_session: Database
) -> None:
    object_to(january, "something is missing")
    deciding.resolve(january, "nothing is missing", 0, by=admin)

    owner = destination(settlement(january).partner_id).changed_by
    heard = db_session.execute(
        select(Notification.user_id, Notification.event_key).where(
            Notification.event_key.like(f"settlement:{january}:%")
        )
    ).all()
    assert any(user == admin.user_id and ":disputed:" in key for user, key in heard)
    assert any(user == owner and "settlement_resolved" in key for user, key in heard)
