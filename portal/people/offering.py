"""What somebody offers as host or guide, and whether they are free (PPL-38)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _
from portal.people.birthdays import locked_profile
from portal.people.models import HostType, UserServiceProfile

LONGEST_ABOUT = 1000
MOST_LANGUAGES = 10
_LONGEST_LANGUAGE = 40


@dataclass(frozen=True, slots=True)
class Offer:
    """What a host or guide says."""

    host_type: HostType
    about: str
    languages: str | None
    is_available: bool


def offer_of(user_id: UUID) -> UserServiceProfile | None:
    """What this person offers, None while nothing."""
    return db.session.get(UserServiceProfile, user_id)


def save_offer(user_id: UUID, offer: Offer, *, by: Actor) -> UserServiceProfile:
    """Keep an offer; it is on the person's card while they are free. Raises `InvalidInput` for the languages."""
    spoken = [" ".join(part.split()) for part in (offer.languages or "").split(",")]
    spoken = list(dict.fromkeys(word for word in spoken if word))
    if len(spoken) > MOST_LANGUAGES or any(len(word) > _LONGEST_LANGUAGE for word in spoken):
        raise InvalidInput(_("Please name a few languages, with commas between."), field="languages")
    # Two forms at once write one row.
    locked_profile(user_id)
    row = offer_of(user_id)
    if row is None:
        row = UserServiceProfile(user_id=user_id)
        db.session.add(row)
    row.host_type, row.about = offer.host_type, offer.about
    row.spoken_languages, row.is_available = spoken, offer.is_available
    return row
