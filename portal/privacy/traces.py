"""Words by which others' texts speak of a person, and how they are taken out of those texts.

A proved address means one person, so it goes wherever it stands. So does the full name of an account's holder that
nobody else bears. A name that another bears, a first name, a title, an address that was only claimed goes from
texts about the person's own things alone (docs/decisions).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased
from sqlalchemy.sql.dml import ReturningUpdate

from portal.kernel.db import db
from portal.kernel.personal import ERASED, MENTIONS, REGISTRY, Mentions, Person, Share
from portal.people.models import Profile

_SHORTEST = 2


@dataclass(slots=True)
class Traces:
    """What to look for: everywhere, and in texts about the things with these ids."""

    everywhere: set[str] = field(default_factory=set)
    nearby: set[str] = field(default_factory=set)
    ids: list[UUID] = field(default_factory=list)


def traces_of(person: Person) -> Traces:
    """Read the words before they are erased."""
    found = Traces(everywhere={*person.proved, *_names_of_nobody_else(person)}, nearby=set(person.claimed))
    for holding in REGISTRY.values():
        for share in holding.shares:
            if share.ties or share.traces:
                _read(found, holding.table, share, person)
    found.nearby = {word for word in found.nearby if len(word) >= _SHORTEST and word != ERASED}
    return found


def wipe(found: Traces) -> int:
    """Take the words out of every text that may hold them; how many rows changed."""
    changed = 0
    for place in MENTIONS.values():
        for words, where in ((found.everywhere, None), (found.nearby, found.ids)):
            if words and (where is None or where):
                changed += len(db.session.execute(_replacing(place, words, where)).all())
    return changed


def _read(found: Traces, table: Any, share: Share, person: Person) -> None:
    key = table.primary_key.columns.values()[0]
    columns = [key, *[table.c[name] for name in share.traces]]
    for row in db.session.execute(select(*columns).where(share.of(person))):
        if share.ties:
            found.ids.append(row[0])
        for word in filter(None, row[1:]):
            found.nearby.add(word)
    if table is Profile.__table__:
        # Friends are told by first name who has come.
        found.nearby |= {word.split()[0] for word in found.nearby if " " in word}


def _names_of_nobody_else(person: Person) -> Sequence[str]:
    """The holder's full name; none when another account bears it, and none of somebody without an account."""
    another = aliased(Profile)
    is_shared = exists().where(
        func.lower(another.full_name) == func.lower(Profile.full_name), another.user_id != Profile.user_id
    )
    names = select(Profile.full_name).where(Profile.user_id == person.user_id, ~is_shared)
    return [name for name in db.session.scalars(names) if " " in name]


def _replacing(place: Mentions, words: Collection[str], ids: Sequence[UUID] | None) -> ReturningUpdate[Any]:
    columns = [place.table.c[name] for name in place.columns]
    patterns = {column.name: _pattern(words, in_json=isinstance(column.type, JSONB)) for column in columns}
    hits = or_(*[cast(column, Text).op("~")(patterns[column.name]) for column in columns])
    statement = update(place.table).where(hits)
    if ids is not None:
        statement = statement.where(place.tie(ids))
    values = {column.name: _without(column, patterns[column.name]) for column in columns}
    return statement.values(values).returning(place.table.primary_key.columns.values()[0])


def _without(column: ColumnElement[Any], pattern: str) -> ColumnElement[Any]:
    replaced = func.regexp_replace(cast(column, Text), pattern, ERASED, "g")
    return cast(replaced, JSONB) if isinstance(column.type, JSONB) else replaced


def _pattern(words: Collection[str], *, in_json: bool) -> str:
    """Any of the words, whole; the longest first, so that a full name leaves no half of itself."""
    spelt = [json.dumps(word, ensure_ascii=False)[1:-1] if in_json else word for word in words]
    listed = "|".join(re.escape(word) for word in sorted(spelt, key=lambda word: (-len(word), word)))
    return f"(?<![[:alnum:]])(?:{listed})(?![[:alnum:]])"
