"""What campaigns hold of people: who works for a company (PRV-05)."""

from __future__ import annotations

from portal.campaigns.models import ReferralCampaign, SponsorCampaign, SponsorCompany, SponsorCompanyMember
from portal.kernel.personal import Blank, Remove, Share, holds, nothing_personal, own, reached_at

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
