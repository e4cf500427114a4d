"""The one source of time. Every instant is an aware UTC `datetime`; every civil day is Dakar's.

Outside production the clock can be moved: inside one process with `travel`, and for a whole run with the
file that `PORTAL_CLOCK_FILE` names, which holds a whole number of seconds to add to the real time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

PLATFORM_ZONE = ZoneInfo("Africa/Dakar")

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)
_clock_file: str | None = os.environ.get("PORTAL_CLOCK_FILE") or None


def now() -> datetime:
    """The present instant, aware, in UTC."""
    frozen = _frozen.get()
    if frozen is not None:
        return frozen
    real = datetime.now(UTC)
    return real + _file_offset() if _clock_file else real


def today() -> date:
    """The platform's calendar day (reconciliation §1: limit day, birthday, settlement period)."""
    return local_date(now())


def local_date(instant: datetime) -> date:
    """The platform's calendar day at `instant`."""
    return instant.astimezone(PLATFORM_ZONE).date()


def start_of_day(day: date) -> datetime:
    """The first instant of a platform day, in UTC."""
    return datetime.combine(day, time.min, PLATFORM_ZONE).astimezone(UTC)


def last_day(end: datetime, zone: tzinfo) -> date | None:
    """The last whole day of what ends at a midnight of `zone`; None when it ends at another time."""
    local = end.astimezone(zone)
    return local.date() - timedelta(days=1) if local.time() == time.min else None


def start_of_tomorrow() -> datetime:
    """The instant at which the next platform day begins, in UTC."""
    return start_of_day(today() + timedelta(days=1))


@contextmanager
def travel(to: datetime) -> Iterator[None]:
    """Freeze this context's clock at `to` (aware). For tests and for the demo world's past."""
    if to.tzinfo is None:
        raise ValueError("travel() needs an aware datetime")
    token = _frozen.set(to.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)


def _file_offset() -> timedelta:
    try:
        with open(str(_clock_file), encoding="ascii") as file:
            return timedelta(seconds=int(file.read().strip() or 0))
    except (OSError, ValueError):
        return timedelta(0)
