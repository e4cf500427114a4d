"""Gifts on their way back to their donors: what this room does around a refund of payments.

A counted gift is promised back by a pending transfer out of the pot, final once the provider has confirmed.
A gift that is still held never reached the pot: its own pending transfer is called off instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select

from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.i18n import _
from portal.kernel.states import advance
from portal.ledger import services as ledger
from portal.ledger.accounts import provider_clearing
from portal.ledger.errors import InsufficientFunds
from portal.ledger.services import Cause
from portal.payments.models import (
    PaymentStatus,
    PaymentTransaction,
    Refund,
    RefundReason,
    RefundStatus,
)
from portal.payments.refunds import refund_key, request_refund, running_refund
from portal.pots import telling, unreturned
from portal.pots.events import donation_refunded
from portal.pots.finding import lock_pot
from portal.pots.models import Donation, DonationStatus, Pot
from portal.pots.totals import recount


@dataclass(frozen=True, slots=True)
class Returnable:
    """A counted gift and what of it has not gone back yet, in XOF."""

    donation: Donation
    amount_minor: int


def gifts_to_return(pot: Pot) -> list[Returnable]:
    """The pot's counted gifts that no refund is under way for, in the order in which they arrived."""
    under_way = exists().where(
        Refund.payment_transaction_id == PaymentTransaction.id,
        Refund.status.in_((RefundStatus.PENDING, RefundStatus.PROCESSING)),
    )
    rows = db.session.execute(
        select(Donation, PaymentTransaction.amount_minor - PaymentTransaction.refunded_minor)
        .join(PaymentTransaction, PaymentTransaction.id == Donation.payment_transaction_id)
        .where(
            Donation.pot_id == pot.id,
            Donation.status == DonationStatus.SUCCEEDED,
            Donation.is_held.is_(False),
            ~under_way,
        )
        .order_by(Donation.confirmed_at, Donation.id)
    )
    return [Returnable(donation, left) for donation, left in rows]


def give_back(gifts: Iterable[Returnable], reason: RefundReason, *, by: Actor) -> None:
    """Ask for the refund of each gift; one that cannot be asked for is kept for its donor.

    Raises `Conflict` when the pot no longer holds one of them.
    """
    for gift in gifts:
        try:
            with db.session.begin_nested():
                _ask(gift.donation, reason, None, by)
        except InvalidInput as refused:
            unreturned.keep_unaskable(gift.donation, gift.amount_minor, refused.message, by=by)


def return_gift(
    donation: Donation, reason: RefundReason, description: str | None = None, *, by: Actor
) -> None:
    """Ask for the refund of one gift; nothing when its refund is under way (DON-29).

    Raises `Conflict` when the gift was not paid, or when the pot no longer holds the money.
    """
    payment_id = donation.payment_transaction_id
    if payment_id is None:
        raise Conflict(_("This gift was never paid, so there is nothing to give back."))
    if running_refund(payment_id) is None:
        _ask(donation, reason, description, by)


def set_aside(refund: Refund, *, by: Actor) -> None:
    """Promise the money of a requested refund back (reconciliation §6).

    Raises `Conflict` when the pot has spent it, or when a part of a held gift is asked for.
    """
    donation = gift_of(refund, lock=True)
    if donation is None:
        return
    if donation.is_held:
        if refund.amount_minor != donation.amount_minor:
            raise Conflict(_("A gift that is held goes back as a whole."))
        return
    cause = Cause("donation_refund", "refunds", refund.id, refund_key(refund))
    try:
        moved = ledger.move(
            unreturned.source_of(donation, refund.amount_minor),
            provider_clearing(_payment_of(refund).provider_id),
            refund.amount_minor,
            cause,
            by=by,
            pending=True,
        )
    except InsufficientFunds:
        raise Conflict(
            _("The pot no longer holds this money: it became a pack or went to the owner's wallet.")
        ) from None
    refund.transfer_id = moved.transfer_id


def money_is_back(refund: Refund, *, by: Actor) -> None:
    """The provider has confirmed: make the movement final and count the pot anew (DON-28)."""
    donation = gift_of(refund)
    if donation is None:
        return
    pot = lock_pot(donation.pot_id)
    if refund.transfer_id is not None:
        ledger.settle(refund.transfer_id, by=by)
    elif donation.transfer_id is not None:
        ledger.void(donation.transfer_id, by=by)
    is_whole = _payment_of(refund).status is PaymentStatus.REFUNDED
    if is_whole:
        advance(donation, DonationStatus.REFUNDED, by=by, reason=refund.reason)
        donation.refunded_at = clock.now()
        donation.is_held = False
        db.session.flush()
    recount(pot, by=by)
    if is_whole:
        donation_refunded.send(donation, pot=pot, by=by)
    telling.gift_went_back(donation, pot, refund, by=by)


def money_stays(refund: Refund, *, by: Actor) -> None:
    """The provider refused: the promise is called off, and the money is the pot's again or kept for the donor."""
    donation = gift_of(refund)
    if refund.transfer_id is not None and donation is not None:
        ledger.void(refund.transfer_id, by=by)
        unreturned.keep_refused(donation, refund, by=by)


def gift_of(refund: Refund, *, lock: bool = False) -> Donation | None:
    """The gift that a refund is of, None for money that was never a counted gift."""
    if refund.donation_id is None:
        return None
    return db.session.get(Donation, refund.donation_id, with_for_update=lock or None, populate_existing=lock)


def _ask(donation: Donation, reason: RefundReason, description: str | None, by: Actor) -> None:
    payment_id: UUID = donation.payment_transaction_id  # type: ignore[assignment]  # a paid gift has one
    request_refund(payment_id, reason, description, donation_id=donation.id, by=by)


def _payment_of(refund: Refund) -> PaymentTransaction:
    return db.session.get_one(PaymentTransaction, refund.payment_transaction_id)
