"""What sponsors ask about their invitations and contacts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, or_, select

from portal.config.values import POINTS_MINIMUM, value_of
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.pages import public_url
from portal.kernel.paging import Filter, Page, SortKey, paginate
from portal.ledger.accounts import user_points
from portal.ledger.queries import Balance, balance
from portal.people.ages import Birthdays, Missing
from portal.people.models import Profile
from portal.people.seeing import name_shown_to
from portal.referrals.batches import OPEN
from portal.referrals.limits import Places, places_today
from portal.referrals.models import (
    InvitationStatus,
    PointsConversion,
    Referral,
    ReferralClick,
    SponsorContact,
    SponsorContactBatch,
)
from portal.referrals.policies import Standing, stands

EXPORT_LIMIT = 20_000
_LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class ReferralFilter(Filter):
    """What a list of referrals is narrowed to."""

    standing: Standing | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """A sponsor's first page; points as the ledger has them, and those already put into pots."""

    first_name: str
    missing: Missing | None
    personal_link: str
    invited: int
    accepted: int
    open: int
    clicks: int
    contacts: int
    has_open_batch: bool
    points: Balance
    spent: int
    minimum: int
    places: Places
    recent: list[Any]

    @property
    def earned(self) -> int:
        """Every point that has matured or is on its way."""
        return self.points.posted + self.points.pending_in + self.spent


def score(sponsor_id: UUID) -> Score:
    """The sponsor's dashboard, in five statements (REF-32, REF-43, REF-61)."""
    own = db.session.execute(_sums(sponsor_id)).one()
    recent = db.session.execute(_with_friend(sponsor_id).order_by(Referral.id.desc()).limit(5))
    return Score(
        first_name=own.full_name.split()[0],
        missing=Birthdays(own.date_of_birth, own.date_of_birth or own.stated_birthday).missing,
        personal_link=personal_link(own.referral_code),
        invited=own.invited,
        accepted=own.accepted,
        open=own.open,
        clicks=own.clicks,
        contacts=own.contacts,
        has_open_batch=own.has_open_batch,
        points=balance(user_points(sponsor_id)),
        spent=int(own.spent),
        minimum=value_of(POINTS_MINIMUM),
        places=places_today(sponsor_id),
        recent=[tuple(row) for row in recent],
    )


def personal_link(code: str) -> str:
    """The address that a sponsor shares."""
    return public_url(f"/r/{code}")


def own_link(sponsor_id: UUID) -> tuple[str, Missing | None]:
    """A sponsor's personal link, and what is missing before they may invite (R-08)."""
    code, kept, said = db.session.execute(
        select(User.referral_code, Profile.date_of_birth, Profile.stated_birthday)
        .join(Profile, Profile.user_id == User.id)
        .where(User.id == sponsor_id)
    ).one()
    return personal_link(code), Birthdays(kept, kept or said).missing


def invitations(sponsor_id: UUID, wanted: ReferralFilter, cursor: str | None) -> Page[Any]:
    """A sponsor's referrals, newest first, each a row of referral and friend's name (REF-32)."""
    return paginate(narrowed(_with_friend(sponsor_id), wanted), [SortKey(Referral.id)], cursor)


def invitation_rows(sponsor_id: UUID, wanted: ReferralFilter) -> list[Any]:
    """As `invitations`, whole, for a file."""
    statement = narrowed(_with_friend(sponsor_id), wanted).order_by(Referral.id.desc())
    return list(db.session.execute(statement.limit(EXPORT_LIMIT)))


def standings(sponsor_id: UUID) -> dict[Standing, int]:
    """How many of a sponsor's referrals stand how (REF-32)."""
    counts = [func.count().filter(stands(one)) for one in Standing]
    row = db.session.execute(select(*counts).where(Referral.referrer_id == sponsor_id)).one()
    return dict(zip(Standing, row, strict=True))


def referral_stats(sponsor_id: UUID) -> list[Any]:
    """Counts by month and state, newest month first (REF-31: getReferralStats)."""
    month = func.to_char(func.timezone(str(clock.PLATFORM_ZONE), Referral.created_at), "YYYY-MM")
    state = func.coalesce(
        Referral.invitation_status, case((Referral.accepted_at.is_(None), "link")), "accepted"
    )
    rows = (
        select(month.label("month"), state.label("state"), func.count().label("count"))
        .where(Referral.referrer_id == sponsor_id)
        .group_by("month", "state")
        .order_by(month.desc(), state)
    )
    return list(db.session.execute(rows))


