"""What can be asked of partners; every question starts from one partner or from an admin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select

from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.models import StatusHistory
from portal.kernel.paging import Filter, Page, SortKey, paginate
from portal.partners.models import Partner, PartnerMember, PartnerStatus, PartnerType, PartnerVenue
from portal.teams.accounts import profiles, users

MOST_EXPORTED = 10_000


@dataclass(frozen=True, slots=True)
class PartnerFilter(Filter):
    """What an admin looks for: a state, a kind of house, words of its name or contact."""

    status: PartnerStatus | None = None
    type: PartnerType | None = None
    words: str | None = None


def partner_facts(partner_id: UUID) -> Partner:
    """The partner's row. Raises `NotFound`."""
    partner = db.session.get(Partner, partner_id)
    if partner is None:
        raise NotFound
    return partner


def partner_names(partner_ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """Ids with names, by name: the choices of the switcher."""
    statement = select(Partner.id, Partner.name).where(Partner.id.in_(partner_ids)).order_by(Partner.name)
    return [(partner_id, name) for partner_id, name in db.session.execute(statement)]


def venues_page(partner_id: UUID, cursor: str | None) -> Page[PartnerVenue]:
    """A partner's places by name, closed ones too."""
    return paginate(
        select(PartnerVenue).where(PartnerVenue.partner_id == partner_id),
        [SortKey(PartnerVenue.name, descending=False), SortKey(PartnerVenue.id, descending=False)],
        cursor,
    )


def open_venues(partner_id: UUID) -> list[PartnerVenue]:
    """The places where a partner serves now, by name."""
    statement = (
        select(PartnerVenue)
        .where(PartnerVenue.partner_id == partner_id, PartnerVenue.is_active)
        .order_by(PartnerVenue.name)
        .limit(500)
    )
    return list(db.session.execute(statement).scalars())


def team_page(partner_id: UUID, cursor: str | None) -> Page[Any]:
    """Members with full name, e-mail and phone, the longest-serving first."""
    return paginate(
        select(PartnerMember, profiles.c.full_name, users.c.email, users.c.phone)
        .join(users, users.c.id == PartnerMember.user_id)
        .outerjoin(profiles, profiles.c.user_id == PartnerMember.user_id)
        .where(PartnerMember.partner_id == partner_id, PartnerMember.is_active),
        [SortKey(PartnerMember.created_at, descending=False), SortKey(PartnerMember.id, descending=False)],
        cursor,
    )


def member_name(partner_id: UUID, member_id: UUID) -> tuple[PartnerMember, str | None]:
    """One active member of this partner with the full name. Raises `NotFound`."""
    row = db.session.execute(
        select(PartnerMember, profiles.c.full_name)
        .outerjoin(profiles, profiles.c.user_id == PartnerMember.user_id)
        .where(PartnerMember.partner_id == partner_id, PartnerMember.id == member_id, PartnerMember.is_active)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def partners_page(wanted: PartnerFilter, cursor: str | None) -> Page[Any]:
    """Partners with their number of open places, the newest first."""
    return paginate(_matching(wanted), [SortKey(Partner.created_at), SortKey(Partner.id)], cursor)


def partners_rows(wanted: PartnerFilter) -> Sequence[Any]:
    """The same list for a file, up to `MOST_EXPORTED` rows."""
    statement = _matching(wanted).order_by(Partner.created_at.desc(), Partner.id.desc())
    return db.session.execute(statement.limit(MOST_EXPORTED)).all()


def partner_and_story(partner_id: UUID) -> tuple[Partner, list[StatusHistory]]:
    """The partner's row with the last changes of its status, newest first. Raises `NotFound`."""
    is_its_own = and_(
        StatusHistory.entity_type == Partner.__tablename__, StatusHistory.entity_id == Partner.id
    )
    rows = db.session.execute(
        select(Partner, StatusHistory)
        .outerjoin(StatusHistory, is_its_own)
        .where(Partner.id == partner_id)
        .order_by(StatusHistory.occurred_at.desc(), StatusHistory.id.desc())
        .limit(20)
    ).all()
    if not rows:
        raise NotFound
    return rows[0][0], [step for _partner, step in rows if step is not None]


def _matching(wanted: PartnerFilter) -> Select[tuple[Partner, int]]:
    places = (
        select(func.count())
        .where(PartnerVenue.partner_id == Partner.id, PartnerVenue.is_active)
        .correlate(Partner)
        .scalar_subquery()
    )
    statement = select(Partner, places.label("places"))
    if wanted.status is not None:
        statement = statement.where(Partner.status == wanted.status)
    if wanted.type is not None:
        statement = statement.where(Partner.type == wanted.type)
    if wanted.words:
        words = [
            column.icontains(wanted.words, autoescape=True)
            for column in (Partner.name, Partner.contact_email, Partner.contact_phone, Partner.contact_name)
        ]
        statement = statement.where(words[0] | words[1] | words[2] | words[3])
    return statement
