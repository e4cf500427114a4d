"""Ages, counted in Dakar's days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.kernel import clock

ADULT_AT = 18


def age_on(born: date, day: date) -> int:
    """Whole years lived on `day`; someone born on 29 February turns older on 1 March of other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def is_adult(born: date | None) -> bool:
    """Whether the person is known to be 18 or older today."""
    return born is not None and age_on(born, clock.today()) >= ADULT_AT


def youngest_adult() -> date:
    """The day on which the youngest of those who are 18 today were born."""
    today = clock.today()
    is_leap_day = (today.month, today.day) == (2, 29)
    return today.replace(year=today.year - ADULT_AT, day=28 if is_leap_day else today.day)


class Missing(StrEnum):
    """What somebody has to do before what depends on their age opens."""

    BIRTHDAY = "birthday"
    GUARDIAN = "guardian"


@dataclass(frozen=True, slots=True)
class Birthdays:
    """The day of birth that counts, and the one that was said: of a minor they are one once a guardian has agreed."""

    kept: date | None
    said: date | None

    @property
    def missing(self) -> Missing | None:
        """What the person has to do first: a minor who waits for a guardian is not of unknown age."""
        if self.said is None:
            return Missing.BIRTHDAY
        return None if self.kept is not None or is_adult(self.said) else Missing.GUARDIAN
