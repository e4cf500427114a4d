"""What sponsors and admins ask about points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, or_, select

from portal.config.values import POINTS_MINIMUM, POINTS_RATE, value_of
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.paging import Filter, Page, SortKey, paginate
from portal.ledger.accounts import user_points
from portal.ledger.queries import Balance, balance
from portal.people.models import Profile
from portal.people.seeing import name_shown_to
from portal.pots.models import Pot
from portal.pots.policies import LIVE
from portal.referrals.models import (
    AwardEvent,
    AwardStatus,
    PointAward,
    PointsConversion,
    Referral,
)
from portal.referrals.policies import within_reach
from portal.referrals.queries import EXPORT_LIMIT, containing

_LATEST = 20


@dataclass(frozen=True, slots=True)
class PointsPage:
    """A sponsor's points: pending, available, spent, with history (REF-61)."""

    balance: Balance
    spent: int
    minimum: int
    rate: Any
    awards: Page[Any]
    conversions: list[Any]
    pots: list[Any]

    @property
    def earned(self) -> int:
        """Every point that has matured or is on its way."""
        return self.balance.posted + self.balance.pending_in + self.spent

    @property
    def can_convert(self) -> bool:
        """Whether there are points enough and a pot to put them into."""
        return bool(self.pots) and self.balance.available >= self.minimum


@dataclass(frozen=True, slots=True)
class AwardFilter(Filter):
    """What the admins' list of awards is narrowed to."""

    status: AwardStatus | None = None
    event: AwardEvent | None = None
    words: str | None = None


def points_page(sponsor_id: UUID, cursor: str | None) -> PointsPage:
    """Everything on the sponsor's page of points, in six statements."""
    latest = conversions(sponsor_id)
    spent = db.session.execute(
        select(func.coalesce(func.sum(PointsConversion.points_converted), 0)).where(
            PointsConversion.sponsor_user_id == sponsor_id
        )
    ).scalar_one()
    return PointsPage(
        balance=balance(user_points(sponsor_id)),
        spent=int(spent),
        minimum=value_of(POINTS_MINIMUM),
        rate=value_of(POINTS_RATE),
        awards=awards(sponsor_id, cursor),
        conversions=latest,
        pots=pots_for_points(sponsor_id),
    )


def awards(sponsor_id: UUID, cursor: str | None) -> Page[Any]:
    """Points with the friend they came from, newest first; one's own welcome came from no friend."""
    own = Referral.referred_user_id == sponsor_id
    friend = case((own, None), else_=func.coalesce(Referral.referred_name, name_shown_to(sponsor_id)))
    return paginate(
        select(PointAward, friend)
        .outerjoin(Referral, Referral.id == PointAward.referral_id)
        .outerjoin(Profile, Profile.user_id == Referral.referred_user_id)
        .where(PointAward.sponsor_user_id == sponsor_id),
        [SortKey(PointAward.id)],
        cursor,
    )


def conversions(sponsor_id: UUID) -> list[Any]:
    """The latest conversions with the pots that received them."""
    return list(
        db.session.execute(
            select(PointsConversion, Pot.title)
            .join(Pot, Pot.id == PointsConversion.pot_id)
            .where(PointsConversion.sponsor_user_id == sponsor_id)
            .order_by(PointsConversion.id.desc())
            .limit(_LATEST)
        )
    )


def pots_for_points(sponsor_id: UUID) -> list[Any]:
    """Pots that take a sponsor's points now: id, title, owner as the pot's page names them, the next birthday first (REF-66)."""
    owner = func.coalesce(Profile.display_name, func.split_part(Profile.full_name, " ", 1))
    return list(
        db.session.execute(
            select(Pot.id, Pot.title, owner.label("owner_name"), Pot.owner_user_id)
            .join(Profile, Profile.user_id == Pot.owner_user_id)
            .where(Pot.status.in_(LIVE), Pot.birthday_date > clock.today(), within_reach(sponsor_id))
            .order_by(Pot.birthday_date, Pot.id)
            .limit(100)
        )
    )


def every_award(wanted: AwardFilter, cursor: str | None) -> Page[Any]:
    """All awards with their sponsor's name, newest first, for admins."""
    return paginate(_every_award(wanted), [SortKey(PointAward.id)], cursor)


def award_rows(wanted: AwardFilter) -> list[Any]:
    """As `every_award`, whole, for a file."""
    return list(db.session.execute(_every_award(wanted).order_by(PointAward.id.desc()).limit(EXPORT_LIMIT)))


def award_of(award_id: UUID) -> tuple[PointAward, str]:
    """One award and its sponsor's name. Raises `NotFound`."""
    statement = select(PointAward, Profile.full_name).join(
        Profile, Profile.user_id == PointAward.sponsor_user_id
    )
    row = db.session.execute(statement.where(PointAward.id == award_id)).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def _every_award(wanted: AwardFilter) -> Select[*tuple[Any, ...]]:
    statement = select(PointAward, Profile.full_name).join(
        Profile, Profile.user_id == PointAward.sponsor_user_id
    )
    if wanted.status is not None:
        statement = statement.where(PointAward.status == wanted.status)
    if wanted.event is not None:
        statement = statement.where(PointAward.event_type == wanted.event)
    if wanted.words:
        like = containing(wanted.words)
        statement = statement.where(or_(Profile.full_name.ilike(like), PointAward.revoke_reason.ilike(like)))
    return statement
