"""Ages, counted in Dakar's days."""

from __future__ import annotations

from datetime import date

from portal.kernel import clock

ADULT_AT = 18


def age_on(born: date, day: date) -> int:
    """Whole years lived on `day`; someone born on 29 February turns older on 1 March of other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def is_adult(born: date | None) -> bool:
    """Whether the person is known to be 18 or older today."""
    return born is not None and age_on(born, clock.today()) >= ADULT_AT
