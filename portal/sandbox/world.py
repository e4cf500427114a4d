"""What every part of one running sandbox shares: its configuration, its memory, its clock."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

from flask import current_app

from portal.kernel import clock
from portal.sandbox.config import SandboxConfig
from portal.sandbox.store import Database, Store, get_setting, set_setting

EXTENSION = "sandbox"


@dataclass(slots=True)
class World:
    """One sandbox. `base_url` is known once its port is; `has_work` wakes the background thread."""

    config: SandboxConfig
    store: Store
    base_url: str = ""
    has_work: threading.Event = field(default_factory=threading.Event)

    def now(self, db: Database) -> datetime:
        """The portal's clock (and its clock file), moved by the sandbox's own offset if one was set."""
        return clock.now() + timedelta(seconds=clock_offset(db))

    def timestamp(self, db: Database) -> int:
        """The present as whole seconds since 1970."""
        return int(self.now(db).timestamp())


def this_world() -> World:
    """The sandbox that answers the present request."""
    return cast(World, current_app.extensions[EXTENSION])


def clock_offset(db: Database) -> int:
    """Seconds that only the sandbox's clock is ahead, on top of the clock file."""
    return int(get_setting(db, "clock_offset", 0))


def set_clock_offset(db: Database, seconds: int) -> None:
    """Move the sandbox's clock alone, to play with clocks that disagree."""
    set_setting(db, "clock_offset", seconds)


def written(timestamp: int) -> str:
    """A time as Wave writes it: UTC, whole seconds (contract §1)."""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
