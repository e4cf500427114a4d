"""The session that follows a sign-in, and its end."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.identity.models import (
    UserSession,
)
from portal.identity.sessions import cookie_name, resolve, start_session
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.crypto import token_hash
from portal.kernel.settings import Environment
from tests.harness.house import send
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.identity.doorway import PASSWORD, open_account

EMAIL = "awa@example.org"
RIGHT = {"email": EMAIL, "password": PASSWORD}
WRONG = {"email": EMAIL, "password": "three wrong words"}


def test_the_cookie_is_bound_and_secure_in_production(
    app: Flask, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_account()
    settings = dataclasses.replace(app.config["SETTINGS"], environment=Environment.PRODUCTION)
    monkeypatch.setitem(app.config, "SETTINGS", settings)

    answer = send(app.test_client(), "/sign-in", RIGHT)

    header = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("__Host-session="))
    assert "; Secure" in header
    assert "; HttpOnly" in header
    assert "Domain" not in header


@pytest.mark.covers("ID-43")
def test_signing_in_ends_the_session_the_browser_had(client: FlaskClient, db_session: Session) -> None:
    open_account()
    moussa = open_account(email="moussa@example.org")
    planted = start_session(moussa.id, by=SYSTEM)
    expired = start_session(moussa.id, by=SYSTEM)
    db_session.commit()
    client.set_cookie(cookie_name(), "x" * 90)
    with client.session_transaction() as session:
        session["csrf_token"] = "planted"
    send(client, "/sign-in", RIGHT)
    first = client.get_cookie(cookie_name())
    with client.session_transaction() as session:
        assert session.get("csrf_token") != "planted"

    # Somebody whose session has run out elsewhere signs in over it.
    db_session.execute(
        UserSession.__table__.update()
        .where(UserSession.token_hash == token_hash(planted))
        .values(expires_at=func.now() - timedelta(days=1))
    )
    db_session.commit()
    client.set_cookie(cookie_name(), planted)
    send(client, "/sign-in", RIGHT)
    second = client.get_cookie(cookie_name())

    assert first is not None
    assert second is not None
    assert len({first.value, second.value, planted}) == 3
    db_session.expire_all()
    row = db_session.execute(
        select(UserSession).where(UserSession.token_hash == token_hash(planted))
    ).scalar_one()
    assert row.revoked
    assert resolve(expired) is not None


@pytest.mark.covers("ID-43", "ID-45")
def test_signing_out_ends_the_session_for_every_copy_of_it(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    open_account()
    send(client, "/sign-in", RIGHT)
    copied = client.get_cookie(cookie_name())
    assert copied is not None
    thief = app.test_client()
    thief.set_cookie(cookie_name(), copied.value)
    assert thief.get("/profile").status_code == 200

    assert client.get("/sign-out").status_code == 405
    answer = send(client, "/sign-out")

    assert answer.location == "/"
    assert client.get_cookie(cookie_name()) is None
    assert thief.get("/profile").status_code == 303
    db_session.expire_all()
    session = db_session.execute(select(UserSession)).scalar_one()
    assert session.revoked
    assert session.revoked_at is not None


@pytest.mark.covers("ID-43", "ID-45")
def test_an_expired_session_is_refused_at_once_although_it_is_cached(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    open_account()
    clock.travel(2026, 3, 1, 12)
    send(client, "/sign-in", RIGHT)
    for _week in range(4):
        clock.advance(days=7)
        assert client.get("/profile").status_code == 200
    clock.advance(days=1, hours=23, minutes=59, seconds=50)
    assert client.get("/profile").status_code == 200
    clock.advance(seconds=11)

    assert client.get("/profile").status_code == 303


@pytest.mark.covers("ID-45")
def test_a_second_page_reads_the_session_from_the_cache(
    client: FlaskClient, db_session: Session, valkey: redis.Redis, count_statements: CountStatements
) -> None:
    open_account()
    send(client, "/sign-in", RIGHT)
    client.get("/settings")

    with count_statements() as asked:
        client.get("/settings")
    assert not [statement for statement in asked if "user_sessions" in statement]

    valkey.flushall()
    with count_statements() as asked:
        assert client.get("/settings").status_code == 200
    assert len([statement for statement in asked if "FROM user_sessions" in statement]) == 1


@pytest.mark.covers("ID-45")
@pytest.mark.parametrize("forgery", ["plain", "altered", "another's", "nonsense"])
def test_nobody_becomes_an_admin_by_writing_into_the_cache(
    client: FlaskClient, db_session: Session, valkey: redis.Redis, forgery: str
) -> None:
    awa, chief = open_account(), open_account(email="chef@example.org")
    chief.roles = ["user", "admin"]
    tokens = [start_session(person.id, by=SYSTEM) for person in (awa, chief)]
    db_session.commit()
    mine, theirs = (f"session:{token_hash(token)}" for token in tokens)
    known, _chief = (resolve(token) for token in tokens)
    assert known is not None
    kept = valkey.get(mine)
    assert isinstance(kept, bytes)
    assert b"roles" not in kept, "nobody reads there who is signed in"
    as_admin = dataclasses.replace(known, roles=frozenset({"user", "admin"}))
    expires_at = (clock.now() + timedelta(days=1)).isoformat()

    written = {
        "plain": json.dumps({"person": as_admin.to_json(), "expires_at": expires_at}),
        "altered": kept[:-1] + bytes([kept[-1] ^ 1]),
        "another's": valkey.get(theirs),
        "nonsense": b"\xff:{}",
    }[forgery]
    valkey.set(mine, written)  # type: ignore[arg-type]

    person = resolve(tokens[0])
    assert person is not None
    assert (person.user_id, person.is_admin) == (awa.id, False)
