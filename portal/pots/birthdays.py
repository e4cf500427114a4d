"""When a birthday comes next, and when the pot for it opens."""

from __future__ import annotations

from calendar import isleap
from datetime import date, datetime, timedelta

from portal.config.values import POT_OPEN_DAYS, value_of
from portal.kernel import clock


def next_birthday(born: date, today: date) -> date:
    """The first birthday after `today`; one born on 29 February celebrates on the 28th in other years."""
    this_year = _in_year(born, today.year)
    return this_year if this_year > today else _in_year(born, today.year + 1)


def opening_time(birthday: date) -> datetime:
    """The first instant of the day on which the pot for `birthday` opens (POT-03).

    The operator's number of days is at least one, so this always keeps `check_open_before_birthday`.
    """
    return clock.start_of_day(birthday - timedelta(days=value_of(POT_OPEN_DAYS)))


def _in_year(born: date, year: int) -> date:
    if (born.month, born.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    return born.replace(year=year)
