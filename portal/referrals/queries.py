"""What can be asked of word of mouth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, or_, select

from portal.config.values import INVITATIONS_PER_DAY, value_of
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, SortKey, paginate
from portal.ledger.accounts import user_points
from portal.ledger.queries import Balance, balance
from portal.people.models import Profile
from portal.pots.models import Pot, PotStatus
from portal.referrals.models import (
    BatchStatus,
    InvitationStatus,
    PointAward,
    PointsConversion,
    Referral,
    ReferralClick,
    SponsorContact,
    SponsorContactBatch,
    SponsorDailyLimit,
)

EXPORT_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Places:
    """How many invitations are left today, and when the count begins anew (REF-43)."""

    sent: int
    limit: int
    resets_at: datetime
    lifetime: int
    active_days: int

    @property
    def left(self) -> int:
        """Invitations that can still be sent today."""
        return self.limit - self.sent


@dataclass(frozen=True, slots=True)
class SponsorScore:
    """A sponsor's dashboard."""

    code: str
    invited: int
    accepted: int
    open: int
    clicks: int
    points: Balance
    spent: int
    places: Places
    recent: list[Referral]


def sponsor_dashboard(sponsor_id: UUID) -> SponsorScore:
    """Everything on the sponsor's first page, in six statements (REF-32, REF-43, REF-61)."""
    status = Referral.invitation_status
    brought = Referral.accepted_at.is_not(None)
    code, invited, accepted, still_open = db.session.execute(
        select(
            User.referral_code,
            func.count(Referral.id),
            func.count(Referral.id).filter(brought),
            func.count(Referral.id).filter(
                status == InvitationStatus.SENT, Referral.expires_at > clock.now()
            ),
        )
        .outerjoin(Referral, Referral.referrer_id == User.id)
        .where(User.id == sponsor_id)
        .group_by(User.id)
    ).one()
    clicks = db.session.execute(
        select(func.count()).select_from(ReferralClick).where(ReferralClick.owner_user_id == sponsor_id)
    ).scalar_one()
    spent = db.session.execute(
        select(func.coalesce(func.sum(PointsConversion.points_converted), 0)).where(
            PointsConversion.sponsor_user_id == sponsor_id
        )
    ).scalar_one()
    recent = db.session.execute(
        select(Referral).where(Referral.referrer_id == sponsor_id).order_by(Referral.id.desc()).limit(5)
    ).scalars()
    return SponsorScore(
        code=code,
        invited=invited,
        accepted=accepted,
        open=still_open,
        clicks=clicks,
        points=balance(user_points(sponsor_id)),
        spent=int(spent),
        places=places_today(sponsor_id),
        recent=list(recent),
    )


def places_today(sponsor_id: UUID) -> Places:
    """Today's counter, read without making a row."""
    row = db.session.execute(
        select(SponsorDailyLimit)
        .where(SponsorDailyLimit.sponsor_user_id == sponsor_id)
        .order_by(SponsorDailyLimit.limit_date.desc())
        .limit(1)
    ).scalar_one_or_none()
    tomorrow = clock.start_of_tomorrow()
    if row is None:
        return Places(0, value_of(INVITATIONS_PER_DAY), tomorrow, 0, 0)
    if row.limit_date != clock.today():
        return Places(0, value_of(INVITATIONS_PER_DAY), tomorrow, row.total_lifetime_invitations, 0)
    return Places(
        row.invitations_sent_today,
        row.max_invitations_per_day,
        row.next_reset_at,
        row.total_lifetime_invitations,
        row.consecutive_active_days,
    )


def invitations(
    sponsor_id: UUID, status: InvitationStatus | None, search: str, cursor: str | None
) -> Page[Referral]:
    """A sponsor's referrals, newest first, by state and by name or address (REF-32)."""
    return paginate(
        _matching(select(Referral).where(Referral.referrer_id == sponsor_id), status, search),
        [SortKey(Referral.id)],
        cursor,
    )


def all_invitations(sponsor_id: UUID) -> list[Referral]:
    """As `invitations`, whole, for a file."""
    statement = select(Referral).where(Referral.referrer_id == sponsor_id).order_by(Referral.id.desc())
    return list(db.session.execute(statement.limit(EXPORT_LIMIT)).scalars())


