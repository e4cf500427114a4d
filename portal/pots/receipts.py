"""What a donor asks about a gift: how far it is, the receipt, the gifts given before (DON-16)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from portal.identity.models import User, UserStatus
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, SortKey, paginate
from portal.payments.models import PaymentTransaction, Refund, RefundStatus
from portal.people.models import Profile
from portal.pots.counting import ARRIVED_LATE
from portal.pots.models import Donation, DonationStatus, Pot
from portal.pots.policies import collects

_TOKEN_LENGTH = 50
_LINK = re.compile(r"(/g/|[?&;]again=)[\w-]{16,}")
_MASK = "hidden"


class Progress(StrEnum):
    """How far a gift is, in the words a donor needs."""

    WAITING = "waiting"
    PAID = "paid"
    CHECKED = "checked"
    TOO_LATE = "too_late"
    RETURNING = "returning"
    RETURNED = "returned"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class GiftPage:
    """A gift as its donor sees it."""

    donation: Donation
    pot: Pot
    owner_name: str
    payment: PaymentTransaction | None
    progress: Progress
    owner_is_active: bool

    @property
    def takes_gifts(self) -> bool:
        """Whether the donor may still be sent to pay: the pot collects, and nobody has closed its owner's account."""
        return self.owner_is_active and collects(self.pot)

    @property
    def has_receipt(self) -> bool:
        """Whether the money arrived."""
        return self.donation.confirmed_at is not None

    @property
    def receipt_number(self) -> str:
        """The random end of the gift's id, short enough to read out."""
        digits = self.donation.id.hex[-12:].upper()
        return f"{digits[:4]}-{digits[4:8]}-{digits[8:]}"


def gift_page(token: str) -> GiftPage:
    """The gift of a receipt link, in one statement. Raises `NotFound`."""
    returning = exists().where(
        Refund.donation_id == Donation.id, Refund.status.in_((RefundStatus.PENDING, RefundStatus.PROCESSING))
    )
    row = db.session.execute(
        select(
            Donation,
            Pot,
            Profile.full_name,
            Profile.display_name,
            PaymentTransaction,
            returning,
            User.status == UserStatus.ACTIVE,
        )
        .join(Pot, Pot.id == Donation.pot_id)
        .join(User, User.id == Pot.owner_user_id)
        .join(Profile, Profile.user_id == Pot.owner_user_id)
        .outerjoin(PaymentTransaction, PaymentTransaction.id == Donation.payment_transaction_id)
        .where(Donation.receipt_token == token[:_TOKEN_LENGTH])
    ).one_or_none()
    if row is None:
        raise NotFound
    donation, pot, full_name, display_name, payment, is_returning, owner_is_active = row
    return GiftPage(
        donation=donation,
        pot=pot,
        owner_name=display_name or full_name.split()[0],
        payment=payment,
        progress=_progress(donation, is_returning),
        owner_is_active=owner_is_active,
    )


def gift_to_repeat(token: str | None, pot_id: UUID) -> Donation | None:
    """The unpaid gift that somebody wants to give again; its link is the proof that it is theirs."""
    if not token:
        return None
    return db.session.execute(
        select(Donation).where(
            Donation.receipt_token == token[:_TOKEN_LENGTH],
            Donation.pot_id == pot_id,
            Donation.status == DonationStatus.FAILED,
        )
    ).scalar_one_or_none()


def my_gifts(user_id: UUID, cursor: str | None) -> Page[Any]:
    """The gifts a person has given while signed in, newest first, each with its pot's title and owner."""
    return paginate(
        select(Donation, Pot.title, Profile.full_name)
        .join(Pot, Pot.id == Donation.pot_id)
        .join(Profile, Profile.user_id == Pot.owner_user_id)
        .where(Donation.donor_user_id == user_id),
        [SortKey(Donation.initiated_at), SortKey(Donation.id)],
        cursor,
    )


def links_masked_in(text: str) -> str:
    """The text with every link to a receipt masked: whoever has one is taken for the donor."""
    return _LINK.sub(rf"\1{_MASK}", text)


def _progress(donation: Donation, is_returning: bool) -> Progress:
    match donation.status:
        case DonationStatus.REFUNDED:
            return Progress.RETURNED
        case DonationStatus.FAILED:
            return Progress.FAILED if donation.payment_transaction_id else Progress.REFUSED
        case DonationStatus.SUCCEEDED if donation.is_held:
            if ARRIVED_LATE in donation.risk_signals:
                return Progress.TOO_LATE
            return Progress.RETURNING if is_returning else Progress.CHECKED
        case DonationStatus.SUCCEEDED:
            return Progress.RETURNING if is_returning else Progress.PAID
        case _:
            return Progress.WAITING
