"""Approving, disputing and resolving settlements; two people are needed before money leaves."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from portal.audit.services import record
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from portal.kernel.i18n import _
from portal.kernel.ids import new_id
from portal.kernel.money import MAX_AMOUNT_MINOR, Money
from portal.kernel.states import advance
from portal.partners.models import Partner
from portal.payments.models import PaymentMethod
from portal.payouts.destinations import approved_destination, why_another_decides
from portal.payouts.models import Payout, PayoutStatus
from portal.payouts.services import cancel_payout, locked_payout, newest_payout, order_payout, retry_payout
from portal.settlements.events import (
    settlement_disputed,
    settlement_paid,
    settlement_payment_reversed,
    settlement_resolved,
)
from portal.settlements.models import PartnerSettlement, SettlementAdjustment, SettlementStatus
from portal.settlements.papers import Paper, file_later

MAX_REASON = 500
RESOURCE = PartnerSettlement.__tablename__


def approve(settlement_id: UUID, destination_id: UUID | None, *, by: Actor) -> PartnerSettlement:
    """Release a settlement for payment to the destination that was looked at; a repeat changes nothing.

    STL-05, STL-11. Raises `NotFound`; `Forbidden` for the person who last changed where the partner's money
    goes, who belongs to the partner, or who has raised this very amount by a correction; `Conflict` when
    there is nothing to pay, nowhere to pay it, the destination has changed meanwhile, or an objection is
    open; `InsufficientFunds`.
    """
    settlement = _locked_with_payout(settlement_id)
    if settlement.status in (SettlementStatus.APPROVED, SettlementStatus.PAID):
        return settlement
    if settlement.status is SettlementStatus.DISPUTED:
        raise Conflict(_("The partner's objection has to be answered first."))
    if settlement.is_carried:
        raise Conflict(_("This amount is carried to the next settlement; there is nothing to pay."))
    method = approved_destination(destination_id, partner_id=settlement.partner_id, by=by)
    corrections = db.session.scalars(
        select(SettlementAdjustment).where(SettlementAdjustment.settlement_id == settlement.id)
    )
    why_not = why_another_approves(corrections, method, by)
    if why_not is not None:
        raise Forbidden(why_not)
    advance(settlement, SettlementStatus.APPROVED, by=by)
    settlement.approved_by = by.user_id
    settlement.approved_at = clock.now()
    settlement.payout_id = _pay(settlement, method, by).id
    record("settlement_approved", (RESOURCE, settlement.id), by=by, new={"destination": method.label})
    return settlement


def why_another_approves(
    corrections: Iterable[SettlementAdjustment], method: PaymentMethod, by: Actor
) -> str | None:
    """Why this person may not release a settlement with these corrections; None for one who may.

    Who has written a correction that makes the amount larger would otherwise decide alone what is paid.
    """
    if any(one.amount_minor > 0 and one.created_by == by.user_id for one in corrections):
        return _("You raised this amount by a correction, so another administrator has to decide.")
    return why_another_decides(method, by)


def dispute(settlement_id: UUID, partner_id: UUID, reason: str, *, by: Actor) -> None:
    """A partner says that a settlement is wrong; a payment that has not begun is stopped (STL-10).

    Raises `NotFound` for another partner's settlement, `Conflict` once the payment is on its way.
    """
    settlement = _locked_with_payout(settlement_id)
    if settlement.partner_id != partner_id:
        raise NotFound
    reason = _checked(reason)
    if settlement.status is SettlementStatus.DISPUTED:
        raise Conflict(_("Your objection is with us already; we answer it here."))
    if settlement.status is SettlementStatus.PAID:
        raise Conflict(_("This settlement has been paid. Please [[write to us]]."))
    if settlement.payout_id is not None:
        _stop(settlement.payout_id, reason, by)
    settlement.dispute_reason = reason
    settlement.disputed_by = by.user_id
    settlement.disputed_at = clock.now()
    settlement.resolution = settlement.resolved_by = settlement.resolved_at = None
    advance(settlement, SettlementStatus.DISPUTED, by=by, reason=reason)
    record("settlement_disputed", (RESOURCE, settlement.id), by=by, reason=reason)
    settlement_disputed.send(settlement, by=by)


def resolve(settlement_id: UUID, resolution: str, correction: int, *, by: Actor) -> None:
    """Answer a dispute; a correction (XOF, either sign, 0 for none) enters the next settlement.

    The settlement itself is the sum of ledger entries and stays as it is; it goes back to be approved.
    Raises `NotFound`, `IllegalTransition` when there is no open dispute.
    """
    settlement = locked_settlement(settlement_id)
    resolution = _checked(resolution)
    advance(settlement, SettlementStatus.PENDING, by=by, reason=resolution)
    settlement.resolution = resolution
    settlement.resolved_by = by.user_id
    settlement.resolved_at = clock.now()
    settlement.approved_by = settlement.approved_at = None
    if correction:
        correct(settlement.partner_id, correction, resolution, new_id(), by=by)
    record("settlement_resolved", (RESOURCE, settlement.id), by=by, reason=resolution)
    settlement_resolved.send(settlement, by=by)


def correct(partner_id: UUID, amount: int, reason: str, correction_id: UUID, *, by: Actor) -> None:
    """Note a correction for the partner's next settlement, in XOF: positive is theirs, negative ours.

    The same `correction_id` again changes nothing. Raises `NotFound`, `InvalidInput`.
    """
    if not 0 < abs(amount) <= MAX_AMOUNT_MINOR:
        raise InvalidInput(_("Please enter an amount other than zero."), field="correction")
    if db.session.get(Partner, partner_id) is None:
        raise NotFound
    reason = _checked(reason)
    statement = insert(SettlementAdjustment).values(
        id=correction_id, partner_id=partner_id, amount_minor=amount, reason=reason, created_by=by.user_id
    )
    once = statement.on_conflict_do_nothing(index_elements=["id"]).returning(SettlementAdjustment.id)
    if db.session.execute(once).scalar() is not None:
        record("settlement_corrected", ("partners", partner_id), by=by, new={"amount": amount}, reason=reason)


def mark_paid(payout: Payout) -> None:
    """The payout of a settlement has arrived. Harmless twice."""
    settlement = locked_settlement(payout.source_id)
    if settlement.status is SettlementStatus.PAID:
        return
    settlement.paid_at = payout.completed_at
    settlement.payment_reference = (payout.transaction_reference or "")[:100]
    advance(settlement, SettlementStatus.PAID, by=SYSTEM)
    file_later(settlement, Paper.RECEIPT, occasion=f":{payout.attempt}")
    settlement_paid.send(settlement, by=SYSTEM)


def mark_unpaid(payout: Payout) -> None:
    """The settlement's money was taken back: it is approved and owed again, its payout to be tried anew."""
    settlement = locked_settlement(payout.source_id)
    advance(settlement, SettlementStatus.APPROVED, by=SYSTEM, reason=payout.failure_code)
    settlement.paid_at = settlement.payment_reference = settlement.receipt_file_id = None
    db.session.flush()
    settlement_payment_reversed.send(settlement, by=SYSTEM)


