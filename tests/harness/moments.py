"""A clock that tests set: `clock.travel(...)` to an instant, `clock.advance(days=1)` from there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from portal.kernel import clock as portal_clock


class Clock:
    """Freezes the portal's clock for the rest of the test, in the thread of the test."""

    def __init__(self, journeys: ExitStack) -> None:
        self._journeys = journeys

    def travel(self, *moment: int | datetime) -> datetime:
        """Freeze time at an aware datetime, or at `travel(2026, 3, 1, 12)` in UTC (Dakar's own time)."""
        if len(moment) == 1 and isinstance(moment[0], datetime):
            to = moment[0]
        else:
            to = datetime(*moment, tzinfo=UTC)  # type: ignore[arg-type, misc]
        self._journeys.enter_context(portal_clock.travel(to))
        return to

    def advance(self, **parts: float) -> datetime:
        """Freeze time later than now by the parts of a timedelta."""
        return self.travel(portal_clock.now() + timedelta(**parts))

    def now(self) -> datetime:
        """What the portal takes for the present."""
        return portal_clock.now()


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The portal's clock, which runs again after the test."""
    with ExitStack() as journeys:
        yield Clock(journeys)
