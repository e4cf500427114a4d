"""Giving to a pot: from the form to the door of the payment provider (DON-01, DON-09, DON-16).

1. Every form shown carries a key of its own. A double click, a reload or a second tab sends the same key and
   finds the first gift; the database holds one gift for each.
2. The gift is scored before anything is paid: from one height on it is refused, and kept as refused; from a
   lower one it will be held once it is paid (G-16).
3. The gift and its payment are written together. Everything after that belongs to payments, until its
   signal comes back to `counting.py`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from portal.config.values import DONATION_MAX, DONATION_MIN, RISK_REFUSE, value_of
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.i18n import _
from portal.kernel.ids import new_id, random_token
from portal.kernel.money import Money, francs
from portal.kernel.names import person_name
from portal.kernel.phones import to_e164
from portal.kernel.states import advance, remember
from portal.payments.models import TransactionType
from portal.payments.services import start_payment
from portal.people.models import UserLocation
from portal.pots.models import Donation, DonationStatus, Pot
from portal.pots.policies import collects
from portal.pots.risk import Assessment, Attempt, assess

MAX_NAME = 100
MAX_MESSAGE = 500
MAX_KEY = 64


@dataclass(frozen=True, slots=True)
class Gift:
    """What a donor fills in; `amount_minor` in XOF, `phone` as people write it."""

    amount_minor: int
    name: str | None = None
    message: str | None = None
    email: str | None = None
    phone: str | None = None
    is_anonymous: bool = False
    show_amount: bool = True


def give(
    pot_id: UUID, gift: Gift, *, form_key: str, donor_user_id: UUID | None, locale: str, by: Actor
) -> Donation:
    """The gift of this form and its payment, made once (DON-16).

    A gift that looks too risky comes back as failed, without a payment. Raises `NotFound`; `Conflict` when
    the pot takes no gifts now; `InvalidInput` for an amount out of bounds or a missing name.
    """
    pot = db.session.get(Pot, pot_id)
    if pot is None:
        raise NotFound
    gift = _checked(gift, pot)
    key = _submission_key(pot_id, form_key, gift.amount_minor)
    made = _gift_of_form(key)
    if made is not None:
        return _rewritten(made, gift)
    if not collects(pot):
        raise Conflict(_("This pot does not take gifts now."))
    donation = _write(pot, gift, key, donor_user_id, locale, by)
    if donation is None:
        return db.session.execute(select(Donation).where(Donation.submission_key == key)).scalar_one()
    if donation.risk_score >= value_of(RISK_REFUSE):
        _refuse(donation, by)
    else:
        _start_payment(donation, by)
    return donation


def sent_to_pay(donation_id: UUID, *, by: Actor) -> None:
    """The donor is on the way to the provider; harmless for a gift that has moved on (R-37)."""
    donation = db.session.get(Donation, donation_id, with_for_update=True, populate_existing=True)
    if donation is not None and donation.status is DonationStatus.PENDING:
        advance(donation, DonationStatus.PROCESSING, by=by)


def _checked(gift: Gift, pot: Pot) -> Gift:
    """The gift as the pot's settings allow it."""
    low, high = value_of(DONATION_MIN), value_of(DONATION_MAX)
    if not low <= gift.amount_minor <= high:
        raise InvalidInput(
            _("Please choose an amount from %(low)s to %(high)s.", low=francs(low), high=francs(high)),
            field="amount",
        )
    is_anonymous = gift.is_anonymous and pot.allow_anonymous_donations
    if not gift.name and not is_anonymous:
        raise InvalidInput(
            _("Please tell us your name, so that the birthday person knows whom to thank."), field="name"
        )
    return Gift(
        amount_minor=gift.amount_minor,
        name=person_name(gift.name, "name", MAX_NAME) if gift.name else None,
        message=gift.message if pot.enable_messages else None,
        email=gift.email,
        phone=to_e164(gift.phone) if gift.phone else None,
        is_anonymous=is_anonymous,
        show_amount=gift.show_amount,
    )


def _submission_key(pot_id: UUID, form_key: str, amount_minor: int) -> str:
    """One gift for each form and amount: who goes back and changes the amount means another gift."""
    return hashlib.sha256(f"{pot_id}:{form_key}:{amount_minor}".encode()).hexdigest()


def _gift_of_form(key: str) -> Donation | None:
    return db.session.execute(select(Donation).where(Donation.submission_key == key)).scalar_one_or_none()


def _rewritten(donation: Donation, gift: Gift) -> Donation:
    """The first gift of the form with its words as they are now, as long as it is not paid."""
    if donation.status in (DonationStatus.PENDING, DonationStatus.PROCESSING):
        donation.donor_name, donation.donation_message = gift.name, gift.message
        donation.donor_email, donation.donor_phone = gift.email, gift.phone
        donation.is_anonymous, donation.show_amount = gift.is_anonymous, gift.show_amount
    return donation


def _write(
    pot: Pot, gift: Gift, key: str, donor_user_id: UUID | None, locale: str, by: Actor
) -> Donation | None:
    """The new row; None when the same form has written one at the same moment."""
    risk = _risk_of(gift, donor_user_id, pot, by)
    row = {
        "id": new_id(),
        "pot_id": pot.id,
        "donor_user_id": donor_user_id,
        "donor_name": gift.name,
        "donor_phone": gift.phone,
        "donor_email": gift.email,
        "donor_region": _region_of(donor_user_id),
        "amount_minor": gift.amount_minor,
        "donation_message": gift.message,
        "is_anonymous": gift.is_anonymous,
        "show_amount": gift.show_amount,
        "status": DonationStatus.PENDING,
        "receipt_token": random_token(24),
        "submission_key": key,
        "ip_address": by.ip,
        "user_agent": by.user_agent,
        "risk_score": risk.score,
        "risk_signals": risk.signals,
        "locale": locale,
        "initiated_at": clock.now(),
        "created_by": by.user_id,
    }
    written = db.session.execute(
        insert(Donation)
        .values(row)
        .on_conflict_do_nothing(index_elements=["submission_key"])
        .returning(Donation.id)
    ).scalar()
    if written is None:
        return None
    remember("donations", written, "status", None, DonationStatus.PENDING, by=by)
    return db.session.get_one(Donation, written)


def _risk_of(gift: Gift, donor_user_id: UUID | None, pot: Pot, by: Actor) -> Assessment:
    return assess(
        Attempt(
            amount_minor=gift.amount_minor,
            phone=gift.phone,
            donor_user_id=donor_user_id,
            owner_user_id=pot.owner_user_id,
            ip=by.ip,
            user_agent=by.user_agent,
        )
    )


def _start_payment(donation: Donation, by: Actor) -> None:
    payment = start_payment(
        TransactionType.DONATION,
        Money(donation.amount_minor, donation.currency),
        (Donation.__tablename__, donation.id),
        payer_user_id=donation.donor_user_id,
        success_path=f"/g/{donation.receipt_token}",
        error_path=f"/g/{donation.receipt_token}",
        payer_phone=donation.donor_phone,
        by=by,
    )
    donation.payment_transaction_id = payment.id
    db.session.flush()


def _refuse(donation: Donation, by: Actor) -> None:
    advance(donation, DonationStatus.FAILED, by=by, reason="risk")
    donation.failed_at = clock.now()


def _region_of(donor_user_id: UUID | None) -> str | None:
    if donor_user_id is None:
        return None
    return db.session.execute(
        select(UserLocation.region).where(UserLocation.user_id == donor_user_id)
    ).scalar_one_or_none()