def every_referral(status: InvitationStatus | None, search: str, cursor: str | None) -> Page[Any]:
    """All referrals with their sponsor's name, for admins."""
    statement = select(Referral, Profile.full_name).join(Profile, Profile.user_id == Referral.referrer_id)
    return paginate(_matching(statement, status, search), [SortKey(Referral.id)], cursor)


def referral_stats(sponsor_id: UUID) -> list[Any]:
    """Counts by state and month, newest month first (REF-31: getReferralStats)."""
    month = func.to_char(func.timezone("Africa/Dakar", Referral.created_at), "YYYY-MM")
    state = case((Referral.invitation_status.is_(None), "link"), else_=Referral.invitation_status)
    return list(
        db.session.execute(
            select(month.label("month"), state.label("state"), func.count().label("count"))
            .where(Referral.referrer_id == sponsor_id)
            .group_by(month, state)
            .order_by(month.desc(), state)
        )
    )


def contacts(sponsor_id: UUID, search: str, cursor: str | None) -> Page[SponsorContact]:
    """The contact list in its order."""
    statement = select(SponsorContact).where(SponsorContact.sponsor_user_id == sponsor_id)
    if search:
        like = f"%{_escaped(search)}%"
        statement = statement.where(
            or_(
                SponsorContact.name.ilike(like),
                SponsorContact.phone.ilike(like),
                SponsorContact.email.ilike(like),
            )
        )
    return paginate(statement, [SortKey(SponsorContact.position, descending=False)], cursor)


def contact_of(contact_id: UUID, sponsor_id: UUID) -> SponsorContact:
    """One contact of the sponsor's own list. Raises `NotFound`."""
    row = db.session.execute(
        select(SponsorContact).where(
            SponsorContact.id == contact_id, SponsorContact.sponsor_user_id == sponsor_id
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def open_batch_of(sponsor_id: UUID) -> SponsorContactBatch | None:
    """The batch that waits for a decision, if there is one."""
    return db.session.execute(
        select(SponsorContactBatch)
        .where(
            SponsorContactBatch.sponsor_user_id == sponsor_id,
            SponsorContactBatch.status.in_([BatchStatus.PENDING, BatchStatus.SELECTED]),
        )
        .order_by(SponsorContactBatch.id.desc())
        .limit(1)
    ).scalar_one_or_none()


def batch_of(batch_id: UUID, sponsor_id: UUID) -> SponsorContactBatch:
    """One batch of the sponsor's own. Raises `NotFound`."""
    row = db.session.execute(
        select(SponsorContactBatch).where(
            SponsorContactBatch.id == batch_id, SponsorContactBatch.sponsor_user_id == sponsor_id
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def awards(sponsor_id: UUID, cursor: str | None) -> Page[Any]:
    """Points with the friend they came from, newest first (REF-61)."""
    return paginate(
        select(PointAward, Profile.full_name)
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
            .limit(20)
        )
    )


def pots_for_points(sponsor_id: UUID) -> list[Any]:
    """Pots a sponsor may put points into: their own, and those of friends they brought (REF-66)."""
    friends = select(Referral.referred_user_id).where(
        Referral.referrer_id == sponsor_id, Referral.accepted_at.is_not(None)
    )
    return list(
        db.session.execute(
            select(Pot.id, Pot.title, Profile.full_name)
            .join(Profile, Profile.user_id == Pot.owner_user_id)
            .where(
                Pot.status.in_([PotStatus.OPEN, PotStatus.FUNDED]),
                or_(Pot.owner_user_id == sponsor_id, Pot.owner_user_id.in_(friends)),
            )
            .order_by(Pot.birthday_date)
            .limit(100)
        )
    )


def _matching(
    statement: Select[*tuple[Any, ...]], status: InvitationStatus | None, search: str
) -> Select[*tuple[Any, ...]]:
    if status is not None:
        statement = statement.where(Referral.invitation_status == status)
    if search:
        like = f"%{_escaped(search)}%"
        statement = statement.where(
            or_(
                Referral.referred_name.ilike(like),
                Referral.referred_email.ilike(like),
                Referral.referred_phone.ilike(like),
            )
        )
    return statement


def _escaped(search: str) -> str:
    return search[:100].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("\x00", "")
