"""What a payout leaves behind: answers, the audit trail, news for those who must know."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from portal.audit.models import AuditLog
from portal.kernel.db import transaction
from portal.ledger.queries import Balance
from portal.notifications.models import Notification
from portal.payouts import outcomes
from portal.payouts.models import PayoutStatus
from portal.payouts.services import PAY_JOB, ask_again
from tests.harness.house import acting
from tests.harness.moments import Clock
from tests.payouts.world import (
    an_admin,
    make_payee,
    order,
    owed,
    pay_anew,
    payout,
    run_follow_ups,
    sent,
    try_again,
)
from tests.sandbox.running import RunningSandbox

Database = scoped_session[Session]


@pytest.mark.covers("PO-12")
def test_an_operator_may_have_wave_asked_at_once(partner_id: UUID, wave: RunningSandbox) -> None:
    wave.arm("payout.create", "cut", moment="after")
    ordered = order(partner_id)
    run_follow_ups(PAY_JOB)

    operator = an_admin()
    with transaction():
        ask_again(ordered, by=operator)
    run_follow_ups(PAY_JOB)

    assert payout(ordered).status is PayoutStatus.COMPLETED
    assert sent(wave, ordered) == 1


@pytest.mark.covers("PO-12")
def test_what_wave_said_is_kept_attempt_by_attempt(
    partner_id: UUID, wave: RunningSandbox, clock: Clock
) -> None:
    wave.arm("payout.create", "refuse", code="insufficient-funds")
    ordered = order(partner_id)
    run_follow_ups(PAY_JOB)
    try_again(ordered)
    run_follow_ups(PAY_JOB)

    row = payout(ordered)
    told = [(one["attempt"], one["said"], one["reference"]) for one in row.provider_data["answers"]]
    assert told == [(1, "insufficient-funds", None), (2, "succeeded", row.transaction_reference)]


@pytest.mark.covers("PO-14")
def test_every_change_of_a_payout_is_in_the_audit_log(
    partner_id: UUID, wave: RunningSandbox, committed_db: Database
) -> None:
    wave.arm("payout.create", "refuse", code="insufficient-funds")
    ordered = order(partner_id)
    run_follow_ups(PAY_JOB)
    admin = an_admin()
    with transaction(admin):
        pay_anew(ordered, by=admin)
    run_follow_ups(PAY_JOB)

    trail = committed_db.execute(
        select(AuditLog.action, AuditLog.actor_user_id)
        .where(AuditLog.resource_type == "payouts", AuditLog.resource_id == ordered)
        .order_by(AuditLog.id)
    ).all()
    assert [tuple(line) for line in trail] == [
        ("payout_ordered", None),
        ("payout_started", None),
        ("payout_failed", None),
        ("payout_retried", admin.user_id),
        ("payout_started", None),
        ("payout_completed", None),
    ]


@pytest.mark.covers("PO-09")
def test_admins_hear_of_a_refusal_and_owners_when_their_own_account_is_the_cause(
    committed_db: Database, wave: RunningSandbox
) -> None:
    admin = an_admin()
    with transaction():
        partner, owner = make_payee()
        partner_id, owner_id = partner.id, acting(owner).user_id
    wave.arm("payout.create", "refuse", code="insufficient-funds", match={"receive_amount": "1000"})
    wave.arm("payout.create", "refuse", code="recipient-account-blocked", match={"receive_amount": "2000"})
    order(partner_id, 1000)
    order(partner_id, 2000)
    run_follow_ups(PAY_JOB)

    heard = committed_db.execute(
        select(Notification.user_id, Notification.title).where(Notification.event_key.like("payout:%:failed"))
    ).all()
    assert sum(user_id == admin.user_id for user_id, _title in heard) == 2
    told = [title for user_id, title in heard if user_id == owner_id]
    assert len(told) == 1
    assert "2\u202f000" in told[0]


@pytest.mark.covers("PAY-22")
def test_a_worker_that_comes_back_after_a_new_attempt_changes_nothing_and_is_heard(
    partner_id: UUID, wave: RunningSandbox, committed_db: Database
) -> None:
    admin = an_admin()
    wave.arm("payout.create", "refuse", code="insufficient-funds")
    ordered = order(partner_id)
    first_key = payout(ordered).idempotency_key
    run_follow_ups(PAY_JOB)
    try_again(ordered)

    with transaction():
        outcomes.fail(ordered, first_key, "late", "late")
        outcomes.note_unknown(ordered, first_key, "late")
        outcomes.complete(ordered, first_key, outcomes.Paid("pt-late", 250))

    assert payout(ordered).status is PayoutStatus.PENDING
    assert owed(partner_id) == Balance(posted=100_000, pending_out=25_000)
    told = committed_db.execute(
        select(Notification.event_key).where(Notification.user_id == admin.user_id)
    ).scalars()
    assert any("paid-after-its-end:pt-late" in key for key in told)
