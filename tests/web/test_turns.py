"""A change waits for no page, a page gives way to changes and to other pages, and never for long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from werkzeug.test import create_environ

from portal.kernel.db import db
from portal.web.turns import Precedence, Turns

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
def ask(tmp_path: Path) -> Iterator[Callable[..., Answer]]:
    """Ask one of the processes, which gives way for `patience` seconds to what goes first for `precedence`."""
    asked: list[Answer] = []
    processes: dict[int, Turns] = {}

    def begin(method: str, process: int = 0, **seconds: float) -> Answer:
        if process not in processes:
            processes[process] = Turns(
                application, tmp_path / "turns", **{"patience": LONG, "precedence": LONG, **seconds}
            )
        asked.append(Answer(method, lambda environ: processes[process](environ, lambda *_told: None)))  # type: ignore[arg-type]
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


def test_a_page_waits_for_a_change_in_another_process(ask: Callable[..., Answer]) -> None:
    change = ask("POST", process=1)
    assert change.begun.wait(LONG)

    page = ask("GET")

    assert not page.begun.wait(A_MOMENT)
    change.end()
    assert page.begun.wait(LONG)


def test_a_page_waits_for_no_other_page_of_another_process(ask: Callable[..., Answer]) -> None:
    assert ask("GET", process=1).begun.wait(LONG)

    assert ask("GET").begun.wait(LONG)


def test_a_change_that_takes_long_or_was_killed_goes_first_no_longer(ask: Callable[..., Answer]) -> None:
    change = ask("POST", process=1, precedence=A_MOMENT)
    assert change.begun.wait(LONG)

    assert ask("GET").begun.wait(LONG)
    assert not change.is_over.is_set()


def test_pages_that_wait_all_get_their_turn(ask: Callable[..., Answer]) -> None:
    change = ask("POST")
    assert change.begun.wait(LONG)
    pages = [ask("GET") for _number in range(5)]
    for page in pages:
        page.may_end.set()

    change.end()

    for page in pages:
        assert page.is_over.wait(LONG)


def test_an_error_in_the_application_gives_the_turn_back(tmp_path: Path) -> None:
    def failing(_environ: object, _start: object) -> Iterable[bytes]:
        raise ValueError("broken on purpose")

    turns = Turns(failing, tmp_path / "turns", patience=LONG, precedence=LONG)
    for method in ("GET", "POST", "GET"):
        with pytest.raises(ValueError, match="on purpose"):
            turns({"REQUEST_METHOD": method}, lambda *_told: None)  # type: ignore[arg-type]


def test_a_page_gives_way_between_the_pieces_of_its_template(tmp_path: Path) -> None:
    made: list[str] = []
    begun, may_go_on = Event(), Event()

    def pieces() -> Iterator[str]:
        for piece in ("first ", "second ", "third"):
            made.append(piece)
            yield piece
            if piece == "first ":
                begun.set()
                may_go_on.wait(LONG)

    texts: list[str] = []

    def page(_environ: object, _start: object) -> Iterable[bytes]:
        texts.append(turns.join(pieces()))
        return [b""]

    turns = Turns(page, tmp_path / "turns", patience=LONG)  # type: ignore[arg-type]
    elsewhere = Precedence(tmp_path / "turns")
    thread = Thread(target=lambda: turns({"REQUEST_METHOD": "GET"}, lambda *_told: None), daemon=True)  # type: ignore[arg-type]
    thread.start()
    assert begun.wait(LONG)

    elsewhere.claim(LONG)
    may_go_on.set()

    thread.join(A_MOMENT)
    assert (made, texts) == (["first ", "second "], [])
    elsewhere.claim(0)
    thread.join(LONG)
    assert texts == ["first second third"]


def test_a_claim_from_before_the_machine_was_started_anew_is_forgotten(tmp_path: Path) -> None:
    Precedence(tmp_path / "turns").claim(30 * 24 * 3600)

    assert not Precedence(tmp_path / "turns").is_claimed()


def test_what_makes_no_page_gives_no_way(tmp_path: Path) -> None:
    turns = Turns(application, tmp_path / "turns", patience=LONG)
    Precedence(tmp_path / "turns").claim(LONG)

    turns.give_way()

    assert turns.join(iter(["one ", "two"])) == "one two"


def test_pages_give_way_before_each_statement_and_between_pieces(app: Flask) -> None:
    turns = app.wsgi_app
    assert isinstance(turns, Turns)
    with app.app_context():
        assert event.contains(db.engine, "before_cursor_execute", turns.give_way)
    assert app.jinja_env.concat == turns.join


def test_a_whole_answer_is_given_at_once_and_a_stream_as_it_comes(app: Flask) -> None:
    environ = create_environ("/")
    closed: list[str] = []
    whole = app.response_class(["one ", "two"])
    whole.call_on_close(lambda: closed.append("whole"))
    stream = app.response_class(iter(["one ", "two"]))

    assert whole.get_app_iter(environ) == [b"one ", b"two"]
    assert closed == ["whole"]
    assert not isinstance(stream.get_app_iter(environ), list)
