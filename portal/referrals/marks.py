"""By what a friend whom a sponsor has brought is known again, also when the account is gone (REF-59).

Mailboxes and numbers are kept as keyed hashes: they can be compared while the key is on the ring, and read by nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from portal.identity.directory import contacts_ever
from portal.kernel.db import db
from portal.kernel.marks import known_marks, marked
from portal.referrals.models import Referral

_PURPOSE = "referrals.friend_marks"


def mark_friend(user_id: UUID) -> None:
    """Add what this person is known by now to the referral that brought them, if one did."""
    referral = db.session.scalars(
        select(Referral).where(Referral.referred_user_id == user_id).with_for_update()
    ).one_or_none()
    if referral is not None:
        now = marked(contacts_ever(user_id), _PURPOSE)
        referral.friend_marks = sorted({*referral.friend_marks, *now})


def marks_of(contacts: Iterable[str]) -> list[str]:
    """What these mailboxes and numbers are known by, under every key of the ring."""
    return known_marks(contacts, _PURPOSE)
