"""A gift's payment has an answer: what becomes of the gift, and of the pot (DON-11 to DON-14, POT-17).

1. Payments confirms the money once, under the payment's lock, and tells this room (`gift_paid`).
2. The pot is locked, so that gifts arriving together are counted one after the other.
3. The gift's transfer is posted with its own key: a repeat finds it and moves nothing.
4. A risky gift, and one for somebody whose account is closed, is posted as pending: the money is here, but
   neither the pot nor its total has it until an admin has looked (`release_gift`) or has sent it back.
5. Money that arrives when the pot no longer collects is held in the same way and sent back by itself.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from portal.audit.services import record
from portal.config.values import RISK_HOLD, value_of
from portal.identity.models import User, UserStatus
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.i18n import _
from portal.kernel.states import advance
from portal.ledger import services as ledger
from portal.ledger.accounts import pot_funds, provider_clearing
from portal.ledger.models import Transfer, TransferStatus
from portal.ledger.services import Cause
from portal.payments.models import PaymentTransaction, RefundReason
from portal.payments.refunds import running_refund
from portal.pots import telling
from portal.pots.events import donation_succeeded
from portal.pots.finding import lock_pot
from portal.pots.models import Donation, DonationStatus, Pot
from portal.pots.policies import collects
from portal.pots.returning import return_gift
from portal.pots.totals import recount

ARRIVED_LATE = "arrived_late"
_PAID = (DonationStatus.SUCCEEDED, DonationStatus.REFUNDED)


def gift_paid(payment: PaymentTransaction, *, by: Actor) -> None:
    """Count the gift of a payment that succeeded; a second call changes nothing (DON-14, DON-20)."""
    pot, donation = _locked(payment.source_id)
    if donation.status in _PAID:
        return
    is_late = not collects(pot)
    donation.is_held = is_late or donation.risk_score >= value_of(RISK_HOLD) or not _owner_is_active(pot)
    _post(donation, pot, payment, by)
    advance(donation, DonationStatus.SUCCEEDED, by=by)
    db.session.flush()
    if is_late:
        _send_back(donation, pot, by)
    elif donation.is_held:
        telling.gift_is_checked(donation, pot, by=by)
    else:
        _count(donation, pot, by)


def gift_failed(payment: PaymentTransaction, *, by: Actor) -> None:
    """Note that a gift's payment ended unpaid; later proof may still turn it to succeeded (DON-23)."""
    donation = _locked_gift(payment.source_id)
    if donation.status in (DonationStatus.PENDING, DonationStatus.PROCESSING):
        advance(donation, DonationStatus.FAILED, by=by, reason=payment.failure_code)
        donation.failed_at = clock.now()


def release_gift(donation_id: UUID, *, reason: str, by: Actor) -> None:
    """An admin has looked at a held gift: it counts from now on (DON-11).

    Raises `Conflict` when it is not held, when its refund is under way, or when the pot no longer collects.
    """
    pot, donation = _locked(donation_id)
    if not donation.is_held:
        raise Conflict(_("This gift is not held."))
    if not collects(pot):
        raise Conflict(_("The pot no longer collects, so this gift can only go back to its donor."))
    if donation.payment_transaction_id and running_refund(donation.payment_transaction_id):
        raise Conflict(_("A refund of this gift is under way."))
    if donation.transfer_id is not None:
        ledger.settle(donation.transfer_id, by=by)
    donation.is_held = False
    record("donation_released", ("donations", donation.id), by=by, reason=reason)
    _count(donation, pot, by)


def refund_gift(donation_id: UUID, reason: RefundReason, *, description: str, by: Actor) -> None:
    """Send one gift back to its donor, by an admin's decision (DON-29).

    Raises `NotFound`; `Conflict` when it was not paid, its refund is under way, or the pot has spent it.
    """
    donation = db.session.get(Donation, donation_id)
    if donation is None:
        raise NotFound
    if donation.status is not DonationStatus.SUCCEEDED:
        raise Conflict(_("Only a gift that has arrived and is not refunded yet can be refunded."))
    return_gift(donation, reason, description, by=by)


def _owner_is_active(pot: Pot) -> bool:
    return db.session.get_one(User, pot.owner_user_id).status is UserStatus.ACTIVE


def _post(donation: Donation, pot: Pot, payment: PaymentTransaction, by: Actor) -> None:
    moved = ledger.move(
        provider_clearing(payment.provider_id),
        pot_funds(pot.id),
        donation.amount_minor,
        Cause("donation", "donations", donation.id, f"donation:{donation.id}:succeeded"),
        by=by,
        pending=donation.is_held,
    )
    payment.transfer_id = donation.transfer_id = moved.transfer_id
    donation.wave_transaction_id = payment.provider_reference
    donation.wave_webhook_data = {
        "checkout_session": payment.provider_session_id,
        "transaction": payment.provider_reference,
        "launch_url": payment.payment_url,
        **payment.provider_data,
    }
    donation.wave_notified_at = clock.now()
    donation.confirmed_at = payment.succeeded_at
    donation.failed_at = None


def _count(donation: Donation, pot: Pot, by: Actor) -> None:
    is_first = not _has_earlier_gift(pot, donation)
    recount(pot, by=by)
    donation_succeeded.send(donation, pot=pot, first=is_first, by=by)
    telling.gift_arrived(donation, pot, by=by)


def _has_earlier_gift(pot: Pot, donation: Donation) -> bool:
    """Whether another gift was counted before, even if it has gone back since."""
    earlier = (
        select(Donation.id)
        .join(Transfer, Transfer.id == Donation.transfer_id)
        .where(
            Donation.pot_id == pot.id,
            Donation.id != donation.id,
            Transfer.status == TransferStatus.POSTED,
        )
    )
    return db.session.execute(earlier.limit(1)).scalar() is not None


def _send_back(donation: Donation, pot: Pot, by: Actor) -> None:
    donation.risk_signals = donation.risk_signals | {ARRIVED_LATE: {"seen": 1, "points": 0}}
    return_gift(donation, RefundReason.CANCELED, by=by)
    telling.gift_came_too_late(donation, pot, by=by)


def _locked(donation_id: UUID) -> tuple[Pot, Donation]:
    """The gift and its pot, the pot locked first. Raises `NotFound`."""
    pot_id = db.session.execute(
        select(Donation.pot_id).where(Donation.id == donation_id)
    ).scalar_one_or_none()
    if pot_id is None:
        raise NotFound
    return lock_pot(pot_id), _locked_gift(donation_id)


def _locked_gift(donation_id: UUID) -> Donation:
    donation = db.session.get(Donation, donation_id, with_for_update=True, populate_existing=True)
    if donation is None:
        raise NotFound
    return donation
