"""Coming in with a password, and the lock behind failures."""

from __future__ import annotations

import base64
import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.identity import passwords
from portal.identity.administration import suspend_user, unlock_user
from portal.identity.attempts import Reason, lock_of
from portal.identity.entry import Door
from portal.identity.models import (
    AuthIdentity,
    LoginAttempt,
    Passkey,
    SecurityEvent,
    User,
    UserSecurity,
    UserSession,
)
from portal.identity.sessions import cookie_name
from portal.identity.signing_in import sign_in_with_password
from portal.kernel.actor import SYSTEM
from portal.kernel.crypto import token_hash
from portal.kernel.db import in_transaction
from portal.kernel.settings import Environment
from tests.harness.house import send
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.identity.doorway import GUEST, PASSWORD, hear_of_locks, open_account, sent_to

EMAIL = "awa@example.org"
RIGHT = {"email": EMAIL, "password": PASSWORD}
WRONG = {"email": EMAIL, "password": "three wrong words"}


def attempt(words: str = WRONG["password"], email: str = EMAIL) -> Door:
    return sign_in_with_password(email, words, by=GUEST).door


def reasons(session: Session) -> list[str]:
    session.expire_all()
    return [*session.execute(select(LoginAttempt.reason).order_by(LoginAttempt.id)).scalars()]


def message(text: str) -> str:
    """What the person reads above the form."""
    return text.split("error-summary__list")[1].split("</ul>")[0]


@pytest.mark.covers("ID-15", "ID-37", "ID-39", "ID-40", "ID-41", "ID-55")
def test_the_right_password_opens_a_session(client: FlaskClient, db_session: Session) -> None:
    user = open_account()
    assert user.last_login_at is None

    answer = send(client, "/sign-in", RIGHT | {"email": " AWA@Example.org ", "next": "/settings"})

    assert (answer.status_code, answer.location) == (303, "/settings")
    cookie = client.get_cookie(cookie_name())
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Lax", "/")
    assert cookie.max_age == 30 * 24 * 3600
    db_session.expire_all()
    session = db_session.execute(select(UserSession)).scalar_one()
    assert session.token_hash == token_hash(cookie.value)
    assert cookie.value not in str(vars(session))
    assert str(session.ip_address) == "127.0.0.1"
    assert not session.revoked
    assert db_session.get_one(User, user.id).last_login_at is not None
    assert db_session.execute(select(AuthIdentity.last_used_at)).scalar_one() is not None
    assert reasons(db_session) == [Reason.SIGNED_IN]
    assert client.get("/settings").status_code == 200


@pytest.mark.covers("ID-37", "ID-55")
@pytest.mark.parametrize(
    "form",
    [
        WRONG,
        {"email": "nobody@example.org", "password": PASSWORD},
        {"email": EMAIL, "password": PASSWORD.upper()},
        {"email": EMAIL, "password": "' OR '1'='1"},
    ],
)
def test_a_wrong_try_is_counted_and_says_nothing(
    client: FlaskClient, db_session: Session, form: dict[str, str]
) -> None:
    open_account()

    answer = send(client, "/sign-in", form)

    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert client.get_cookie(cookie_name()) is None
    assert reasons(db_session) == [Reason.WRONG_PASSWORD]


def test_a_known_and_an_unknown_address_read_the_same_from_the_first_try_to_the_lock(
    client: FlaskClient, db_session: Session
) -> None:
    open_account()
    told: dict[str, list[tuple[int, str]]] = {}
    for number, email in enumerate((EMAIL, "nobody@example.org")):
        where = {"REMOTE_ADDR": f"192.0.2.{number}"}
        answers = [send(client, "/sign-in", WRONG | {"email": email}, environ_base=where) for _ in range(7)]
        told[email] = [(answer.status_code, message(answer.text)) for answer in answers]

    known, unknown = told.values()
    assert known == unknown
    assert known[0] != known[6]


