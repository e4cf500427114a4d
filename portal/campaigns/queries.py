"""What can be asked of sponsor companies; every question starts from one company or from an admin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.campaigns.models import CompanyStatus, SponsorCompany, SponsorCompanyMember
from portal.identity.models import User
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.models import StatusHistory
from portal.kernel.paging import Filter, Page, SortKey, paginate
from portal.people.models import Profile


@dataclass(frozen=True, slots=True)
class CompanyFilter(Filter):
    """What an admin looks for: a state, words of its name or contact."""

    status: CompanyStatus | None = None
    words: str | None = None


def company_facts(company_id: UUID) -> SponsorCompany:
    """The company's row. Raises `NotFound`."""
    company = db.session.get(SponsorCompany, company_id)
    if company is None:
        raise NotFound
    return company


def companies_page(wanted: CompanyFilter, cursor: str | None) -> Page[Any]:
    """Companies with the number of people who work for them, the newest first."""
    people = (
        select(func.count())
        .where(SponsorCompanyMember.company_id == SponsorCompany.id)
        .correlate(SponsorCompany)
        .scalar_subquery()
    )
    statement = select(SponsorCompany, people.label("people"))
    if wanted.status is not None:
        statement = statement.where(SponsorCompany.status == wanted.status)
    if wanted.words:
        statement = statement.where(
            SponsorCompany.name.icontains(wanted.words, autoescape=True)
            | SponsorCompany.contact_email.icontains(wanted.words, autoescape=True)
        )
    return paginate(statement, [SortKey(SponsorCompany.created_at), SortKey(SponsorCompany.id)], cursor)


def company_names(company_ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """Ids with names, by name: the choices of the switcher."""
    statement = (
        select(SponsorCompany.id, SponsorCompany.name)
        .where(SponsorCompany.id.in_(company_ids))
        .order_by(SponsorCompany.name)
    )
    return [(company_id, name) for company_id, name in db.session.execute(statement)]


def members_page(company_id: UUID, cursor: str | None) -> Page[Any]:
    """Members with full name, e-mail and phone, the longest-serving first."""
    return paginate(
        select(SponsorCompanyMember, Profile.full_name, User.email, User.phone)
        .join(User, User.id == SponsorCompanyMember.user_id)
        .outerjoin(Profile, Profile.user_id == User.id)
        .where(SponsorCompanyMember.company_id == company_id),
        [
            SortKey(SponsorCompanyMember.created_at, descending=False),
            SortKey(SponsorCompanyMember.id, descending=False),
        ],
        cursor,
    )


def member_name(company_id: UUID, member_id: UUID) -> tuple[SponsorCompanyMember, str | None]:
    """One member of this company with the full name. Raises `NotFound`."""
    row = db.session.execute(
        select(SponsorCompanyMember, Profile.full_name)
        .outerjoin(Profile, Profile.user_id == SponsorCompanyMember.user_id)
        .where(SponsorCompanyMember.company_id == company_id, SponsorCompanyMember.id == member_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def status_story(company_id: UUID) -> list[StatusHistory]:
    """The last changes of a company's status, newest first."""
    statement = (
        select(StatusHistory)
        .where(
            StatusHistory.entity_type == SponsorCompany.__tablename__, StatusHistory.entity_id == company_id
        )
        .order_by(StatusHistory.occurred_at.desc(), StatusHistory.id.desc())
        .limit(20)
    )
    return list(db.session.execute(statement).scalars())
