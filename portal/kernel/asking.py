"""What the address of a list asks for: words, a choice, an id, a day, a file. What names nothing is left out."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

from flask import request

from portal.kernel.forms import trimmed
from portal.kernel.ids import parse_id

Kind = TypeVar("Kind", bound=StrEnum)


def asked(name: str = "q", limit: int = 100) -> str | None:
    """A text, trimmed and short; None when it is empty."""
    return trimmed(request.args.get(name, "")[:limit])


def asked_kind(kind: type[Kind], name: str = "status") -> Kind | None:
    """One value of `kind`; None when there is no such value."""
    return kind_named(kind, request.args.get(name))


def kind_named(kind: type[Kind], text: str | None) -> Kind | None:
    """The value of `kind` that a form or an address names; None when there is no such value."""
    return kind(text) if text in set(kind) else None


def asked_id(name: str) -> UUID | None:
    """An id; None when it is none."""
    return parse_id(asked(name))


def asked_day(name: str) -> date | None:
    """A day of this century; None when it is none."""
    try:
        day = date.fromisoformat(asked(name, 10) or "")
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2099 else None


def wants_file() -> bool:
    """Whether the list is wanted as one file for a spreadsheet instead of a page."""
    return request.args.get("format") == "csv"


def query_link(**changes: str | None) -> str:
    """The address of this very page with some of its query changed; None removes a part, lists stay lists."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in changes]
    changed = [(name, value) for name, value in changes.items() if value is not None]
    query = urlencode([*kept, *changed])
    return f"{request.path}?{query}" if query else request.path
