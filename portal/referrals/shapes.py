"""How programs see a referral, and what they may give of a new one (REF-24, R-67): allow-lists, never the row."""

from __future__ import annotations

from collections.abc import Mapping

from portal.kernel.phones import masked
from portal.kernel.programs import moment
from portal.referrals.addresses import masked_email
from portal.referrals.inviting import Invitee
from portal.referrals.models import Referral

# What the portal fills in by itself.
READ_ONLY = frozenset({"id", "created_at", "updated_at"})
WRITABLE = frozenset({"referred_name", "referred_email", "referred_phone", "message"})


def shape_of(referral: Referral, *, whole: bool) -> dict[str, str | None]:
    """The thirteen fields; `status` is the pipeline stage (R-19), times are ISO 8601 in UTC.

    Unless `whole`, address and number are told only so far that the sponsor recognises them.
    """
    email, phone = referral.referred_email, referral.referred_phone
    if not whole:
        email, phone = email and masked_email(email), phone and masked(phone)
    return {
        "id": str(referral.id),
        "referrer": str(referral.referrer_id),
        "referred_name": referral.referred_name,
        "referred_email": email,
        "referred_phone": phone,
        "referred_country": referral.referred_country,
        "visa_type": referral.visa_type,
        "referral_link": referral.referral_link,
        "referral_code": referral.referral_code,
        "status": referral.pipeline_stage,
        "converted_at": moment(referral.converted_at),
        "created_at": moment(referral.created_at),
        "updated_at": moment(referral.updated_at),
    }


def invitee_of(given: Mapping[str, str | None]) -> Invitee:
    """Whom a program wants to invite."""
    return Invitee(
        name=given.get("referred_name") or None,
        phone=given.get("referred_phone") or None,
        email=given.get("referred_email") or None,
        message=given.get("message") or None,
    )
