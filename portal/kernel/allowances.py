"""What a platform day may have no more of, counted exactly: by all workers together, all in all and in each part.

Counts belong to the transaction that takes them, so that what is undone has taken nothing; whoever takes of the same
matter at the same moment waits for its end. Nothing slow may follow a taking in its transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.kernel.models import DayCount

#: The part that stands for all of them.
ALL = ""


def take(matter: str, parts: Sequence[str], *, most: int, most_of: Mapping[str, int]) -> list[bool]:
    """Take one of `matter` for each of `parts`, in their order; which of them today still allows.

    `most` holds for all parts together, `most_of` for those it names. Three statements, however many parts.
    """
    today = clock.today()
    taken = _locked(today, matter, {ALL, *parts})
    granted = []
    for part in parts:
        is_free = taken[ALL] < most and (part not in most_of or taken[part] < most_of[part])
        if is_free:
            taken.update((ALL, part))
        granted.append(is_free)
    _add(today, matter, [part for part, is_free in zip(parts, granted, strict=True) if is_free])
    return granted


def taken_today(matter: str) -> dict[str, int]:
    """How many today has had, by part; under `ALL` all of them."""
    rows = db.session.execute(
        select(DayCount.part, DayCount.taken).where(DayCount.day == clock.today(), DayCount.matter == matter)
    )
    return dict(rows.all())


def _locked(today: date, matter: str, parts: set[str]) -> Counter[str]:
    """The counts of the day, held until the end of the transaction; `ALL` first, for which everybody waits."""
    named = sorted(parts)
    db.session.execute(
        insert(DayCount)
        .values([{"id": new_id(), "day": today, "matter": matter, "part": part} for part in named])
        .on_conflict_do_nothing(index_elements=["day", "matter", "part"])
    )
    rows = db.session.execute(
        select(DayCount.part, DayCount.taken)
        .where(DayCount.day == today, DayCount.matter == matter, DayCount.part.in_(named))
        .order_by(DayCount.part)
        .with_for_update()
    )
    return Counter(dict(rows.all()))


def _add(today: date, matter: str, parts: list[str]) -> None:
    if not parts:
        return
    numbers = Counter(parts)
    rows = [(ALL, len(parts)), *sorted(numbers.items())]
    added = insert(DayCount).values(
        [
            {"id": new_id(), "day": today, "matter": matter, "part": part, "taken": number}
            for part, number in rows
        ]
    )
    db.session.execute(
        added.on_conflict_do_update(
            index_elements=["day", "matter", "part"], set_={"taken": DayCount.taken + added.excluded.taken}
        )
    )
