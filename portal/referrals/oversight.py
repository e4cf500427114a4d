"""What admins ask about referrals and the people who send them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased

from portal.identity.models import User
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.models import StatusHistory
from portal.kernel.paging import Page, SortKey, paginate
from portal.ledger.accounts import user_points
from portal.ledger.queries import Balance, balance
from portal.people.models import Profile
from portal.referrals.limits import Places, places_today
from portal.referrals.models import PointAward, Referral, ReferralClick
from portal.referrals.policies import stands
from portal.referrals.queries import EXPORT_LIMIT, ReferralFilter, containing, referral_stats

_Sponsor = aliased(Profile)
_Friend = aliased(Profile)


@dataclass(frozen=True, slots=True)
class ReferralDetail:
    """One referral with everything that happened to it."""

    referral: Referral
    sponsor_name: str
    friend_name: str | None
    clicks: int
    story: list[StatusHistory]
    awards: list[PointAward]


@dataclass(frozen=True, slots=True)
class SponsorDetail:
    """One sponsor: today's places, points, counts by month and state."""

    user_id: UUID
    name: str
    places: Places
    points: Balance
    stats: list[Any]


def every_referral(wanted: ReferralFilter, cursor: str | None) -> Page[Any]:
    """All referrals, newest first, each a row of referral, sponsor's and friend's name."""
    return paginate(_every_referral(wanted), [SortKey(Referral.id)], cursor)


def referral_rows(wanted: ReferralFilter) -> list[Any]:
    """As `every_referral`, whole, for a file."""
    return list(db.session.execute(_every_referral(wanted).order_by(Referral.id.desc()).limit(EXPORT_LIMIT)))


def referral_detail(referral_id: UUID) -> ReferralDetail:
    """One referral, in three statements. Raises `NotFound`."""
    clicks = select(func.count()).where(ReferralClick.referral_id == Referral.id).scalar_subquery()
    row = db.session.execute(_rows().add_columns(clicks).where(Referral.id == referral_id)).one_or_none()
    if row is None:
        raise NotFound
    awards = select(PointAward).where(PointAward.referral_id == referral_id).order_by(PointAward.id)
    story = (
        select(StatusHistory)
        .where(StatusHistory.entity_type == "referrals", StatusHistory.entity_id == referral_id)
        .order_by(StatusHistory.occurred_at, StatusHistory.id)
    )
    return ReferralDetail(
        referral=row[0],
        sponsor_name=row[1],
        friend_name=row[2],
        clicks=row[3],
        story=list(db.session.scalars(story)),
        awards=list(db.session.scalars(awards)),
    )


def sponsor_detail(sponsor_id: UUID) -> SponsorDetail:
    """One sponsor, in four statements. Raises `NotFound`."""
    name = db.session.execute(
        select(Profile.full_name).join(User, User.id == Profile.user_id).where(User.id == sponsor_id)
    ).scalar_one_or_none()
    if name is None:
        raise NotFound
    return SponsorDetail(
        user_id=sponsor_id,
        name=name,
        places=places_today(sponsor_id),
        points=balance(user_points(sponsor_id)),
        stats=referral_stats(sponsor_id),
    )


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(Referral, _Sponsor.full_name, _Friend.full_name)
        .join(_Sponsor, _Sponsor.user_id == Referral.referrer_id)
        .outerjoin(_Friend, _Friend.user_id == Referral.referred_user_id)
    )


def _every_referral(wanted: ReferralFilter) -> Select[*tuple[Any, ...]]:
    statement = _rows()
    if wanted.standing is not None:
        statement = statement.where(stands(wanted.standing))
    if wanted.words:
        like = containing(wanted.words)
        columns = (
            _Sponsor.full_name,
            _Friend.full_name,
            Referral.referred_name,
            Referral.referred_email,
            Referral.referred_phone,
            Referral.referral_code,
        )
        statement = statement.where(or_(*(column.ilike(like) for column in columns)))
    return statement
