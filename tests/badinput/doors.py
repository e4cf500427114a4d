"""The table's rows: one for each rule and method of the portal, with what makes it answer well.

A row says who may come in, a good address and a good form. `{names}` are filled from the world. The tests take
a good request, spoil one thing of it, and look at what comes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.badinput.trying import NOBODY

Values = Mapping[str, Any]

PAGE, DONE, EMPTY = 200, 303, 204


@dataclass(frozen=True, slots=True)
class Door:
    """One rule and method, and a request that it answers as it should."""

    endpoint: str
    method: str
    by: str = NOBODY
    path: Mapping[str, str] = field(default_factory=dict)
    query: Values = field(default_factory=dict)
    form: Values | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    session: Mapping[str, Any] = field(default_factory=dict)
    answer: int = PAGE
    # Whether a good request writes anything, and which tables even a refused one may add to.
    changes: bool = False
    grows: frozenset[str] = frozenset()
    # What an address gets that names nothing: 404, but 410 for a link that came by mail.
    unknown: int = 404
    # What a field is refused with, where it is not 422: a paper of one use that is none.
    refuses: Mapping[str, int] = field(default_factory=dict)
    # Fields whose value is never refused, because it is only carried along or has a harmless meaning.
    carried: frozenset[str] = frozenset()

    @property
    def key(self) -> tuple[str, str]:
        """What the URL map calls it."""
        return self.endpoint, self.method

    @property
    def is_for_programs(self) -> bool:
        """Whether programs knock here: they send JSON too, and are told to sign in by a status."""
        return self.endpoint.partition(".")[0].endswith("_api")

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint}"


def show(endpoint: str, by: str = NOBODY, **facts: Any) -> Door:
    """A page to look at."""
    return Door(endpoint, "GET", by, **facts)


def act(endpoint: str, by: str = NOBODY, **facts: Any) -> Door:
    """Something to do: a form, or a button, after which the person is sent on."""
    return Door(endpoint, "POST", by, **({"form": {}, "answer": DONE, "changes": True} | facts))
