"""PostgreSQL does not answer: people read a sentence, programs get a status, and nobody is asked for again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import Session

from portal.identity import sessions
from portal.kernel.db import db
from portal.kernel.models import OutboxEvent
from portal.web import views
from tests.harness.house import make_person, send, sign_in
from tests.settlements.world import speaking_english

SENTENCE = "We are back in a moment"
CAUSES = (
    OperationalError("SELECT 1", {}, psycopg.OperationalError("connection refused")),
    NoConnectionFree("QueuePool limit reached"),
)


@pytest.fixture(params=CAUSES, ids=["away", "overrun"])
def refuse(request: pytest.FixtureRequest) -> Any:
    """What every question to the database meets."""

    def refusing(*_args: Any, **_more: Any) -> NoReturn:
        raise request.param

    return refusing


@pytest.mark.parametrize("session", [None, "a-token-that-must-be-looked-up"])
def test_a_person_reads_a_sentence(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, refuse: Any, session: str | None
) -> None:
    if session is not None:
        client.set_cookie("session", session)
    monkeypatch.setattr(sessions, "_load", refuse)
    monkeypatch.setattr(views, "page", refuse)

    answer = client.get("/")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert SENTENCE in answer.text
    assert "Traceback" not in answer.text


def test_somebody_known_reads_it_in_the_chosen_language(
    client: FlaskClient, db_session: Session, monkeypatch: pytest.MonkeyPatch, refuse: Any
) -> None:
    sign_in(client, speaking_english(make_person()))
    monkeypatch.setattr(views, "feed_items", refuse)

    answer = client.get("/home")

    assert answer.status_code == 503
    assert '<html lang="en"' in answer.text


def test_a_program_gets_the_status_and_comes_again(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, refuse: Any
) -> None:
    monkeypatch.setattr(views, "page", refuse)

    answer = client.get("/", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert answer.json is not None
    assert answer.json["error"]["status"] == 503


@contextmanager
def breaking_commits() -> Iterator[None]:
    """PostgreSQL ends the connection of every request that is about to commit."""

    def end_the_connection(session: Session) -> None:
        process = session.scalar(select(func.pg_backend_pid()))
        with db.engine.connect() as other:
            other.execute(select(func.pg_terminate_backend(process)))

    event.listen(Session, "before_commit", end_the_connection)
    try:
        yield
    finally:
        event.remove(Session, "before_commit", end_the_connection)


UNKNOWN = "we cannot say whether it was"


def test_a_commit_that_nobody_answered_is_told_as_it_is(client: FlaskClient, committed_db: Session) -> None:
    english = {"Accept-Language": "en"}
    client.get("/password/forgotten", headers=english)

    with breaking_commits():
        answer = send(client, "/password/forgotten", {"email": "awa@example.org"}, headers=english)

    assert answer.status_code == 503
    assert UNKNOWN in answer.text
    assert "Retry-After" not in answer.headers
    assert "again in a few minutes" not in answer.text
    committed_db.rollback()
    assert committed_db.scalar(select(func.count()).select_from(OutboxEvent)) == 0


def test_a_page_that_was_only_read_may_be_asked_for_again(client: FlaskClient, committed_db: Session) -> None:
    with breaking_commits():
        answer = client.get("/password/forgotten", headers={"Accept-Language": "en"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert UNKNOWN not in answer.text
