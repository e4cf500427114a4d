"""What each table holds of a person: for what, how it is handed out and how it is erased (PRV-01, PRV-02, PRV-05).

Each room declares its own tables in its `personal.py`; a test walks the whole model set and fails on a table or
a column that nobody has declared. The export and the erasure know no table by name: they follow what is said here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, Table, cast, false, literal, or_

from portal.kernel.db import Base

#: What stands where something of an erased person stood.
ERASED = "•••"


@dataclass(frozen=True, slots=True)
class Person:
    """Whose data: an account, the addresses proved to be theirs, and gifts given without an account.

    `claimed` are addresses of the account that nobody has proved. Rows that are found by them alone may be
    another's: nothing of those is handed out, and only tries and used-up codes at the door are erased.
    """

    user_id: UUID | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    gift_ids: tuple[UUID, ...] = ()
    claimed: tuple[str, ...] = ()

    @property
    def proved(self) -> tuple[str, ...]:
        """Every address and number that means this person and nobody else."""
        return (*self.emails, *self.phones)


@dataclass(frozen=True, slots=True)
class Remove:
    """The rows go."""


@dataclass(frozen=True, slots=True)
class Anew:
    """A value that is made for each row and at random: a row in which nothing else is left to blank keeps its own."""

    make: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Blank:
    """The rows stay without what they said of the person; a value may be made by a function of the person."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stay:
    """The rows stay as they are: they speak of a stub alone, or a law asks for them."""

    because: str


Erasure = Remove | Blank | Stay


@dataclass(frozen=True, slots=True)
class Share:
    """Rows of one table that speak of a person, what the person gets of them, and what becomes of them.

    `tells` names the columns that are handed out, sealed ones opened (none: the rows are another's, or secrets). `ties`: messages
    to others about these rows speak of the person. `traces` are columns whose words those messages repeat.
    """

    title: str
    of: Callable[[Person], ColumnElement[bool]]
    erasure: Erasure
    tells: tuple[str, ...] = ()
    ties: bool = False
    traces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Holding:
    """One table: its personal columns with their purpose, columns that hold nothing of a person, and the shares."""

    table: Table
    purposes: Mapping[str, str] = field(default_factory=dict)
    plain: frozenset[str] = frozenset()
    shares: tuple[Share, ...] = ()
    nothing_because: str = ""


@dataclass(frozen=True, slots=True)
class Mentions:
    """Texts of a table that may name anybody; `tie` finds the rows about things with the given ids."""

    table: Table
    columns: tuple[str, ...]
    tie: Callable[[Collection[UUID]], ColumnElement[bool]] = lambda _ids: false()


@dataclass(frozen=True, slots=True)
class Naming:
    """Rows in which one person has named another who has no account, and what becomes of them when that one is forgotten.

    `of` finds them by the addresses of a `Person` without an account; texts about a row that `ties` name them too.
    """

    table: Table
    of: Callable[[Person], ColumnElement[bool]]
    erasure: Erasure
    ties: bool = False


REGISTRY: dict[str, Holding] = {}
NAMINGS: dict[str, Naming] = {}
MENTIONS: dict[str, Mentions] = {}
#: Each answers the sentence that says why an account cannot be closed yet, None when nothing stands in the way.
OPEN_MATTERS: list[Callable[[UUID], str | None]] = []
#: Each answers whether something of the person is still under way that needs what would be erased.
STILL_NEEDED: list[Callable[[Person], bool]] = []


def holds(
    model: type[Base],
    purposes: Mapping[str, str],
    *shares: Share,
    plain: Sequence[str] = (),
) -> None:
    """Declare what a table holds of people."""
    _declare(Holding(_table(model), purposes, frozenset(plain), shares))


def nothing_personal(model: type[Base], because: str) -> None:
    """Declare that a table says nothing of any person."""
    _declare(Holding(_table(model), nothing_because=because))


def mentions(
    model: type[Base],
    *columns: str,
    tie: Callable[[Collection[UUID]], ColumnElement[bool]] = lambda _ids: false(),
) -> None:
    """Declare texts in which people are named who are not the row's own."""
    table = _table(model)
    MENTIONS[table.name] = Mentions(table, columns, tie)


def names_guests(
    model: type[Base],
    of: Callable[[Person], ColumnElement[bool]],
    erasure: Erasure,
    *,
    ties: bool = False,
) -> None:
    """Declare rows that name somebody without an account by the address or number that another has typed."""
    table = _table(model)
    NAMINGS[table.name] = Naming(table, of, erasure, ties)


def open_matter(function: Callable[[UUID], str | None]) -> Callable[[UUID], str | None]:
    """Register what keeps an account from being closed."""
    OPEN_MATTERS.append(function)
    return function


def still_needed(function: Callable[[Person], bool]) -> Callable[[Person], bool]:
    """Register what lets an erasure wait."""
    STILL_NEEDED.append(function)
    return function


def own(*columns: Any) -> Callable[[Person], ColumnElement[bool]]:
    """Rows of which one of the columns names the person's account."""

    def of(person: Person) -> ColumnElement[bool]:
        if person.user_id is None:
            return false()
        return or_(*[column == person.user_id for column in columns])

    return of


def reached_at(*, emails: Any = None, phones: Any = None) -> Callable[[Person], ColumnElement[bool]]:
    """Rows of which the column holds an address that is proved to be the person's."""

    def of(person: Person) -> ColumnElement[bool]:
        found = [false()]
        if emails is not None and person.emails:
            found.append(emails.in_(person.emails))
        if phones is not None and person.phones:
            found.append(phones.in_(person.phones))
        return or_(*found)

    return of


def proved_at(column: Any) -> Callable[[Person], ColumnElement[bool]]:
    """Rows of which the column holds an address or a number that is proved to be the person's."""
    return lambda person: column.in_(person.proved)


def claimed_at(column: Any) -> Callable[[Person], ColumnElement[bool]]:
    """Rows of which the column holds an address that the account only claims: for shares that tell nothing."""
    return lambda person: column.in_(person.claimed)


def erased_by_id(column: Any) -> ColumnElement[str]:
    """What stands in a column that must hold an address or number: reaches nobody, and is another in each row."""
    return literal("erased:").op("||")(cast(column, String))


def any_of(*parts: Callable[[Person], ColumnElement[bool]]) -> Callable[[Person], ColumnElement[bool]]:
    """Rows that one of the conditions finds."""
    return lambda person: or_(*[part(person) for part in parts])


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _declare(holding: Holding) -> None:
    if holding.table.name in REGISTRY:
        raise ValueError(f"{holding.table.name} is declared twice")
    REGISTRY[holding.table.name] = holding
