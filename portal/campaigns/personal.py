"""What campaigns hold of people: who works for a company (PRV-05)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from portal.campaigns.models import ReferralCampaign, SponsorCampaign, SponsorCompany, SponsorCompanyMember
from portal.kernel.db import db
from portal.kernel.i18n import _
from portal.kernel.personal import (
    Blank,
    Remove,
    Share,
    holds,
    nothing_personal,
    open_matter,
    own,
    reached_at,
)
from portal.kernel.roles import CompanyRole

holds(
    SponsorCompany,
    {"contact_email": "how the company is reached"},
    Share(
        "contact_of_companies",
        reached_at(emails=SponsorCompany.contact_email),
        Blank({"contact_email": None}),
        tells=("name", "contact_email"),
    ),
    plain=("name",),
)
holds(
    SponsorCompanyMember,
    {},
    Share(
        "places_in_companies",
        own(SponsorCompanyMember.user_id),
        Remove(),
        tells=("company_id", "role", "created_at"),
    ),
)
nothing_personal(ReferralCampaign, "rules for groups, without the people in them")
nothing_personal(SponsorCampaign, "budgets and counts of a company")


@open_matter
def company_without_owner(user_id: UUID) -> str | None:
    """A company that would be left without anybody who answers for it."""
    other = aliased(SponsorCompanyMember)
    others = exists().where(
        other.company_id == SponsorCompanyMember.company_id,
        other.user_id != user_id,
        other.role == CompanyRole.OWNER,
    )
    alone = exists().where(
        SponsorCompanyMember.user_id == user_id, SponsorCompanyMember.role == CompanyRole.OWNER, ~others
    )
    if not db.session.scalar(select(alone)):
        return None
    return _("You are the only owner of a company. Please name another owner first.")
