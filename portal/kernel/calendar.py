"""Dates of a person that belong in a calendar: each room registers where its own come from (PPL-33).

A room below never asks a room above: `dates_from` lets it give its dates, and the feed asks whoever has registered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CalendarDate:
    """A whole day, or the days up to `until` (included). `key` stays the same for as long as the thing does."""

    key: str
    title: str
    day: date
    until: date | None = None
    yearly: bool = False


Source = Callable[[UUID], Iterable[CalendarDate]]
SOURCES: dict[str, Source] = {}


def dates_from(name: str) -> Callable[[Source], Source]:
    """Register where one kind of date comes from; bounded, of this person alone, in the reader's language."""

    def register(source: Source) -> Source:
        if name in SOURCES:
            raise ValueError(f"two calendars are called {name}")
        SOURCES[name] = source
        return source

    return register


def dates_of(user_id: UUID) -> Iterator[CalendarDate]:
    """Every date that any room has for this person."""
    for name in sorted(SOURCES):
        yield from SOURCES[name](user_id)
