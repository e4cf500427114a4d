"""A change waits for no page, a page gives way to changes and to other pages, and never for long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from threading import Event, Thread
from typing import Any

import pytest

from portal.web.turns import Turns

# What must happen does so at once; this only ends a test that would never.
LONG = 20.0
# How long a thread that wrongly does not wait is given to show it.
A_MOMENT = 0.05


class Answer:
    """What the application does for one request: it tells that it began, and ends when it is let go."""

    def __init__(self, method: str, asked: Callable[[dict[str, Any]], Iterable[bytes]]) -> None:
        self.begun, self.may_end, self.is_over = Event(), Event(), Event()
        self.thread = Thread(target=lambda: asked({"REQUEST_METHOD": method, "answer": self}), daemon=True)
        self.thread.start()

    def end(self) -> None:
        self.may_end.set()
        self.thread.join(LONG)
        assert self.is_over.is_set()


def application(environ: dict[str, Any], _start: object) -> Iterable[bytes]:
    answer: Answer = environ["answer"]
    answer.begun.set()
    assert answer.may_end.wait(LONG)
    answer.is_over.set()
    return [b""]


@pytest.fixture
def ask() -> Iterator[Callable[..., Answer]]:
    """Ask a process that gives way for `patience` seconds."""
    asked: list[Answer] = []
    turns: list[Turns] = []

    def begin(method: str, patience: float = LONG) -> Answer:
        if not turns:
            turns.append(Turns(application, patience=patience))
        asked.append(Answer(method, lambda environ: turns[0](environ, lambda *_told: None)))  # type: ignore[arg-type]
        return asked[-1]

    yield begin
    for answer in asked:
        answer.may_end.set()
        answer.thread.join(LONG)


@pytest.mark.parametrize("first", ["POST", "GET"])
def test_a_page_waits_for_what_is_under_way(ask: Callable[..., Answer], first: str) -> None:
    under_way = ask(first)
    assert under_way.begun.wait(LONG)

    page = ask("GET")

    assert not page.begun.wait(A_MOMENT)
    under_way.end()
    assert page.begun.wait(LONG)


@pytest.mark.parametrize("first", ["POST", "GET"])
def test_a_change_waits_for_nothing(ask: Callable[..., Answer], first: str) -> None:
    under_way = ask(first)
    assert under_way.begun.wait(LONG)

    change = ask("POST")

    assert change.begun.wait(LONG)
    change.end()
    assert not under_way.is_over.is_set()


def test_a_page_does_not_wait_longer_than_it_has_patience(ask: Callable[..., Answer]) -> None:
    slow = ask("GET", patience=A_MOMENT)
    assert slow.begun.wait(LONG)

    others = [ask("GET"), ask("HEAD")]

    assert all(page.begun.wait(LONG) for page in others)
    assert not slow.is_over.is_set()


def test_pages_that_wait_all_get_their_turn(ask: Callable[..., Answer]) -> None:
    change = ask("POST")
    assert change.begun.wait(LONG)
    pages = [ask("GET") for _number in range(5)]
    for page in pages:
        page.may_end.set()

    change.end()

    for page in pages:
        assert page.is_over.wait(LONG)


def test_an_error_in_the_application_gives_the_turn_back() -> None:
    def failing(_environ: object, _start: object) -> Iterable[bytes]:
        raise ValueError("broken on purpose")

    turns = Turns(failing, patience=LONG)
    for method in ("GET", "POST", "GET"):
        with pytest.raises(ValueError, match="on purpose"):
            turns({"REQUEST_METHOD": method}, lambda *_told: None)  # type: ignore[arg-type]
