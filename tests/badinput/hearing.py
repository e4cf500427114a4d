"""What a request was asked for: every name that the code looked up in the address or the form, every form made.

So the tests find out for themselves what a view reads, and a new field or filter is attacked like the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import ImmutableMultiDict

from portal.kernel.forms import PortalForm
from portal.web.reading import PortalRequest


@dataclass(slots=True)
class Heard:
    """The names read from the address, those read from the body, and the forms."""

    query: set[str] = field(default_factory=set)
    body: set[str] = field(default_factory=set)
    forms: list[PortalForm] = field(default_factory=list)


_heard: ContextVar[Heard | None] = ContextVar("heard", default=None)


@contextmanager
def listening() -> Iterator[Heard]:
    """Hear the requests of the block."""
    heard = Heard()
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)


class _Values(ImmutableMultiDict[str, str]):
    """Values that tell which of them were asked for."""

    def __init__(self, mapping: Any = None, asked: set[str] | None = None) -> None:
        super().__init__(mapping)
        self.asked = asked if asked is not None else set()

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)

    def __getitem__(self, key: str) -> str:
        self.asked.add(key)
        return super().__getitem__(key)

    def getlist(self, key: str, *more: Any, **named: Any) -> list[Any]:
        self.asked.add(key)
        return super().getlist(key, *more, **named)


class _Listening(PortalRequest):
    """A request whose address and body tell what is read of them."""

    @property
    def args(self) -> Any:
        values = super().args
        heard = _heard.get()
        return _Values(values, heard.query) if heard else values

    @property
    def form(self) -> Any:
        values = super().form
        heard = _heard.get()
        return _Values(values, heard.body) if heard else values


def install(app: Flask, patch: pytest.MonkeyPatch) -> None:
    """Have the app make requests and forms that are heard."""
    made = PortalForm.__init__

    def remember(form: PortalForm, *args: Any, **named: Any) -> None:
        made(form, *args, **named)
        heard = _heard.get()
        if heard is not None:
            heard.forms.append(form)

    patch.setattr(app, "request_class", _Listening)
    patch.setattr(PortalForm, "__init__", remember)
