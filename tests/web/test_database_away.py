"""PostgreSQL does not answer: people read a sentence, programs get a status, and nobody is asked for again."""

from __future__ import annotations

from typing import Any, NoReturn

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import Session

from portal.identity import sessions
from portal.web import views
from tests.harness.house import make_person, sign_in
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
