"""Approving, disputing and resolving settlements; two people are needed before money leaves."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from portal.audit.services import record
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from portal.kernel.i18n import _
from portal.kernel.money import MAX_AMOUNT_MINOR, Money
from portal.kernel.states import advance
from portal.ledger.accounts import partner_payable
from portal.payments.models import MethodUse, PaymentMethod
from portal.payouts.models import Payout, PayoutStatus
from portal.payouts.services import Payee, cancel_payout, order_payout, retry_payout
from portal.settlements.events import (
    settlement_approved,
    settlement_disputed,
    settlement_paid,
    settlement_resolved,
)
from portal.settlements.models import PartnerSettlement, SettlementAdjustment, SettlementStatus

MAX_REASON = 500


def approve(settlement_id: UUID, *, by: Actor) -> PartnerSettlement:
    """Release a settlement for payment; a repeat changes nothing (STL-05, STL-11).

    Raises `Forbidden` for the person who last changed where the partner's money goes, `Conflict` when
    there is nothing to pay or nowhere to pay it, `IllegalTransition` from another state.
    """
    settlement = _locked(settlement_id)
    if settlement.status in (SettlementStatus.APPROVED, SettlementStatus.PAID):
        return settlement
    if settlement.is_carried:
        raise Conflict(_("This amount is carried to the next settlement; there is nothing to pay."))
    method = _approved_destination(settlement.partner_id, by)
    advance(settlement, SettlementStatus.APPROVED, by=by)
    settlement.approved_by = by.user_id
    settlement.approved_at = clock.now()
    settlement.payout_id = _pay(settlement, method, by).id
    record("settlement_approved", ("partner_settlements", settlement.id), by=by)
    settlement_approved.send(settlement, by=by)
    return settlement


def retry_payment(settlement_id: UUID, *, by: Actor) -> None:
    """Pay an approved settlement whose payout failed, to the destination in force now."""
    settlement = _locked(settlement_id)
    payout = _payout_of(settlement)
    if settlement.status is not SettlementStatus.APPROVED or payout is None:
        raise Conflict(_("There is no failed payment to try again."))
    if payout.status is not PayoutStatus.FAILED:
        raise Conflict(_("This payment is already on its way."))
    method = _approved_destination(settlement.partner_id, by)
    retry_payout(payout.id, partner_payable(settlement.partner_id), method, by=by)


def dispute(settlement_id: UUID, partner_id: UUID, reason: str, *, by: Actor) -> None:
    """A partner says that a settlement is wrong; a payment that has not begun is stopped (STL-10).

    Raises `NotFound` for another partner's settlement, `Conflict` once the payment is on its way.
    """
    settlement = _locked(settlement_id)
    if settlement.partner_id != partner_id:
        raise NotFound
    reason = _checked(reason)
    payout = _payout_of(settlement)
    if settlement.status is SettlementStatus.APPROVED and payout is not None:
        _stop(payout, reason, by)
        settlement.payout_id = None
    settlement.dispute_reason = reason
    settlement.disputed_by = by.user_id
    settlement.disputed_at = clock.now()
    db.session.flush()
    advance(settlement, SettlementStatus.DISPUTED, by=by, reason=reason)
    record("settlement_disputed", ("partner_settlements", settlement.id), by=by, reason=reason)
    settlement_disputed.send(settlement, by=by)


def resolve(settlement_id: UUID, resolution: str, correction: int, *, by: Actor) -> None:
    """Answer a dispute; a correction (XOF, either sign) enters the next settlement.

    The settlement itself is the sum of ledger entries and stays as it is; it goes back to be approved.
    """
    settlement = _locked(settlement_id)
    resolution = _checked(resolution)
    advance(settlement, SettlementStatus.PENDING, by=by, reason=resolution)
    settlement.resolution = resolution
    settlement.resolved_by = by.user_id
    settlement.resolved_at = clock.now()
    settlement.approved_by = settlement.approved_at = None
    if correction:
        correct(settlement.partner_id, correction, resolution, by=by)
    record("settlement_resolved", ("partner_settlements", settlement.id), by=by, reason=resolution)
    settlement_resolved.send(settlement, by=by)


def correct(partner_id: UUID, amount: int, reason: str, *, by: Actor) -> None:
    """Note a correction for the partner's next settlement, in XOF: positive is theirs, negative ours."""
    if not 0 < abs(amount) <= MAX_AMOUNT_MINOR:
        raise InvalidInput(_("Please enter an amount other than zero."), field="correction")
    db.session.add(SettlementAdjustment(partner_id=partner_id, amount_minor=amount, reason=_checked(reason)))
    record("settlement_corrected", ("partners", partner_id), by=by, new={"amount": amount}, reason=reason)


def mark_paid(payout: Payout) -> None:
    """The payout of a settlement has arrived. Harmless twice."""
    settlement = _locked(payout.source_id)
    if settlement.status is SettlementStatus.PAID:
        return
    settlement.paid_at = payout.completed_at
    settlement.payment_reference = (payout.transaction_reference or "")[:100]
    db.session.flush()
    advance(settlement, SettlementStatus.PAID, by=SYSTEM)
    settlement_paid.send(settlement, by=SYSTEM)


def destination_of(partner_id: UUID) -> PaymentMethod | None:
    """Where a partner is paid, None when they have not said."""
    return db.session.execute(
        select(PaymentMethod).where(
            PaymentMethod.partner_id == partner_id,
            PaymentMethod.use == MethodUse.RECEIVE,
            PaymentMethod.is_default,
            PaymentMethod.is_active,
        )
    ).scalar_one_or_none()


def _approved_destination(partner_id: UUID, by: Actor) -> PaymentMethod:
    method = destination_of(partner_id)
    if method is None:
        raise Conflict(_("This partner has not said where to be paid."))
    if by.user_id is None or method.changed_by == by.user_id:
        raise Forbidden(
            _("You changed where this partner is paid, so another administrator has to approve the payment.")
        )
    return method


def _pay(settlement: PartnerSettlement, method: PaymentMethod, by: Actor) -> Payout:
    account = partner_payable(settlement.partner_id)
    canceled = db.session.execute(
        select(Payout).where(Payout.source_type == "partner_settlements", Payout.source_id == settlement.id)
    ).scalar_one_or_none()
    if canceled is not None:
        return retry_payout(canceled.id, account, method, by=by)
    return order_payout(
        Payee(account, method, partner_id=settlement.partner_id),
        Money(settlement.payable_minor, settlement.currency),
        ("partner_settlements", settlement.id),
        by=by,
    )


def _stop(payout: Payout, reason: str, by: Actor) -> None:
    if payout.status is PayoutStatus.PENDING:
        cancel_payout(payout.id, reason=reason, by=by)
    elif payout.status is not PayoutStatus.FAILED:
        raise Conflict(_("The payment is already on its way; please write to us after it has arrived."))


def _payout_of(settlement: PartnerSettlement) -> Payout | None:
    return db.session.get(Payout, settlement.payout_id) if settlement.payout_id else None


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not 3 <= len(reason) <= MAX_REASON:
        raise InvalidInput(
            _("Please say why, in 3 to %(limit)s characters.", limit=MAX_REASON), field="reason"
        )
    return reason


def _locked(settlement_id: UUID) -> PartnerSettlement:
    settlement = db.session.get(
        PartnerSettlement, settlement_id, with_for_update=True, populate_existing=True
    )
    if settlement is None:
        raise NotFound
    return settlement
