"""Approving with four eyes and being paid; once, whoever clicks and however often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from portal.audit.models import AuditLog
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db, in_transaction, transaction
from portal.kernel.errors import Conflict, Forbidden
from portal.kernel.ids import new_id
from portal.ledger.queries import Balance
from portal.notifications.models import Notification
from portal.payouts.destinations import change_partner_destination
from portal.payouts.jobs import pay_one, poll_payouts
from portal.payouts.models import Payout, PayoutStatus
from portal.payouts.services import PAY_JOB, cancel_payout
from portal.settlements import deciding
from portal.settlements.models import SETTLEMENT_STEPS, SettlementStatus
from tests.harness.house import acting, make_admin
from tests.harness.moments import Clock
from tests.harness.together import at_once
from tests.payouts.world import (
    HOLDER,
    OTHER_NUMBER,
    Killed,
    Wire,
    an_admin,
    books_are_right,
    destination,
    killed_after_asking,
    pay_anew,
    run_follow_ups,
)
from tests.sandbox.running import RunningSandbox
from tests.settlements.world import (
    approve,
    approved,
    ledger_agrees,
    make_house,
    noon,
    owed,
    payout_of,
    settled,
    settlement,
)

Database = scoped_session[Session]
S = SettlementStatus


@pytest.mark.covers("STL-05", "STL-11")
def test_an_approval_says_who_and_when_and_sets_the_amount_aside(january: UUID, admin: Actor) -> None:
    approve(january, admin)

    row = settlement(january)
    assert (row.status, row.approved_by) == (S.APPROVED, admin.user_id)
    assert row.approved_at is not None
    assert owed(january) == Balance(posted=16_000, pending_out=16_000)
    payout = payout_of(january)
    assert (payout.amount_minor, payout.status, row.payout_id) == (16_000, PayoutStatus.PENDING, payout.id)
    assert payout.payment_reason == f"Teranga {row.invoice_number}"
    assert ledger_agrees(row.partner_id)


@pytest.mark.covers("STL-11")
def test_approving_again_changes_nothing(january: UUID, admin: Actor, db_session: Database) -> None:
    approve(january, admin)
    first = (settlement(january).approved_at, payout_of(january).idempotency_key)

    approve(january, acting(make_admin()))

    row = settlement(january)
    assert (row.approved_at, payout_of(january).idempotency_key) == first
    assert row.approved_by == admin.user_id
    count = db_session.execute(
        select(func.count()).select_from(AuditLog).where(AuditLog.action == "settlement_approved")
    ).scalar_one()
    assert count == 1


@pytest.mark.covers("STL-11")
def test_whoever_chose_where_the_money_goes_does_not_approve_it(january: UUID, admin: Actor) -> None:
    partner_id = settlement(january).partner_id
    change_partner_destination(partner_id, OTHER_NUMBER, HOLDER, by=admin)

    with pytest.raises(Forbidden):
        approve(january, admin)
    with pytest.raises(Forbidden):
        approve(january, SYSTEM)
    assert settlement(january).status is S.PENDING
    approve(january, acting(make_admin()))

    assert settlement(january).status is S.APPROVED


@pytest.mark.covers("STL-11")
def test_an_approval_is_for_the_destination_that_was_looked_at(january: UUID, admin: Actor) -> None:
    partner_id = settlement(january).partner_id
    seen = destination(partner_id).id
    owner = Actor(user_id=destination(partner_id).changed_by)
    change_partner_destination(partner_id, OTHER_NUMBER, HOLDER, by=owner)

    for shown in (seen, None):
        with pytest.raises(Conflict):
            deciding.approve(january, shown, by=admin)

    assert settlement(january).status is S.PENDING


@pytest.mark.covers("STL-11")
def test_whoever_raised_the_amount_by_a_correction_does_not_approve_it(
    db_session: Database, admin: Actor
) -> None:
    """One person could otherwise note any amount for a house they know, and pay it out."""
    partner = make_house()[0]
    deciding.correct(partner.id, 500_000, "a dinner that was forgotten", new_id(), by=admin)
    january = settled(partner)
    assert settlement(january).payable_minor == 516_000

    with pytest.raises(Forbidden):
        approve(january, admin)

    assert settlement(january).status is S.PENDING
    approve(january, acting(make_admin()))
    assert settlement(january).status is S.APPROVED


@pytest.mark.covers("STL-11")
def test_whoever_lowered_the_amount_may_approve_what_is_left(db_session: Database, admin: Actor) -> None:
    partner = make_house()[0]
    deciding.correct(partner.id, -1_000, "a gift counted twice", new_id(), by=admin)

    assert approve(settled(partner), admin).payable_minor == 15_000


@pytest.mark.covers("STL-08", "STL-11")
def test_there_is_nothing_to_approve_in_what_is_carried(db_session: Database, admin: Actor) -> None:
    carried = settled(make_house()[0], served=5_000)

    with pytest.raises(Conflict):
        approve(carried, admin)


def test_nobody_is_paid_who_has_not_said_where(january: UUID, admin: Actor) -> None:
    destination(settlement(january).partner_id).is_default = False

    with pytest.raises(Conflict):
        approve(january, admin)


@pytest.mark.covers("STL-11", "PAY-22")
def test_two_admins_and_six_more_at_once_order_one_payout(
    committed_db: Database, wave: RunningSandbox, app: Flask, clock: Clock
) -> None:
    january = settled(make_house()[0])
    admins = [acting(make_admin()) for _ in range(8)]
    db.session.commit()
    clock.travel(noon(2, 2))

    def approving(admin: Actor) -> Callable[[], Any]:
        return lambda: in_transaction(lambda: approve(january, admin).id)

    assert set(at_once(app, [approving(admin) for admin in admins])) == {january}
    run_follow_ups(PAY_JOB)

    assert committed_db.execute(select(func.count()).select_from(Payout)).scalar_one() == 1
    assert wave.payouts_for(payout_of(january).idempotency_key) == 1
    assert settlement(january).status is S.PAID
    assert owed(january) == Balance()
    assert books_are_right()


@pytest.mark.covers("STL-05", "STL-11")
def test_a_completed_payout_marks_the_settlement_paid_with_its_reference(
    committed_db: Database, wave: RunningSandbox, clock: Clock
) -> None:
    january = settled(make_house()[0])
    owner = destination(settlement(january).partner_id).changed_by
    db.session.commit()
    paid_at = clock.travel(noon(2, 2))
    approved(january, an_admin())

    for _ in range(3):
        run_follow_ups(PAY_JOB)
        pay_one(str(payout_of(january).id))
        poll_payouts()

    row = settlement(january)
    assert (row.status, row.paid_at) == (S.PAID, paid_at)
    assert row.payment_reference == payout_of(january).transaction_reference
    assert row.payment_reference is not None
    assert row.payment_reference.startswith("pt-")
    told = committed_db.execute(
        select(func.count())
        .select_from(Notification)
        .where(
            Notification.user_id == owner,
            Notification.event_key.startswith(f"settlement:{january}:settlement_paid:"),
        )
    ).scalar_one()
    assert told == 1
    assert owed(january) == Balance()
    assert ledger_agrees(row.partner_id)


@pytest.mark.covers("STL-11", "PAY-22")
def test_a_worker_killed_after_wave_paid_leaves_a_settlement_that_becomes_paid(
    committed_db: Database, wave: RunningSandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire(monkeypatch)
    january = settled(make_house()[0])
    db.session.commit()
    clock.travel(noon(2, 2))
    approved(january, an_admin())
    with killed_after_asking(monkeypatch), pytest.raises(Killed):
        pay_one(str(payout_of(january).id))
    assert settlement(january).status is S.APPROVED
    clock.advance(seconds=61)

    poll_payouts()

    assert settlement(january).status is S.PAID
    assert wave.payouts_for(payout_of(january).idempotency_key) == 1
    assert len(set(wire.bodies)) == 1


@pytest.mark.covers("STL-11", "PO-09", "PO-12")
def test_a_refused_payment_is_tried_again_and_then_the_settlement_is_paid(
    committed_db: Database, wave: RunningSandbox, clock: Clock
) -> None:
    wave.arm("payout.create", "refuse", code="recipient-account-blocked")
    january = settled(make_house()[0])
    db.session.commit()
    clock.travel(noon(2, 2))
    approved(january, an_admin())
    run_follow_ups(PAY_JOB)
    assert (settlement(january).status, payout_of(january).status) == (S.APPROVED, PayoutStatus.FAILED)
    assert owed(january) == Balance(posted=16_000)

    second = an_admin()
    with transaction(second):
        pay_anew(payout_of(january).id, by=second)
    run_follow_ups(PAY_JOB)

    assert settlement(january).status is S.PAID
    assert payout_of(january).attempt == 2
    assert books_are_right()


@pytest.mark.covers("STL-11", "PO-12")
def test_a_stopped_payment_of_an_approved_settlement_can_be_started_again(
    january: UUID, admin: Actor
) -> None:
    approve(january, admin)
    cancel_payout(payout_of(january).id, "let us wait a day", by=admin)
    assert owed(january) == Balance(posted=16_000)

    pay_anew(payout_of(january).id, by=admin)

    assert payout_of(january).status is PayoutStatus.PENDING
    assert owed(january).pending_out == 16_000


@pytest.mark.covers("STL-04")
def test_a_settlement_moves_along_the_declared_steps_only() -> None:
    allowed = {
        (before.value, after.value) for before in S for after in S if SETTLEMENT_STEPS.allows(before, after)
    }
    assert allowed == {
        ("pending", "approved"),
        ("pending", "disputed"),
        ("approved", "paid"),
        ("approved", "disputed"),
        ("paid", "approved"),
        ("disputed", "pending"),
        ("disputed", "approved"),
    }
