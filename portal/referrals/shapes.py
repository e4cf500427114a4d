"""How programs see a referral, and what they may give of a new one (REF-24, R-67): allow-lists, never the row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _
from portal.referrals.inviting import Invitee
from portal.referrals.models import Referral

# What the portal fills in by itself.
READ_ONLY = frozenset({"id", "created_at", "updated_at"})
_GIVEN = frozenset({"referred_name", "referred_email", "referred_phone", "message"})
_LONGEST = 500


def shape_of(referral: Referral) -> dict[str, str | None]:
    """The thirteen fields; `status` is the pipeline stage (R-19), times are ISO 8601 in UTC."""
    return {
        "id": str(referral.id),
        "referrer": str(referral.referrer_id),
        "referred_name": referral.referred_name,
        "referred_email": referral.referred_email,
        "referred_phone": referral.referred_phone,
        "referred_country": referral.referred_country,
        "visa_type": referral.visa_type,
        "referral_link": referral.referral_link,
        "referral_code": referral.referral_code,
        "status": referral.pipeline_stage,
        "converted_at": _moment(referral.converted_at),
        "created_at": _moment(referral.created_at),
        "updated_at": _moment(referral.updated_at),
    }


def invitee_of(body: object) -> Invitee:
    """Whom a program wants to invite. Raises `InvalidInput` for anything but the four fields that can be given."""
    if not isinstance(body, Mapping):
        raise InvalidInput(_("Please send one JSON object."))
    for name in body:
        if name in READ_ONLY:
            raise InvalidInput(_("%(name)s cannot be set: it can only be read.", name=name), field=name)
        if name not in _GIVEN:
            raise InvalidInput(_("There is no field %(name)s to set.", name=str(name)[:50]))
    return Invitee(
        name=_text(body, "referred_name"),
        phone=_text(body, "referred_phone"),
        email=_text(body, "referred_email"),
        message=_text(body, "message"),
    )


def _text(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidInput(_("%(name)s has to be a text.", name=name), field=name)
    if value is not None and (len(value) > _LONGEST or "\x00" in value):
        raise InvalidInput(_("Please use at most %(limit)s characters.", limit=_LONGEST), field=name)
    return value or None


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
