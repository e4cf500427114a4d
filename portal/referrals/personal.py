"""What word of mouth holds of people: who invited whom, and the address books (PRV-05, REF-18)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, case, column, false, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from portal.kernel.personal import (
    ERASED,
    Blank,
    Person,
    Remove,
    Share,
    Stay,
    any_of,
    erased_by_id,
    holds,
    mentions,
    names_guests,
    own,
    reached_at,
)
from portal.referrals.models import (
    PointAward,
    PointsConversion,
    Referral,
    ReferralClick,
    SponsorContact,
    SponsorContactBatch,
    SponsorDailyLimit,
)

# The row stays and is made anonymous (REF-18). An invitation keeps a contact that reaches nobody, because the
# table asks every invitation for one.
_NOBODY = Blank(
    {
        "referred_name": None,
        "referred_phone": None,
        "referred_email": lambda _person: erased_by_id(Referral.id),
        "referred_country": None,
        "visa_type": None,
        "message": None,
        "notes": None,
        "referral_link": None,
        "utm_source": None,
        "utm_medium": None,
        "utm_campaign": None,
    }
)
_INVITED = reached_at(emails=func.lower(Referral.referred_email), phones=Referral.referred_phone)


def _in_snapshots(person: Person) -> ColumnElement[bool]:
    """Batches in which one of the person's addresses stands."""
    addresses = [{"phone": phone} for phone in person.phones] + [{"email": email} for email in person.emails]
    return or_(false(), *[SponsorContactBatch.contact_snapshot.contains([address]) for address in addresses])


def _snapshot_without(person: Person) -> ColumnElement[Any]:
    """The same snapshot, in which the entries of the person are nobody's."""
    entry = (
        func.jsonb_array_elements(SponsorContactBatch.contact_snapshot)
        .table_valued(column("value", JSONB), with_ordinality="place", name="entry")
        .render_derived()
    )
    value = entry.c.value
    is_theirs = or_(
        false(),
        value["phone"].astext.in_(person.phones),
        value["email"].astext.in_(person.emails),
    )
    nobody = value.op("||")(literal({"name": ERASED, "phone": None, "email": None}, JSONB))
    changed = aggregate_order_by(case((is_theirs, nobody), else_=value), entry.c.place)
    return select(func.jsonb_agg(changed)).select_from(entry).scalar_subquery()


# Whoever has signed up since has an account, and their own rights there.
names_guests(
    Referral, lambda person: _INVITED(person) & Referral.referred_user_id.is_(None), _NOBODY, ties=True
)
names_guests(
    SponsorContact,
    reached_at(emails=func.lower(SponsorContact.email), phones=SponsorContact.phone),
    Remove(),
)
names_guests(SponsorContactBatch, _in_snapshots, Blank({"contact_snapshot": _snapshot_without}))
holds(
    Referral,
    {
        "referred_name": "whom the sponsor invites",
        "referred_email": "where the invitation goes",
        "referred_phone": "where the invitation goes",
        "referred_country": "which offers fit the friend",
        "visa_type": "which offers fit the friend",
        "message": "the words that go with the invitation",
        "notes": "what the sponsor noted",
        "friend_marks": "keyed hashes of mailboxes and numbers, so that one person is not brought twice",
        "referral_link": "the invitation's own link",
        "utm_source": "through which link the friend came",
        "utm_medium": "through which link the friend came",
        "utm_campaign": "through which link the friend came",
    },
    Share(
        "invitations_sent",
        own(Referral.referrer_id),
        _NOBODY,
        tells=(
            "id",
            "referred_name",
            "referred_email",
            "referred_phone",
            "message",
            "notes",
            "invitation_status",
            "pipeline_stage",
            "source",
            "sent_at",
            "accepted_at",
        ),
        ties=True,
    ),
    Share(
        "invitations_received",
        any_of(own(Referral.referred_user_id), _INVITED),
        _NOBODY,
        tells=("id", "referred_name", "message", "invitation_status", "source", "sent_at", "accepted_at"),
        ties=True,
        traces=("referred_name",),
    ),
    plain=("referral_code", "rejection_reason", "source", "conversion_type"),
)
holds(
    ReferralClick,
    {
        "ip_address": "to count one visitor once",
        "user_agent": "to count one visitor once",
    },
    Share(
        "link_opened",
        own(ReferralClick.owner_user_id),
        Stay("how often a link was opened; what it tells of the visitor is removed by retention"),
        tells=("utm", "occurred_at"),
    ),
    plain=("utm",),
)
holds(
    SponsorContact,
    {
        "name": "whom the sponsor may invite",
        "phone": "where an invitation may go",
        "email": "where an invitation may go",
    },
    Share(
        "address_book",
        own(SponsorContact.sponsor_user_id),
        Remove(),
        tells=("position", "name", "phone", "email", "source", "created_at"),
    ),
    Share(
        "in_address_books",
        reached_at(emails=func.lower(SponsorContact.email), phones=SponsorContact.phone),
        Remove(),
        tells=("name", "phone", "email", "created_at"),
    ),
    plain=("source",),
)
holds(
    SponsorContactBatch,
    {
        "contact_snapshot": "whom a batch of invitations was for",
        "manual_selections": "whom the sponsor chose",
    },
    Share(
        "batches",
        own(SponsorContactBatch.sponsor_user_id),
        Blank({"contact_snapshot": [], "manual_selections": []}),
        tells=("batch_date", "batch_number", "status", "selected_count", "sent_count", "contact_snapshot"),
    ),
    Share("in_batches", _in_snapshots, Blank({"contact_snapshot": _snapshot_without})),
    plain=("batch_date",),
)
holds(
    SponsorDailyLimit,
    {},
    Share(
        "daily_limits",
        own(SponsorDailyLimit.sponsor_user_id),
        Stay("counts of a day under an id that leads to a stub"),
        tells=("limit_date", "invitations_sent_today", "max_invitations_per_day"),
    ),
    plain=("limit_date",),
)
holds(
    PointAward,
    {"revoke_reason": "why points were taken back, in the words of staff"},
    Share(
        "points",
        own(PointAward.sponsor_user_id),
        Stay("value, kept for seven years under an id that leads to a stub"),
        tells=("event_type", "points", "status", "matures_at", "matured_at", "revoked_at", "created_at"),
        ties=True,
    ),
    plain=("description", "metadata"),
)
mentions(PointAward, "description", "revoke_reason", tie=lambda ids: PointAward.id.in_(ids))
holds(
    PointsConversion,
    {},
    Share(
        "points_converted",
        own(PointsConversion.sponsor_user_id),
        Stay("value, kept for seven years under an id that leads to a stub"),
        tells=("pot_id", "points_converted", "credits_issued_minor", "conversion_rate", "created_at"),
    ),
    plain=("submission_key",),
)
