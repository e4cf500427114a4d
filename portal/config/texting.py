"""To which numbers text messages go that nobody has proved, and how many a day (G-19, G-31).

Whoever has codes, invitations or questions sent to many numbers spends the house's money, and earns on numbers they
rent. So two things hold for all people together: the countries that are written to, and the messages of a day. Codes
are counted when they are asked for (`identity/codes.py`), everything else when it is handed over (`notifications`).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from portal.config.limit_values import (
    EVERY_COUNTRY,
    TEXT_COUNTRIES,
    TEXTS_AT_HOME,
    TEXTS_PER_COUNTRY,
    TEXTS_PER_DAY,
)
from portal.config.values import CODES_PER_DAY, value_of
from portal.kernel.allowances import ALL, take, taken_today
from portal.kernel.phones import country_of, gets_texts, home_region

_CODES = "codes"
_UNPROVED = "unproved_texts"


class Passage(StrEnum):
    """What becomes of a message to a number that nobody has proved."""

    GOES = "goes"
    DAY_IS_FULL = "day_is_full"
    NOT_SERVED = "not_served"


def is_served(number: str) -> bool:
    """Whether messages go to numbers of this country before somebody has proved them."""
    countries = value_of(TEXT_COUNTRIES)
    return countries == EVERY_COUNTRY or country_of(number) in countries.split()


def take_code(number: str) -> bool:
    """Take one of the codes of the day; False when it has no more."""
    (is_free,) = take(_CODES, [country_of(number)], most=value_of(CODES_PER_DAY), most_of={})
    return is_free


def take_unproved(numbers: Sequence[str]) -> list[Passage]:
    """Take one message of the day for each of these numbers, in their order; what becomes of each."""
    served = [number for number in numbers if is_served(number) and gets_texts(number)]
    if not served:
        return [Passage.NOT_SERVED for _number in numbers]
    countries = [country_of(number) for number in served]
    each = dict.fromkeys(countries, value_of(TEXTS_PER_COUNTRY)) | {home_region(): value_of(TEXTS_AT_HOME)}
    granted = iter(take(_UNPROVED, countries, most=value_of(TEXTS_PER_DAY), most_of=each))
    known = set(served)
    return [
        (Passage.GOES if next(granted) else Passage.DAY_IS_FULL) if number in known else Passage.NOT_SERVED
        for number in numbers
    ]


def codes_today() -> tuple[int, int]:
    """How many codes have been sent today, and how many may be."""
    return taken_today(_CODES).get(ALL, 0), value_of(CODES_PER_DAY)


def unproved_today() -> tuple[int, int]:
    """How many other messages have gone to unproved numbers today, and how many may."""
    return taken_today(_UNPROVED).get(ALL, 0), value_of(TEXTS_PER_DAY)
