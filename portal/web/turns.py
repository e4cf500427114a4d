"""Who goes first in one web process: what changes something before what only shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Condition
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_SHOWING = frozenset({"GET", "HEAD", "OPTIONS"})
# Seconds a page gives way: as long as scans take, for a change may wait for Wave and a slow page for its sums.
PATIENCE = 0.02


class Turns:
    """Makes one page at a time, and begins none while something is changed: a till waits for no crowd of readers.

    Python runs one thread of a process at a time anyway; several half-made pages only hold up each other.
    """

    def __init__(self, application: WSGIApplication, *, patience: float = PATIENCE) -> None:
        self._application = application
        self._patience = patience
        self._something_ended = Condition()
        self._pages = 0
        self._changes = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        turn = self._page if environ["REQUEST_METHOD"] in _SHOWING else self._change
        with turn():
            return self._application(environ, start_response)

    @contextmanager
    def _page(self) -> Iterator[None]:
        with self._something_ended:
            self._something_ended.wait_for(self._is_quiet, self._patience)
            self._pages += 1
        try:
            yield
        finally:
            with self._something_ended:
                self._pages -= 1
                self._something_ended.notify()

    @contextmanager
    def _change(self) -> Iterator[None]:
        with self._something_ended:
            self._changes += 1
        try:
            yield
        finally:
            with self._something_ended:
                self._changes -= 1
                self._something_ended.notify()

    def _is_quiet(self) -> bool:
        return not self._pages and not self._changes
