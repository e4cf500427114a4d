"""What came of a try at the door. Nothing of it says whether an account exists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.identity.codes import CodeCheck, CodeResult


class Door(StrEnum):
    """What the person finds at the door."""

    OPEN = "open"
    WRONG = "wrong"
    LOCKED = "locked"
    USED_UP = "used_up"
    EXPIRED = "expired"
    TOO_SHORT = "too_short"
    NEW_NUMBER = "new_number"
    NEW_IDENTITY = "new_identity"
    NOT_ACTIVE = "not_active"
    SECOND_STEP = "second_step"


@dataclass(frozen=True, slots=True)
class Entry:
    """The result of one try: `session_token` when the door is open, `waiting_token` when a second step follows."""

    door: Door
    session_token: str | None = None
    waiting_token: str | None = None
    locked_until: datetime | None = None
    tries_left: int = 0


_CODE_DOORS = {
    CodeResult.WRONG: Door.WRONG,
    CodeResult.USED_UP: Door.USED_UP,
    CodeResult.TOO_SHORT: Door.TOO_SHORT,
}


def after_code(check: CodeCheck) -> Entry:
    """What a code that is not right finds at the door."""
    door = _CODE_DOORS.get(check.result, Door.EXPIRED)
    return Entry(door, tries_left=check.tries_left)
