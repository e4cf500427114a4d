"""What a till holds between a scan and its confirmation: signed, of one session, for a few minutes.

So nobody redeems a code whose id they remember: it takes a scan, just now, at this till.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from itsdangerous import BadSignature, URLSafeTimedSerializer

from portal.kernel.ids import parse_id
from portal.kernel.papers import signer_of

MAX_AGE_SECONDS = 15 * 60
MAX_LENGTH = 400


@dataclass(frozen=True, slots=True)
class Permit:
    """The code that was scanned, where, and the number that makes its redemption happen once."""

    code_id: UUID
    venue_id: UUID | None
    nonce: str


def give_permit(permit: Permit, session_id: UUID) -> str:
    """The permit as a text that only the session `session_id` can use."""
    venue = str(permit.venue_id or "")
    return _signer(session_id).dumps([str(permit.code_id), venue, permit.nonce])


def read_permit(text: str, session_id: UUID) -> Permit | None:
    """The permit, None when it is too old, altered, or another session's."""
    if len(text) > MAX_LENGTH:
        return None
    try:
        code, venue, nonce = _signer(session_id).loads(text, max_age=MAX_AGE_SECONDS)
    except BadSignature:
        return None
    return Permit(UUID(code), parse_id(venue), nonce)


def _signer(session_id: UUID) -> URLSafeTimedSerializer:
    return signer_of(f"redemptions.permit:{session_id}")
