"""What admins ask about pots and gifts: lists, one matter in full, sums by period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select

from portal.identity.models import User
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.models import StatusHistory
from portal.kernel.paging import Filter, Page, SortKey, paginate
from portal.payments.models import PaymentTransaction, Refund
from portal.people.models import Profile
from portal.pots.models import (
    Donation,
    DonationAnalytics,
    DonationStatus,
    PeriodType,
    Pot,
    PotStatus,
    Visibility,
)

MOST_EXPORTED = 10_000
_MOST_SHOWN = 100
_PERIODS_SHOWN = {PeriodType.DAILY: 31, PeriodType.WEEKLY: 26, PeriodType.MONTHLY: 24}


@dataclass(frozen=True, slots=True)
class PotFilter(Filter):
    """Which pots an admin looks for."""

    status: PotStatus | None = None
    visibility: Visibility | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class GiftFilter(Filter):
    """Which gifts an admin looks for."""

    status: DonationStatus | None = None
    only_held: bool = False
    pot_id: UUID | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class GiftDetail:
    """One gift with its pot, its payment, its refunds and its history, newest first."""

    donation: Donation
    pot: Pot
    payment: PaymentTransaction | None
    refunds: Sequence[Refund]
    history: Sequence[StatusHistory]


def pots_page(wanted: PotFilter, cursor: str | None) -> Page[Any]:
    """Pots with their owners' names, newest first."""
    return paginate(_pots(wanted), [SortKey(Pot.created_at), SortKey(Pot.id)], cursor)


def pots_rows(wanted: PotFilter) -> Sequence[Any]:
    """The same list as one file, at most `MOST_EXPORTED` rows."""
    ordered = _pots(wanted).order_by(Pot.created_at.desc(), Pot.id.desc()).limit(MOST_EXPORTED)
    return db.session.execute(ordered).all()


def gifts_page(wanted: GiftFilter, cursor: str | None) -> Page[Any]:
    """Gifts with the titles of their pots, newest first."""
    return paginate(_gifts(wanted), [SortKey(Donation.initiated_at), SortKey(Donation.id)], cursor)


def gifts_rows(wanted: GiftFilter) -> Sequence[Any]:
    """The same list as one file, at most `MOST_EXPORTED` rows."""
    ordered = _gifts(wanted).order_by(Donation.initiated_at.desc(), Donation.id.desc()).limit(MOST_EXPORTED)
    return db.session.execute(ordered).all()


def guest_contacts(gifts: Iterable[Donation]) -> list[str]:
    """Addresses and numbers of those among the donors who have no account."""
    guests = (gift for gift in gifts if gift.donor_user_id is None)
    return [one for gift in guests for one in (gift.donor_phone, gift.donor_email) if one]


def gift_detail(donation_id: UUID) -> GiftDetail:
    """One gift in full, in three statements. Raises `NotFound`."""
    row = db.session.execute(
        select(Donation, Pot, PaymentTransaction)
        .join(Pot, Pot.id == Donation.pot_id)
        .outerjoin(PaymentTransaction, PaymentTransaction.id == Donation.payment_transaction_id)
        .where(Donation.id == donation_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    donation, pot, payment = row
    refunds = select(Refund).where(Refund.donation_id == donation_id).order_by(Refund.created_at.desc())
    return GiftDetail(
        donation=donation,
        pot=pot,
        payment=payment,
        refunds=db.session.scalars(refunds.limit(_MOST_SHOWN)).all(),
        history=history_of(Donation.__tablename__, donation_id),
    )


def history_of(table: str, entity_id: UUID) -> Sequence[StatusHistory]:
    """Every step of a row, newest first."""
    return db.session.scalars(
        select(StatusHistory)
        .where(StatusHistory.entity_type == table, StatusHistory.entity_id == entity_id)
        .order_by(StatusHistory.occurred_at.desc(), StatusHistory.id.desc())
        .limit(_MOST_SHOWN)
    ).all()


def sums(kind: PeriodType) -> list[DonationAnalytics]:
    """The sums of the last periods of that kind, newest first (DON-34)."""
    return list(
        db.session.scalars(
            select(DonationAnalytics)
            .where(DonationAnalytics.period_type == kind)
            .order_by(DonationAnalytics.period_start.desc())
            .limit(_PERIODS_SHOWN[kind])
        )
    )


def _pots(wanted: PotFilter) -> Select[Pot, str]:
    statement = select(Pot, Profile.full_name).join(Profile, Profile.user_id == Pot.owner_user_id)
    if wanted.status is not None:
        statement = statement.where(Pot.status == wanted.status)
    if wanted.visibility is not None:
        statement = statement.where(Pot.visibility == wanted.visibility)
    if wanted.words:
        statement = statement.join(User, User.id == Pot.owner_user_id).where(
            or_(
                Pot.title.icontains(wanted.words, autoescape=True),
                Profile.full_name.icontains(wanted.words, autoescape=True),
                Pot.public_slug == wanted.words,
                User.phone == wanted.words,
            )
        )
    return statement


def _gifts(wanted: GiftFilter) -> Select[Donation, str]:
    statement = select(Donation, Pot.title).join(Pot, Pot.id == Donation.pot_id)
    if wanted.status is not None:
        statement = statement.where(Donation.status == wanted.status)
    if wanted.only_held:
        statement = statement.where(Donation.is_held)
    if wanted.pot_id is not None:
        statement = statement.where(Donation.pot_id == wanted.pot_id)
    if wanted.words:
        statement = statement.where(
            or_(
                Donation.donor_name.icontains(wanted.words, autoescape=True),
                Donation.donor_email.icontains(wanted.words, autoescape=True),
                Donation.donor_phone.icontains(wanted.words, autoescape=True),
                Pot.title.icontains(wanted.words, autoescape=True),
                Donation.wave_transaction_id == wanted.words,
            )
        )
    return statement