def test_every_try_costs_one_hash_whoever_is_named(
    db_session: Session, monkeypatch: pytest.MonkeyPatch, count_statements: CountStatements
) -> None:
    open_account()
    open_account(email=None, phone="77 123 45 67")
    hashes: list[str | None] = []
    real = passwords.matches

    def counting(password: str, kept: str | None) -> bool:
        hashes.append(kept)
        return real(password, kept)

    monkeypatch.setattr(passwords, "matches", counting)
    for email in (EMAIL, "nobody@example.org"):
        for _ in range(7):
            attempt(email=email)

    assert len(hashes) == 14
    assert passwords.matches(PASSWORD, None) is False


def test_the_demo_says_that_its_second_step_is_off_and_nobody_else_does(
    client: FlaskClient, app: Flask, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentence = "In this demo the second step at sign-in is off"
    assert sentence in client.get("/sign-in").text

    settings = dataclasses.replace(app.config["SETTINGS"], environment=Environment.PRODUCTION)
    monkeypatch.setitem(app.config, "SETTINGS", settings)

    assert sentence not in client.get("/sign-in", base_url="https://localhost").text


@pytest.mark.covers("ID-52", "ID-54")
def test_five_failures_lock_for_a_quarter_of_an_hour_then_twice_as_long(
    db_session: Session, clock: Clock
) -> None:
    user = open_account()
    start = clock.travel(2026, 3, 1, 12)
    assert [attempt() for _ in range(6)] == [*[Door.WRONG] * 4, Door.LOCKED, Door.LOCKED]
    assert attempt(PASSWORD) is Door.LOCKED
    security = db_session.get_one(UserSecurity, user.id)
    assert (security.locked_until, security.lock_count) == (start + timedelta(minutes=15), 1)

    clock.advance(minutes=14, seconds=59)
    assert attempt(PASSWORD) is Door.LOCKED
    second = clock.advance(seconds=1)
    assert [attempt() for _ in range(5)] == [*[Door.WRONG] * 4, Door.LOCKED]
    assert security.locked_until == second + timedelta(minutes=30)

    clock.advance(minutes=30)
    assert attempt(PASSWORD) is Door.OPEN
    assert (security.failed_count, security.lock_count, security.locked_until) == (0, 0, None)
    assert len(hear_of_locks()) == 2
    events = db_session.execute(select(SecurityEvent.event_type)).scalars().all()
    assert events == ["account_locked", "account_locked"]
    assert len(sent_to(EMAIL, "unlock_link")) == 2


def test_a_lock_never_grows_beyond_a_day(db_session: Session, clock: Clock) -> None:
    open_account()
    clock.travel(2026, 3, 1, 12)
    for _ in range(8):
        for _ in range(5):
            attempt()
        until = lock_of(EMAIL).until
        assert until is not None
        assert until - clock.now() <= timedelta(hours=24)
        clock.travel(until)


@pytest.mark.covers("ID-54")
def test_old_failures_do_not_count_and_a_success_starts_afresh(db_session: Session, clock: Clock) -> None:
    open_account()
    clock.travel(2026, 3, 1, 12)
    assert {attempt() for _ in range(4)} == {Door.WRONG}
    clock.advance(minutes=15)
    assert {attempt() for _ in range(4)} == {Door.WRONG}
    assert attempt(PASSWORD) is Door.OPEN
    assert {attempt() for _ in range(4)} == {Door.WRONG}


@pytest.mark.covers("ID-54")
def test_staff_open_a_lock(db_session: Session) -> None:
    user = open_account()
    for _ in range(5):
        attempt()
    assert attempt(PASSWORD) is Door.LOCKED

    unlock_user(user.id, by=SYSTEM)

    assert attempt(PASSWORD) is Door.OPEN


@pytest.mark.covers("ID-54", "ID-55")
def test_sixty_tries_at_once_are_five_guesses(app: Flask, committed_db: Session) -> None:
    in_transaction(open_account)
    guesses = [f"wrong words number {number}" for number in range(59)] + [PASSWORD]

    def guess(password: str) -> Door:
        with app.app_context():
            return in_transaction(lambda: attempt(password))

    with ThreadPoolExecutor(8) as pool:
        doors = list(pool.map(guess, guesses))

    counted = committed_db.execute(
        select(func.count()).where(LoginAttempt.reason == Reason.WRONG_PASSWORD)
    ).scalar_one()
    assert counted == 5
    assert doors[-1] is Door.LOCKED
    assert len(reasons(committed_db)) == 60


@pytest.mark.covers("ID-08", "ID-17")
def test_a_closed_account_stays_outside(client: FlaskClient, db_session: Session) -> None:
    user = open_account()
    suspend_user(user.id, reason="test", by=SYSTEM)

    answer = send(client, "/sign-in", RIGHT)
    unknowing = send(client, "/sign-in", WRONG)

    assert answer.status_code == unknowing.status_code == 422
    assert message(answer.text) != message(unknowing.text)
    assert client.get_cookie(cookie_name()) is None

    other = open_account(email="moussa@example.org")
    other.deleted_at = other.created_at
    assert attempt(PASSWORD, "moussa@example.org") is Door.NOT_ACTIVE


def test_too_many_sign_ins_from_one_address_wait(client: FlaskClient, db_session: Session) -> None:
    answers = [send(client, "/sign-in", WRONG | {"email": f"p{number}@example.org"}) for number in range(21)]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert 0 < int(refused[0].headers["Retry-After"]) <= 60
    elsewhere = send(client, "/sign-in", WRONG, environ_base={"REMOTE_ADDR": "192.0.2.9"})
    assert elsewhere.status_code == 422


def test_the_countless_addresses_of_one_connection_count_as_one(
    client: FlaskClient, db_session: Session
) -> None:
    """Whoever has IPv6 holds 2^64 addresses, and would never meet a limit that counts each of them."""

    def attempts(network: str) -> set[int]:
        return {
            send(
                client,
                "/sign-in",
                WRONG | {"email": f"p{number}@example.org"},
                environ_base={"REMOTE_ADDR": f"{network}::{number:x}"},
            ).status_code
            for number in range(1, 22)
        }

    assert 429 in attempts("2001:db8:0:1")
    assert send(client, "/sign-in", WRONG, environ_base={"REMOTE_ADDR": "2001:db8:0:2::1"}).status_code == 422


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"email": "awa@example.org"},
        {"email": "x" * 256, "password": PASSWORD},
        {"email": "a\x00@example.org", "password": PASSWORD},
        {"email": EMAIL, "password": "x" * 129},
        {"email": EMAIL, "password": "x\x00"},
    ],
)
def test_an_unreadable_try_is_refused_before_it_counts(
    client: FlaskClient, db_session: Session, form: dict[str, str]
) -> None:
    assert send(client, "/sign-in", form).status_code == 422
    assert reasons(db_session) == []


