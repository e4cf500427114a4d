"""The chain of the trail: each row carries the hash of its own content and of the row before it (ADM-15, ADM-17).

1. `record` writes a row inside the transaction that it proves, unsealed: no transaction waits for another's end.
2. `seal` runs on a timer. One at a time (an advisory lock), it takes the rows that have been committed since, gives
   each the next position and hashes it with the hash before it. The database lets a row be sealed once, and no more.
3. `verify` walks from the first row to the last and names the first that does not follow. What it found last time
   (position and hash of the last row) must still be there, so that neither an end cut off nor a chain made anew
   passes; the log and the command tell it too, for whoever wants to keep it out of the database's reach.

Why it is not done in the transaction itself: docs/decisions/2026-11-27-the-chain-of-the-trail.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select, tuple_, update

from portal.audit.models import AuditCut, AuditLog
from portal.kernel.db import db, transaction

GENESIS = "0" * 64
_BATCH = 1_000
# One sealing at a time: two would give one position twice.
_ADVISORY_LOCK = 7_034_221_002
_TRAIL = AuditLog.metadata.tables[AuditLog.__tablename__]
_CHAIN = ("position", "previous_hash", "row_hash")
_CONTENT = tuple(column for column in _TRAIL.columns if column.name not in _CHAIN)
_SEAL = (
    update(_TRAIL)
    .where(_TRAIL.c.id == bindparam("row_id"), _TRAIL.c.occurred_at == bindparam("row_time"))
    .values({name: bindparam(name) for name in _CHAIN})
)


class Harm(StrEnum):
    """What was done to a row of the trail."""

    CHANGED = "changed"
    DELETED = "deleted"
    INSERTED = "inserted"


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of a chain: whoever knows it can tell whether all before it is as it was."""

    position: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Break:
    """The first row that does not follow."""

    harm: Harm
    position: int
    row_id: UUID | None = None

    def __str__(self) -> str:
        return f"row {self.position} was {self.harm}" + (f" (id {self.row_id})" if self.row_id else "")


def seal() -> int:
    """Seal what has been committed since the last time, in one transaction; how many rows. Safe at any time."""
    with transaction() as session:
        session.execute(select(func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
        head = _last()
        unsealed = (
            select(*_CONTENT)
            .where(_TRAIL.c.position.is_(None))
            .order_by(_TRAIL.c.occurred_at, _TRAIL.c.id)
            .limit(_BATCH)
        )
        seals = []
        for row in session.execute(unsealed):
            sealed = Head(head.position + 1, _hash_of(row, head))
            seals.append(
                {
                    "row_id": row.id,
                    "row_time": row.occurred_at,
                    "position": sealed.position,
                    "previous_hash": head.hash,
                    "row_hash": sealed.hash,
                }
            )
            head = sealed
        if seals:
            session.connection().execute(_SEAL, seals)
    return len(seals)


def verify(known: Head | None = None) -> Break | Head:
    """Walk the whole chain: its first broken row, or its head when all rows follow and `known` is among them.

    Where old months were removed it begins with the first row that is left, which must follow the last that went.
    """
    while True:
        with transaction():
            beginning = _beginning()
        found = beginning if isinstance(beginning, Break) else _walk(beginning, known)
        with transaction():
            if isinstance(found, Head) or _beginning() == beginning:
                return found
        # Old months have gone meanwhile.


def _walk(head: Head, known: Head | None) -> Break | Head:
    if known is not None and known.position == head.position and known.hash != head.hash:
        return Break(Harm.CHANGED, head.position)
    for row in _sealed():
        if row.position != head.position + 1:
            harm = Harm.DELETED if row.position > head.position + 1 else Harm.INSERTED
            return (
                Break(harm, head.position + 1) if harm is Harm.DELETED else Break(harm, row.position, row.id)
            )
        if row.row_hash != _hash_of(row, Head(head.position, row.previous_hash)):
            return Break(Harm.CHANGED, row.position, row.id)
        if row.previous_hash != head.hash:
            # This one is whole and follows another: the row before it is not the one it was.
            return Break(Harm.CHANGED, head.position)
        head = Head(row.position, row.row_hash)
        if known is not None and known.position == head.position and known.hash != head.hash:
            return Break(Harm.CHANGED, head.position, row.id)
    if known is not None and known.position > head.position:
        return Break(Harm.DELETED, head.position + 1)
    return head


def _sealed() -> Iterator[Row[Any]]:
    """Every sealed row along the chain, some at a time, each time from a transaction of its own."""
    order = (_TRAIL.c.position, _TRAIL.c.id)
    statement = select(_TRAIL).where(_TRAIL.c.position.is_not(None)).order_by(*order).limit(_BATCH)
    after: tuple[int, UUID] | None = None
    while True:
        with transaction() as session:
            following = statement if after is None else statement.where(tuple_(*order) > after)
            rows = session.execute(following).all()
        yield from rows
        if len(rows) < _BATCH:
            return
        after = (rows[-1].position, rows[-1].id)


def _beginning() -> Head | Break:
    """What the first row that is left must follow: nothing, or the last that was lawfully removed (`keeping.py`)."""
    cut = db.session.scalars(select(AuditCut).order_by(AuditCut.last_position.desc()).limit(1)).one_or_none()
    if cut is None:
        return Head()
    told_of = select(AuditLog.details).where(
        AuditLog.resource_type == AuditCut.__tablename__, AuditLog.resource_id == cut.id
    )
    claimed = [(said.get("last_position"), said.get("last_hash")) for said in db.session.scalars(told_of)]
    if (cut.last_position, cut.last_hash) not in claimed:
        return Break(Harm.DELETED, cut.last_position)
    return Head(cut.last_position, cut.last_hash)


def _last() -> Head:
    last = select(_TRAIL.c.position, _TRAIL.c.row_hash).where(_TRAIL.c.position.is_not(None))
    row = db.session.execute(last.order_by(_TRAIL.c.position.desc()).limit(1)).one_or_none()
    if row is not None:
        return Head(row.position, row.row_hash)
    beginning = _beginning()
    return beginning if isinstance(beginning, Head) else Head()


def told(row: Row[Any]) -> dict[str, Any]:
    """A sealed row as JSON says it: everything it holds, and its place in the chain."""
    return {column.name: _plain(row._mapping[column]) for column in _CONTENT} | {
        name: row._mapping[_TRAIL.c[name]] for name in _CHAIN
    }


def hash_told(said: dict[str, Any]) -> str:
    """The hash that the row of `told` must carry."""
    return _hash([said["position"], said["previous_hash"], *(said[column.name] for column in _CONTENT)])


def _hash_of(row: Row[Any], before: Head) -> str:
    return _hash([before.position + 1, before.hash, *(_plain(row._mapping[column]) for column in _CONTENT)])


def _hash(said: list[Any]) -> str:
    """SHA-256 over the place in the chain and everything the row says, in one spelling."""
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, dict):
        return value
    return value.astimezone(UTC).isoformat() if hasattr(value, "astimezone") else str(value)
