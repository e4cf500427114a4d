"""Keyset paging: the next page starts after the last row seen, whatever was added meanwhile."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_

from portal.kernel.db import db

Item = TypeVar("Item")
PAGE_SIZE = 25
MAX_CURSOR_LENGTH = 512


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list; `next_cursor` and `previous_cursor` are None at the ends."""

    items: Sequence[Item]
    next_cursor: str | None
    previous_cursor: str | None

    def __bool__(self) -> bool:
        return bool(self.items)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed by; a part that stays at its default narrows nothing."""

    @property
    def active(self) -> int:
        """How many parts are set, as the page says above the list."""
        return sum(getattr(self, part.name) != part.default for part in fields(self))


@dataclass(frozen=True, slots=True)
class SortKey:
    """One column of the order; the last key of a list must be unique (the id)."""

    column: Any
    descending: bool = True


def paginate(
    statement: Select[*tuple[Any, ...]], keys: Sequence[SortKey], cursor: str | None, size: int = PAGE_SIZE
) -> Page[Any]:
    """Run `statement` for the page that `cursor` points at (a bad cursor is the first page).

    A statement of one entity gives that entity per item, else the row.
    """
    backwards, position = _decode(cursor, keys)
    directed = [SortKey(key.column, key.descending is not backwards) for key in keys]
    if position is not None:
        statement = statement.where(_beyond(directed, position))
    order = [key.column.desc() if key.descending else key.column.asc() for key in directed]
    width = len(statement.column_descriptions)
    statement = statement.add_columns(*[key.column for key in keys]).order_by(None).order_by(*order)
    rows = list(db.session.execute(statement.limit(size + 1)).all())
    has_more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    first = rows[0][width:] if rows else None
    last = rows[-1][width:] if rows else None
    more_after = has_more if not backwards else position is not None
    more_before = position is not None if not backwards else has_more
    return Page(
        items=[row[0] if width == 1 else row[:width] for row in rows],
        next_cursor=_encode("n", last) if last is not None and more_after else None,
        previous_cursor=_encode("p", first) if first is not None and more_before else None,
    )


def _beyond(keys: Sequence[SortKey], position: Sequence[Any]) -> ColumnElement[bool]:
    """Rows strictly after `position` in the direction of `keys`."""
    alternatives: list[ColumnElement[bool]] = []
    for index, key in enumerate(keys):
        equal = [before.column == value for before, value in zip(keys[:index], position, strict=False)]
        value = position[index]
        further = key.column < value if key.descending else key.column > value
        alternatives.append(and_(*equal, further))
    return or_(*alternatives)


def _encode(direction: str, values: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, date) else str(value) for value in values]
    return base64.urlsafe_b64encode(json.dumps([direction, *plain]).encode()).decode().rstrip("=")


def _decode(cursor: str | None, keys: Sequence[SortKey]) -> tuple[bool, list[Any] | None]:
    if not cursor or len(cursor) > MAX_CURSOR_LENGTH:
        return False, None
    try:
        direction, *plain = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if direction not in ("n", "p") or len(plain) != len(keys):
            return False, None
        values = [_read(key.column.type.python_type, text) for key, text in zip(keys, plain, strict=True)]
    except (ValueError, TypeError, binascii.Error, RecursionError):
        return False, None
    return direction == "p", values


def _read(kind: type, text: object) -> Any:
    """The value that `_encode` wrote as text. Raises `ValueError` for anything it did not write."""
    if not isinstance(text, str):
        raise ValueError("not written by us")
    if kind is UUID:
        return UUID(text)
    if kind is datetime:
        return datetime.fromisoformat(text)
    if kind is date:
        return date.fromisoformat(text)
    if kind is int:
        value = int(text)
        if abs(value) >= 2**63:
            raise ValueError("out of range")
        return value
    if "\x00" in text:
        raise ValueError("cannot be stored")
    text.encode()  # raises for half a sign
    return text
