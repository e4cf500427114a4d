"""The months of the trail are made ahead, so that each row lies in its own month, with which it leaves (PRV-10).

The tables belong to another role; the database's own function makes them, and nothing else. It leaves a month alone of
which rows lie in the default table: no row is ever moved, and the chain knows nothing of tables.
"""

from __future__ import annotations

from datetime import UTC, date

from sqlalchemy import Date, cast, func, select

from portal.config.privacy_values import MONTHS_AHEAD
from portal.config.values import value_of
from portal.kernel import clock
from portal.kernel.db import transaction


def make_months() -> int:
    """Make this month and those ahead that are missing; how many. Safe at any time. Commits."""
    first = clock.now().astimezone(UTC).date().replace(day=1)
    with transaction() as session:
        last = _months_after(first, value_of(MONTHS_AHEAD))
        made: int = session.execute(
            select(func.make_months_of_trail(cast(first, Date), cast(last, Date)))
        ).scalar_one()
    return made


def _months_after(month: date, count: int) -> date:
    year, ahead = divmod(month.month - 1 + count, 12)
    return date(month.year + year, ahead + 1, 1)
