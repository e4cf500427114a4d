"""Who goes first among the web processes: what changes something before what only shows.

Python runs one thread of a process at a time, and a machine as many processes as it has cores. A page that is
half made therefore holds up a till's scan at each of its steps. So pages give way: when they begin, before each
statement, and between the pieces of a template.
"""

from __future__ import annotations

import mmap
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, local
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_SHOWING = frozenset({"GET", "HEAD", "OPTIONS"})
# Seconds in which a change goes first: as long as scans take. One that waits for Wave holds up nobody longer.
PRECEDENCE = 0.02
# Seconds in which its answer still has to leave through the interpreter that pages want back.
_LINGER = 0.001
# Seconds that one page gives way in all, however many tills are at work.
PATIENCE = 0.1
_LOOKS_AGAIN = 0.0005
_PROCESSES = 8
_SIZE_OF_A_TIME = 8
# Seconds ahead at which a time was certainly left by a run before the machine began to count anew.
_FROM_BEFORE = 3600.0


class Precedence:
    """Until when changes go first, by process, in memory that all web processes of this portal share.

    Times run out by themselves, so that a process that is killed holds up nobody. Two processes that meet in
    one place only make each other's changes go first for a shorter time.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        size = _PROCESSES * _SIZE_OF_A_TIME
        shared = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(shared, size)
            self._until = memoryview(mmap.mmap(shared, size)).cast("d")
        finally:
            os.close(shared)
        self._forget_what_is_from_before()

    def claim(self, seconds: float) -> None:
        """Let this process's changes go first for so long from now on, in place of what it claimed before."""
        self._until[os.getpid() % _PROCESSES] = time.monotonic() + seconds

    def is_claimed(self) -> bool:
        """Whether some process has a change that goes first."""
        return max(self._until) > time.monotonic()

    def _forget_what_is_from_before(self) -> None:
        believed = time.monotonic() + _FROM_BEFORE
        for place, until in enumerate(self._until):
            if until > believed:
                self._until[place] = 0.0


class _Page(local):
    """The page that this thread makes, if it makes one: how many seconds it may still give way."""

    patience: float | None = None


class Turns:
    """Makes one page at a time in each process, and lets it give way while something is changed in any of them."""

    def __init__(
        self,
        application: WSGIApplication,
        shared: Path,
        *,
        patience: float = PATIENCE,
        precedence: float = PRECEDENCE,
    ) -> None:
        self._application = application
        self._claims = Precedence(shared)
        self._patience = patience
        self._precedence = precedence
        self._one_page = Lock()
        self._counting = Lock()
        self._changes = 0
        self._page = _Page()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        turn = self._showing if environ["REQUEST_METHOD"] in _SHOWING else self._changing
        with turn():
            return self._application(environ, start_response)

    def give_way(self, *_told: Any) -> None:
        """Wait while something is changed, if this thread makes a page that has not given way for long enough."""
        patience = self._page.patience
        if patience is None or patience <= 0 or not self._claims.is_claimed():
            return
        until = time.monotonic() + patience
        while self._claims.is_claimed() and time.monotonic() < until:
            time.sleep(_LOOKS_AGAIN)
        self._page.patience = until - time.monotonic()

    def join(self, pieces: Iterable[str]) -> str:
        """The pieces of a template as one text; a page gives way between them."""
        # What a macro has made is a list already.
        if self._page.patience is None or isinstance(pieces, list):
            return "".join(pieces)
        return "".join(self._piece_by_piece(pieces))

    def _piece_by_piece(self, pieces: Iterable[str]) -> Iterator[str]:
        for piece in pieces:
            self.give_way()
            yield piece

    @contextmanager
    def _showing(self) -> Iterator[None]:
        until = time.monotonic() + self._patience
        is_alone = self._one_page.acquire(timeout=self._patience)
        self._page.patience = until - time.monotonic()
        try:
            self.give_way()
            yield
        finally:
            self._page.patience = None
            if is_alone:
                self._one_page.release()

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._counting:
            self._changes += 1
            self._claims.claim(self._precedence)
        try:
            yield
        finally:
            with self._counting:
                self._changes -= 1
                if not self._changes:
                    self._claims.claim(_LINGER)
