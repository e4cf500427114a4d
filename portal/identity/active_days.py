"""On which days people were there: one row a person and platform day, whatever the number of sessions (G-06)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.dialects.postgresql import insert

from portal.identity.models import ActiveDay
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.ids import new_id


def note_active_day(user_id: UUID) -> None:
    """The person is there today; a repeat changes nothing."""
    row = {"id": new_id(), "user_id": user_id, "day": clock.today()}
    db.session.execute(insert(ActiveDay).values(row).on_conflict_do_nothing())


def days_active(user_id: Any, since: Any, days: int) -> ScalarSelect[int]:
    """For a statement: on how many of the `days` platform days from the instant `since` on somebody was there."""
    first = func.date(func.timezone(str(clock.PLATFORM_ZONE), since))
    counted = select(func.count()).where(
        ActiveDay.user_id == user_id, ActiveDay.day >= first, ActiveDay.day < first + days
    )
    return counted.scalar_subquery()