def contacts(sponsor_id: UUID, words: str | None, cursor: str | None) -> Page[Any]:
    """The contact list in its order, each with the time of an invitation that is still open."""
    asked_at = (
        select(func.max(Referral.sent_at))
        .where(
            Referral.referrer_id == sponsor_id,
            Referral.invitation_status == InvitationStatus.SENT,
            or_(
                Referral.referred_phone == SponsorContact.phone,
                func.lower(Referral.referred_email) == SponsorContact.email,
            ),
        )
        .scalar_subquery()
    )
    statement = _listed(select(SponsorContact, asked_at), sponsor_id, words)
    return paginate(statement, [SortKey(SponsorContact.position, descending=False)], cursor)


def contact_rows(sponsor_id: UUID, words: str | None) -> list[Any]:
    """Name, phone and e-mail of the whole list in its order, for a file."""
    columns = select(SponsorContact.name, SponsorContact.phone, SponsorContact.email)
    statement = _listed(columns, sponsor_id, words).order_by(SponsorContact.position)
    return list(db.session.execute(statement.limit(EXPORT_LIMIT)))


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


def batches(sponsor_id: UUID, cursor: str | None) -> Page[SponsorContactBatch]:
    """A sponsor's batches, newest first."""
    statement = select(SponsorContactBatch).where(SponsorContactBatch.sponsor_user_id == sponsor_id)
    return paginate(statement, [SortKey(SponsorContactBatch.id)], cursor)


def contacts_left(sponsor_id: UUID, start: int) -> int:
    """How many contacts have not been in a batch, from position `start` on."""
    return db.session.execute(
        select(func.count())
        .select_from(SponsorContact)
        .where(SponsorContact.sponsor_user_id == sponsor_id, SponsorContact.position >= start)
    ).scalar_one()


def narrowed(statement: Select[*tuple[Any, ...]], wanted: ReferralFilter) -> Select[*tuple[Any, ...]]:
    """The referrals of `statement` that fit."""
    if wanted.standing is not None:
        statement = statement.where(stands(wanted.standing))
    if wanted.words:
        like = containing(wanted.words)
        columns = (Referral.referred_name, Referral.referred_email, Referral.referred_phone)
        statement = statement.where(or_(*(column.ilike(like) for column in columns)))
    return statement


def containing(words: str) -> str:
    """A pattern for texts with these words in them, whatever signs they hold."""
    plain = words[:_LONGEST_SEARCH].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"


def _listed(
    statement: Select[*tuple[Any, ...]], sponsor_id: UUID, words: str | None
) -> Select[*tuple[Any, ...]]:
    statement = statement.where(SponsorContact.sponsor_user_id == sponsor_id)
    if words:
        like = containing(words)
        columns = (SponsorContact.name, SponsorContact.phone, SponsorContact.email)
        statement = statement.where(or_(*(column.ilike(like) for column in columns)))
    return statement


def _with_friend(sponsor_id: UUID) -> Select[*tuple[Any, ...]]:
    return (
        select(Referral, name_shown_to(sponsor_id))
        .outerjoin(Profile, Profile.user_id == Referral.referred_user_id)
        .where(Referral.referrer_id == sponsor_id)
    )


def _sums(sponsor_id: UUID) -> Select[*tuple[Any, ...]]:
    """The sponsor's own facts and every count of the dashboard, each counted apart (M-01)."""
    referrals = select(
        func.count().label("invited"),
        func.count().filter(stands(Standing.ACCEPTED)).label("accepted"),
        func.count().filter(stands(Standing.OPEN)).label("open"),
    ).where(Referral.referrer_id == sponsor_id)
    counted = referrals.subquery()
    clicks = select(func.count()).where(ReferralClick.owner_user_id == sponsor_id)
    listed = select(func.count()).where(SponsorContact.sponsor_user_id == sponsor_id)
    spent = select(func.coalesce(func.sum(PointsConversion.points_converted), 0)).where(
        PointsConversion.sponsor_user_id == sponsor_id
    )
    waiting = select(SponsorContactBatch.id).where(
        SponsorContactBatch.sponsor_user_id == sponsor_id, SponsorContactBatch.status.in_(OPEN)
    )
    return (
        select(
            User.referral_code,
            Profile.full_name,
            Profile.date_of_birth,
            Profile.stated_birthday,
            counted,
            clicks.scalar_subquery().label("clicks"),
            listed.scalar_subquery().label("contacts"),
            spent.scalar_subquery().label("spent"),
            waiting.exists().label("has_open_batch"),
        )
        .join(Profile, Profile.user_id == User.id)
        .join(counted, User.id == sponsor_id)
    )
