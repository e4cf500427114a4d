"""By what a friend whom a sponsor has brought is known again, also when the account is gone (REF-59).

Mailboxes and numbers are kept as keyed hashes: they can be compared while the key is on the ring, and read by nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from portal.identity.directory import contacts_ever
from portal.kernel.crypto import keyed_hash
from portal.kernel.db import db
from portal.referrals.models import Referral

_PURPOSE = "referrals.friend_marks"


def mark_friend(user_id: UUID) -> None:
    """Add what this person is known by now to the referral that brought them, if one did."""
    referral = db.session.scalars(
        select(Referral).where(Referral.referred_user_id == user_id).with_for_update()
    ).one_or_none()
    if referral is not None:
        newest = current_app.config["SETTINGS"].lookup_keys[:1]
        referral.friend_marks = sorted({*referral.friend_marks, *_marks(contacts_ever(user_id), newest)})


def marks_of(contacts: Iterable[str]) -> list[str]:
    """What these mailboxes and numbers are known by, under every key of the ring."""
    return sorted(_marks(contacts, current_app.config["SETTINGS"].lookup_keys))


def _marks(contacts: Iterable[str], keys: Iterable[str]) -> set[str]:
    return {keyed_hash(contact, key, _PURPOSE) for key in keys for contact in contacts}
