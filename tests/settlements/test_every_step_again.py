"""Whatever step of a settlement is run again, and whoever dies over it, nothing changes twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session, scoped_session

from portal.kernel.db import db, in_transaction, transaction
from portal.kernel.errors import Conflict, DomainError, Forbidden
from portal.payouts import outcomes
from portal.payouts.destinations import change_partner_destination
from portal.payouts.jobs import pay_one, poll_payouts
from portal.payouts.services import PAY_JOB
from portal.settlements import deciding
from portal.settlements.jobs import compute_settlements
from portal.settlements.models import SettlementStatus
from tests.factories.redeemed import serve
from tests.harness.house import acting, make_admin
from tests.harness.moments import Clock
from tests.harness.together import at_once
from tests.payouts.world import HOLDER, OTHER_NUMBER, Killed, books_are_right, destination, run_follow_ups
from tests.sandbox.running import RunningSandbox
from tests.settlements.world import (
    approve,
    ledger_agrees,
    make_house,
    noon,
    payout_of,
    settlement,
    settlements,
)

Database = scoped_session[Session]

# All that a settlement leaves behind; times of looking are no change.
_TRACES = {
    "settlements": "SELECT id, status, payable_minor, carried_out_minor, payout_id, approved_by, paid_at,"
    " payment_reference FROM partner_settlements ORDER BY id",
    "running totals": "SELECT id, settlement_id, revenue_minor, partner_share_minor FROM partner_periods ORDER BY id",
    "payouts": "SELECT id, status, amount_minor, fee_minor, attempt, idempotency_key FROM payouts ORDER BY id",
    "corrections": "SELECT id, amount_minor, settlement_id FROM settlement_adjustments ORDER BY id",
    "entries": "SELECT id, account_id, amount_minor FROM ledger_entries ORDER BY id",
    "transfers": "SELECT id, status FROM ledger_transfers ORDER BY id",
    "history": "SELECT id, entity_id, to_status FROM status_history ORDER BY id",
    "trail": "SELECT id, action FROM audit_logs ORDER BY id",
    "messages": "SELECT id, event_key FROM notifications ORDER BY id",
}


def traces() -> dict[str, list[Any]]:
    """Everything of it, as the database has it."""
    with transaction() as session:
        return {what: [tuple(row) for row in session.execute(text(sql))] for what, sql in _TRACES.items()}


def again(step: Callable[[], Any]) -> None:
    """Do a step, then twice more; the second and third time must leave no trace."""
    step()
    left = traces()
    for _time in range(2):
        try:
            step()
        except DomainError:
            db.session.rollback()
        assert traces() == left


@pytest.mark.covers("STL-07", "STL-11", "PAY-22")
def test_every_step_run_three_times_is_run_once(
    committed_db: Database, wave: RunningSandbox, clock: Clock
) -> None:
    with transaction():
        partner, _owner = make_house()
        partner_id = partner.id
        serve(partner, 20_000, at=noon(1, 5))
        admin, other = acting(make_admin()), acting(make_admin())
    clock.travel(noon(2, 1))

    again(compute_settlements)
    january = settlements(partner_id)[0].id
    again(lambda: in_transaction(lambda: deciding.dispute(january, partner_id, "one is missing", by=admin)))
    again(lambda: in_transaction(lambda: deciding.resolve(january, "found it", 500, by=admin)))
    again(lambda: in_transaction(lambda: approve(january, other).id))
    again(lambda: run_follow_ups(PAY_JOB))
    payout_id = payout_of(january).id
    again(lambda: pay_one(str(payout_id)))
    again(poll_payouts)
    again(lambda: in_transaction(lambda: deciding.mark_paid(payout_of(january))))

    assert settlement(january).status is SettlementStatus.PAID
    assert wave.payouts_for(payout_of(january).idempotency_key) == 1
    assert books_are_right()
    assert ledger_agrees(partner_id)


@pytest.mark.covers("STL-11")
def test_an_admin_who_changes_the_number_while_others_approve_never_pays_that_number(
    committed_db: Database, app: Flask, clock: Clock
) -> None:
    with transaction():
        partner, _owner = make_house()
        partner_id = partner.id
        serve(partner, 20_000, at=noon(1, 5))
        changer = acting(make_admin())
        others = [acting(make_admin()) for _ in range(3)]
    clock.travel(noon(2, 1))
    compute_settlements()
    january = settlements(partner_id)[0].id
    old = destination(partner_id).id
    db.session.commit()

    def change_and_approve() -> str:
        def work() -> None:
            change_partner_destination(partner_id, OTHER_NUMBER, HOLDER, by=changer)

        in_transaction(work, changer)
        try:
            in_transaction(lambda: approve(january, changer), changer)
        except (Forbidden, Conflict):
            return "refused"
        return "approved"

    def approve_what_was_seen(by: Any) -> Callable[[], str]:
        def work() -> str:
            try:
                in_transaction(lambda: deciding.approve(january, old, by=by), by)
            except (Forbidden, Conflict):
                return "refused"
            return "approved"

        return work

    at_once(app, [change_and_approve, *[approve_what_was_seen(by) for by in others]])

    row = settlement(january)
    # Whoever came first: nobody approved the new number, and the changer approved nothing.
    assert row.status in (SettlementStatus.APPROVED, SettlementStatus.PENDING)
    assert row.approved_by != changer.user_id
    if row.status is SettlementStatus.APPROVED:
        assert payout_of(january).payment_method_id == old


@pytest.mark.covers("STL-07", "STL-09", "PAY-08")
def test_a_worker_that_dies_while_it_settles_leaves_the_period_open(
    committed_db: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        partner, _owner = make_house()
        partner_id = partner.id
        serve(partner, 20_000, at=noon(1, 5))
    clock.travel(noon(2, 1))
    before = traces()

    def die(*_args: Any, **_named: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("portal.settlements.computing._post_correction", die)
        with pytest.raises(Killed):
            compute_settlements()
    assert traces() == before

    compute_settlements()

    assert [row.payable_minor for row in settlements(partner_id)] == [16_000]
    assert ledger_agrees(partner_id)


@pytest.mark.covers("STL-05", "STL-11", "PAY-08")
def test_an_admin_whose_connection_dies_over_an_approval_has_approved_nothing(
    committed_db: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        partner, _owner = make_house()
        partner_id = partner.id
        serve(partner, 20_000, at=noon(1, 5))
        admin = acting(make_admin())
    clock.travel(noon(2, 1))
    compute_settlements()
    january = settlements(partner_id)[0].id
    before = traces()

    def die(*_args: Any, **_named: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("portal.settlements.deciding.record", die)
        with pytest.raises(Killed):
            in_transaction(lambda: approve(january, admin), admin)
    assert traces() == before

    in_transaction(lambda: approve(january, admin), admin)
    payout = payout_of(january)
    assert (payout.amount_minor, settlement(january).approved_by) == (16_000, admin.user_id)
    assert outcomes.claim(payout.id) is not None