@pytest.mark.covers("ID-06")
def test_a_hash_of_an_older_cost_is_made_anew(db_session: Session) -> None:
    user = open_account()
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    user.password_hash = old

    assert attempt(PASSWORD) is Door.OPEN
    assert user.password_hash != old
    assert passwords.matches(PASSWORD, user.password_hash)


@pytest.mark.covers("ID-36")
def test_sign_in_looks_at_the_ways_to_sign_in_and_not_at_the_address_of_the_account(
    db_session: Session,
) -> None:
    user = open_account()
    user.email = "new@example.org"
    db_session.flush()

    assert attempt(PASSWORD) is Door.OPEN
    assert attempt(PASSWORD, "new@example.org") is Door.WRONG


@pytest.mark.covers("ID-55")
def test_a_passkey_that_proves_nothing_is_a_try_that_failed(client: FlaskClient, db_session: Session) -> None:
    user = open_account()
    db_session.add(
        Passkey(user_id=user.id, name="phone", credential_id=b"of awa", public_key=b"key", sign_count=0)
    )
    db_session.commit()
    for credential in (b"of awa", b"of nobody"):
        send(client, "/sign-in/passkey/begin", {})
        answer = json.dumps({"id": base64.urlsafe_b64encode(credential).decode()})
        assert send(client, "/sign-in/passkey", {"credential": answer}).location == "/sign-in"

    tries = db_session.execute(
        select(
            LoginAttempt.identifier, LoginAttempt.reason, LoginAttempt.user_id, LoginAttempt.succeeded
        ).order_by(LoginAttempt.id)
    )
    assert [tuple(row) for row in tries] == [
        (f"passkey:{user.id}", "wrong_passkey", user.id, False),
        ("passkey:unknown", "wrong_passkey", None, False),
    ]
