"""Making a person anonymous (PRV-02, REF-18, R-17), in one transaction.

1. What others' texts say of the person is read, while it is still known.
2. Every table's shares are erased as their room declared it, what hangs on other rows first.
3. The words are taken out of others' texts.
4. The bytes of the person's files go after the commit.
Killed at any moment, nothing is done or all of it; done again, nothing is left to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, delete, or_, select, update

from portal.kernel.db import Base, db
from portal.kernel.ids import new_id
from portal.kernel.jobs import follow_up
from portal.kernel.models import StoredFile
from portal.kernel.personal import REGISTRY, Anew, Blank, Erasure, Person, Remove, own
from portal.privacy.traces import traces_of, wipe

BYTES_JOB = "privacy.remove_bytes"


def erase(person: Person) -> dict[str, int]:
    """Erase everything that is said of the person; how many rows changed, by table."""
    traces = traces_of(person)
    keys = _files_of(person)
    counts: dict[str, int] = {}
    for table in reversed(Base.metadata.sorted_tables):
        holding = REGISTRY[table.name]
        for share in holding.shares:
            changed = erase_rows(table, share.of(person), share.erasure, person)
            if changed:
                counts[table.name] = counts.get(table.name, 0) + changed
    counts["mentions"] = wipe(traces)
    db.session.expire_all()
    if keys:
        follow_up(BYTES_JOB, dedupe_key=f"erased-files:{new_id()}", payload={"storage_keys": keys})
    return counts


def erase_rows(table: Any, where: ColumnElement[bool], erasure: Erasure, person: Person) -> int:
    """Do with these rows what was declared; how many changed. Safe to repeat."""
    match erasure:
        case Remove():
            return _rows(delete(table).where(where))
        case Blank(values):
            told = _filled(values, person)
            return _rows(update(table).where(where, _still_says(table, told)).values(_plain(told)))
        case _:
            return 0


def _still_says(table: Any, values: Mapping[str, Any]) -> ColumnElement[bool]:
    """Rows that are not blank yet: a second time changes nothing, not even when the row was last touched."""
    return or_(
        *[
            table.c[name].is_distinct_from(value)
            for name, value in values.items()
            if not isinstance(value, Anew)
        ]
    )


def _filled(values: Mapping[str, Any], person: Person) -> dict[str, Any]:
    """The values that are made by a function of the person, made."""
    return {name: value(person) if callable(value) else value for name, value in values.items()}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.make() if isinstance(value, Anew) else value for name, value in values.items()}


def _rows(statement: Any) -> int:
    done = db.session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(done, CursorResult)
    return done.rowcount


def _files_of(person: Person) -> list[str]:
    return [*db.session.scalars(select(StoredFile.storage_key).where(own(StoredFile.owner_user_id)(person)))]
