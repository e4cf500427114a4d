"""What happens when: deeds of a simulated past, done in the order of their time."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count

from portal.kernel import clock

Deed = Callable[[], object]


class Agenda:
    """Deeds and their moments. A deed may put more deeds on the agenda; those after the end never happen."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        self._due: list[tuple[datetime, int, Deed]] = []
        self._order = count()

    def at(self, moment: datetime, deed: Deed) -> None:
        """Have `deed` done at `moment` (aware); of two at the same moment the first written comes first."""
        if moment <= self.until:
            heapq.heappush(self._due, (moment, next(self._order), deed))

    def live_through(self, afterwards: Callable[[], object]) -> None:
        """Do everything in order, the portal's clock standing at each moment; `afterwards` follows each deed."""
        while self._due:
            moment, _order, deed = heapq.heappop(self._due)
            with clock.travel(moment):
                deed()
                afterwards()


class Days:
    """The days of a world, counted from the one on which it is made: 0 today, -1 yesterday."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.today = clock.local_date(now)

    def date(self, number: int) -> date:
        """The calendar day of that number."""
        return self.today + timedelta(days=number)

    def at(self, number: int, hour: int, minute: int = 0) -> datetime:
        """A moment of that day, on Dakar's clock."""
        return clock.start_of_day(self.date(number)) + timedelta(hours=hour, minutes=minute)

    def number(self, moment: datetime) -> int:
        """The number of the day that `moment` lies in."""
        return (clock.local_date(moment) - self.today).days
