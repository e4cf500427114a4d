"""What people add about themselves: interests, handles elsewhere, and facts that only they see (PPL-02)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from portal.config.people_values import MOST_INTERESTS
from portal.config.values import value_of
from portal.kernel.actor import Actor
from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _
from portal.people.birthdays import locked_profile
from portal.people.models import Profile

LONGEST_INTEREST = 40
LARGEST_HOUSEHOLD = 50
_HANDLE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,48}[A-Za-z0-9_])?")


class Network(StrEnum):
    """Where else people can be found."""

    INSTAGRAM = "instagram"
    FACEBOOK = "facebook"
    TIKTOK = "tiktok"
    X = "x"
    LINKEDIN = "linkedin"
    YOUTUBE = "youtube"


ADDRESSES: dict[Network, str] = {
    Network.INSTAGRAM: "https://www.instagram.com/",
    Network.FACEBOOK: "https://www.facebook.com/",
    Network.TIKTOK: "https://www.tiktok.com/@",
    Network.X: "https://x.com/",
    Network.LINKEDIN: "https://www.linkedin.com/in/",
    Network.YOUTUBE: "https://www.youtube.com/@",
}


class Gender(StrEnum):
    """What people say of themselves; nothing is an answer too."""

    WOMAN = "woman"
    MAN = "man"
    OTHER = "other"


class Occupation(StrEnum):
    """What fills somebody's days."""

    PUPIL = "pupil"
    EMPLOYED = "employed"
    OWN_BUSINESS = "own_business"
    LAND_OR_SEA = "land_or_sea"
    AT_HOME = "at_home"
    SEEKING = "seeking"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class AboutFacts:
    """Demographics and handles; empty means that somebody keeps it to themselves."""

    gender: Gender | None = None
    occupation: Occupation | None = None
    household: int | None = None
    handles: Mapping[Network, str | None] = field(default_factory=dict)


def save_about(user_id: UUID, facts: AboutFacts, *, by: Actor) -> Profile:
    """Keep demographics and handles. Raises `InvalidInput` for a handle that no network would give."""
    household = facts.household
    if household is not None and not 1 <= household <= LARGEST_HOUSEHOLD:
        raise InvalidInput(_("Please check how many you are at home."), field="household")
    handles = {network: _handle(network, typed) for network, typed in facts.handles.items() if typed}
    profile = locked_profile(user_id)
    said = {"gender": facts.gender, "occupation": facts.occupation, "household": household}
    profile.demographics = {name: value for name, value in said.items() if value is not None}
    profile.social_handles = {network.value: handle for network, handle in handles.items()}
    return profile


def tidy_interests(typed: str | None) -> list[str]:
    """What stands between the commas, each once. Raises `InvalidInput` for too many or one too long."""
    words: dict[str, str] = {}
    for part in (typed or "").split(","):
        word = " ".join(part.split())
        if word:
            words.setdefault(word.casefold(), word)
    most = value_of(MOST_INTERESTS)
    if len(words) > most:
        raise InvalidInput(_("Please name at most %(most)s things.", most=most), field="interests")
    if any(len(word) > LONGEST_INTEREST for word in words.values()):
        raise InvalidInput(_("Please use a few words for each, with commas between."), field="interests")
    return list(words.values())


def _handle(network: Network, typed: str) -> str:
    handle = typed.strip().removeprefix("@")
    if _HANDLE.fullmatch(handle) is None:
        raise InvalidInput(
            _("Please write only the name you have there, for example awa.ndiaye."), field=network.value
        )
    return handle
