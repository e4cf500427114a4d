"""The versions of what people agree to; the words stand in `templates/privacy/texts/`, in three languages each.

A new version is a new row here and three new files; nobody changes words to which people have agreed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.consent.models import ConsentPurpose
from portal.kernel import clock
from portal.kernel.errors import NotFound


class LegalText(StrEnum):
    """The three texts."""

    TERMS = "terms"
    PRIVACY = "privacy"
    MARKETING = "marketing"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a text, in force from its day on."""

    text: LegalText
    number: str
    since: date
    #: Where its words stand, by language.
    words: Mapping[str, str]


VERSIONS: tuple[Version, ...] = (
    Version(
        LegalText.TERMS,
        "2026-01",
        date(2026, 1, 1),
        {
            "fr": "privacy/texts/_terms-2026-01.fr.html",
            "en": "privacy/texts/_terms-2026-01.en.html",
            "wo": "privacy/texts/_terms-2026-01.wo.html",
        },
    ),
    Version(
        LegalText.PRIVACY,
        "2026-01",
        date(2026, 1, 1),
        {
            "fr": "privacy/texts/_privacy-2026-01.fr.html",
            "en": "privacy/texts/_privacy-2026-01.en.html",
            "wo": "privacy/texts/_privacy-2026-01.wo.html",
        },
    ),
    Version(
        LegalText.MARKETING,
        "2026-01",
        date(2026, 1, 1),
        {
            "fr": "privacy/texts/_marketing-2026-01.fr.html",
            "en": "privacy/texts/_marketing-2026-01.en.html",
            "wo": "privacy/texts/_marketing-2026-01.wo.html",
        },
    ),
)
_TEXT_OF = {ConsentPurpose.TERMS: LegalText.TERMS, ConsentPurpose.PRIVACY: LegalText.PRIVACY}


def text_of(purpose: ConsentPurpose) -> LegalText:
    """The text that a consent is given to; offers have one for all channels."""
    return _TEXT_OF.get(purpose, LegalText.MARKETING)


def in_force(text: LegalText) -> Version:
    """The newest version whose day has come; one may be published before it counts. The first counts always."""
    first, *later = _versions_of(text)
    return [first, *(one for one in later if one.since <= clock.today())][-1]


def earlier_than(version: Version) -> list[Version]:
    """The versions of the same text that were in force before this one, the oldest first."""
    known = _versions_of(version.text)
    return known[: known.index(version)]


def version_named(text: LegalText, number: str | None) -> Version:
    """That version, the one in force without a number. Raises `NotFound`."""
    if number is None:
        return in_force(text)
    for one in _versions_of(text):
        if one.number == number:
            return one
    raise NotFound


def _versions_of(text: LegalText) -> list[Version]:
    return sorted((one for one in VERSIONS if one.text is text), key=lambda one: (one.since, one.number))
