"""Where somebody works: the places in partners' teams and in sponsor companies that a session carries (R-04, R-24).

The room of campaigns stands above this one. So the few columns of its members are read here, and none is written.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import DateTime, Text, Uuid, column, exists, literal, select, table, type_coerce, union_all

from portal.kernel.db import db
from portal.kernel.scope import as_the_portal
from portal.kernel.visitor import CompanyPlace, Membership
from portal.partners.models import Partner, PartnerMember, PartnerStatus

_company_members = table(
    "sponsor_company_members",
    column("company_id", Uuid()),
    column("user_id", Uuid()),
    column("role", Text()),
    column("created_at", DateTime(timezone=True)),
)
_PARTNER, _COMPANY = "partner", "company"


class Places(NamedTuple):
    """Every place that somebody has, the oldest first."""

    memberships: tuple[Membership, ...] = ()
    companies: tuple[CompanyPlace, ...] = ()


NOWHERE = Places()


def places_of(user_id: UUID) -> Places:
    """Where the person who asks works, in one statement."""
    partners = (
        select(
            literal(_PARTNER).label("kind"),
            PartnerMember.partner_id.label("place"),
            type_coerce(PartnerMember.role, Text).label("role"),
            PartnerMember.created_at.label("since"),
        )
        .join(Partner, Partner.id == PartnerMember.partner_id)
        .where(
            PartnerMember.user_id == user_id,
            PartnerMember.is_active,
            Partner.status != PartnerStatus.TERMINATED,
        )
    )
    members = _company_members.c
    companies = select(literal(_COMPANY), members.company_id, members.role, members.created_at).where(
        members.user_id == user_id
    )
    rows = db.session.execute(union_all(partners, companies).order_by("since")).all()
    return Places(
        tuple(Membership(row.place, row.role) for row in rows if row.kind == _PARTNER),
        tuple(CompanyPlace(row.place, row.role) for row in rows if row.kind == _COMPANY),
    )


def places_of_another(user_id: UUID) -> Places:
    """The same of somebody else, whose places nobody finds who asks for themselves."""
    with as_the_portal(db.session()):
        return places_of(user_id)


def works_for_company(user_id: UUID) -> bool:
    """Whether the person has a place in any sponsor company."""
    with as_the_portal(db.session()):
        return bool(db.session.scalar(select(exists().where(_company_members.c.user_id == user_id))))
