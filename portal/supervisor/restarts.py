"""A process that dies is started again, later each time it dies young."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

from portal.supervisor.processes import Member

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_GROWN_UP_AFTER = 60.0


class Restarts:
    """Looks after members; call it again and again from the thread that started them."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._deaths: dict[str, int] = {}
        self._due: dict[str, float] = {}

    def look_after(self, member: Member) -> bool:
        """Plan a restart for a member that died, or carry out the planned one; True when it was started."""
        if not member.wanted or member.pid is not None:
            return False
        if member.name not in self._due:
            self._plan(member)
            return False
        if time.monotonic() < self._due[member.name]:
            return False
        del self._due[member.name]
        member.start()
        return True

    def _plan(self, member: Member) -> None:
        # What it left behind would hold its port.
        member.kill(signal.SIGKILL)
        young = member.age_seconds < _GROWN_UP_AFTER
        self._deaths[member.name] = deaths = self._deaths.get(member.name, 0) + 1 if young else 1
        pause = min(_FIRST_PAUSE * 2 ** (deaths - 1), _LONGEST_PAUSE)
        self._due[member.name] = time.monotonic() + pause
        self._report(f"{member.name} stopped; it starts again in {pause:g} s. {member.last_words()}")
