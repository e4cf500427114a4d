"""Connections that break: replaced when they have rested, and a request that met one is done again."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
import structlog
from flask.testing import FlaskClient
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import scoped_session

from portal.kernel import db as kernel_db
from tests.harness.house import make_person, sign_in

Committed = scoped_session[FlaskSession]


def break_all(database_url: str) -> None:
    """End every connection to the tests' database, as a restart of the server does."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def process_of(session: Committed) -> int:
    """The server's process behind the session's connection, which goes back to the pool."""
    found = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    session.commit()
    return int(found)


def test_a_connection_that_died_while_it_rested_is_replaced(
    committed_db: Committed, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_db, "_RESTED", 0.0)
    before = process_of(committed_db)
    break_all(database_url)

    assert process_of(committed_db) != before


def test_a_request_that_meets_a_broken_connection_is_done_again(
    client: FlaskClient, committed_db: Committed, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_db, "_RESTED", 3600.0)
    assert client.get("/packs").status_code == 200
    break_all(database_url)

    assert client.get("/packs").status_code == 200


def test_a_commit_that_breaks_is_not_done_again(
    client: FlaskClient, committed_db: Committed, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []

    def breaks(_session: Any) -> None:
        looks.append("commit")
        raise OperationalError("COMMIT", {}, psycopg.OperationalError(), connection_invalidated=True)

    monkeypatch.setattr(FlaskSession, "commit", breaks)

    assert client.get("/packs").status_code == 503
    assert looks == ["commit"]


@pytest.mark.covers("PAY-22")
@pytest.mark.parametrize("is_known", [False, True], ids=["a guest", "somebody signed in"])
def test_a_limit_that_meets_a_broken_connection_lets_the_request_be_done_again(
    client: FlaskClient,
    committed_db: Committed,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    is_known: bool,
) -> None:
    """A limit reads its number, and whom it counts for: that the database broke says nothing about Valkey."""
    monkeypatch.setattr(kernel_db, "_RESTED", 3600.0)
    if is_known:
        sign_in(client, make_person())
        committed_db.commit()
    assert client.get("/q/nobody-knows-this-link").status_code == 404
    break_all(database_url)

    with structlog.testing.capture_logs() as told:
        answer = client.get("/q/nobody-knows-this-link")

    assert answer.status_code == 404
    assert not [line for line in told if "storage" in line["event"].lower()]