def follow_payout(payout: Payout) -> None:
    """Another payout stands for the settlement from now on."""
    locked_settlement(payout.source_id).payout_id = payout.id


def locked_settlement(settlement_id: UUID) -> PartnerSettlement:
    """The settlement as it is now, for this transaction alone. Raises `NotFound`."""
    # Reading anew forgets what has not been written yet.
    db.session.flush()
    settlement = db.session.get(
        PartnerSettlement, settlement_id, with_for_update=True, populate_existing=True
    )
    if settlement is None:
        raise NotFound
    return settlement


def _locked_with_payout(settlement_id: UUID) -> PartnerSettlement:
    """The settlement after its payout: a payout that arrives takes the two locks in this order."""
    payout_id = db.session.execute(
        select(PartnerSettlement.payout_id).where(PartnerSettlement.id == settlement_id)
    ).scalar()
    if payout_id is not None:
        locked_payout(payout_id)
    return locked_settlement(settlement_id)


def _pay(settlement: PartnerSettlement, method: PaymentMethod, by: Actor) -> Payout:
    """The settlement's payout; a dispute may have stopped one before, then another takes its place."""
    source = (RESOURCE, settlement.id)
    before = newest_payout(source)
    if before is not None:
        return retry_payout(before.id, method.id, by=by)
    amount = Money(settlement.payable_minor, settlement.currency)
    return order_payout(amount, method, source, f"Teranga {settlement.invoice_number}", by=by)


def _stop(payout_id: UUID, reason: str, by: Actor) -> None:
    payout = locked_payout(payout_id)
    if payout.status is PayoutStatus.PENDING:
        cancel_payout(payout_id, reason, by=by)
    elif payout.status not in (PayoutStatus.FAILED, PayoutStatus.CANCELED):
        raise Conflict(_("The payment is already on its way. Please [[write to us]] once it has arrived."))


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not 3 <= len(reason) <= MAX_REASON:
        raise InvalidInput(
            _("Please say why, in 3 to %(limit)s characters.", limit=MAX_REASON), field="reason"
        )
    return reason
