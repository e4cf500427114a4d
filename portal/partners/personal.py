"""What the room of partners holds of people: who works for them and whom to call (PRV-05)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from portal.kernel.db import db
from portal.kernel.i18n import _
from portal.kernel.personal import Blank, Share, Stay, holds, open_matter, own, reached_at
from portal.kernel.roles import MemberRole
from portal.partners.models import Partner, PartnerMember, PartnerStatus, PartnerVenue

holds(
    Partner,
    {
        "contact_name": "whom to ask for at the house",
        "contact_email": "how the house is reached",
        "contact_phone": "how the house is reached",
    },
    Share(
        "contact_of_houses",
        reached_at(emails=Partner.contact_email, phones=Partner.contact_phone),
        Blank({"contact_name": None, "contact_email": None, "contact_phone": None}),
        tells=("name", "contact_name", "contact_email", "contact_phone"),
    ),
    Share(
        "houses_verified",
        own(Partner.verified_by),
        Stay("who of the staff checked a house, as an id that leads to a stub"),
    ),
    plain=("name", "description", "business_registration", "tax_id", "notification_settings"),
)
holds(
    PartnerMember,
    {},
    Share(
        "places_in_teams",
        own(PartnerMember.user_id),
        Blank({"is_active": False}),
        tells=("partner_id", "role", "is_active", "created_at"),
    ),
)
holds(
    PartnerVenue,
    {"phone": "how guests reach the place"},
    Share(
        "phone_of_places",
        reached_at(phones=PartnerVenue.phone),
        Blank({"phone": None}),
        tells=("name", "phone"),
    ),
    plain=("name", "street", "city", "region", "country"),
)


@open_matter
def partner_without_owner(user_id: UUID) -> str | None:
    """A house that would be left without anybody who answers for it."""
    other = aliased(PartnerMember)
    others = exists().where(
        other.partner_id == PartnerMember.partner_id,
        other.user_id != user_id,
        other.role == MemberRole.OWNER,
        other.is_active,
    )
    alone = exists().where(
        PartnerMember.user_id == user_id,
        PartnerMember.role == MemberRole.OWNER,
        PartnerMember.is_active,
        Partner.id == PartnerMember.partner_id,
        Partner.status != PartnerStatus.TERMINATED,
        ~others,
    )
    if not db.session.scalar(select(alone)):
        return None
    return _("You are the only owner of a business. Please name another owner first.")
