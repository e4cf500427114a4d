"""The link by mail that opens a locked account: once, in time, for the account that was tried."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity.entry import Door
from portal.identity.jobs import tell_of_locked_account
from portal.identity.models import SecurityEvent, UserSecurity, VerificationToken
from portal.identity.signing_in import sign_in_with_password
from portal.identity.unlocking import unlock_with_link
from portal.kernel.crypto import token_hash
from portal.kernel.db import in_transaction
from portal.kernel.errors import Conflict
from portal.kernel.models import OutboxEvent
from tests.harness.house import send
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.harness.together import at_once
from tests.identity.doorway import GUEST, PASSWORD, hear_of_locks, last_link, open_account, sent_to

EMAIL = "awa@example.org"


def lock(email: str = EMAIL) -> None:
    for _ in range(5):
        sign_in_with_password(email, "three wrong words", by=GUEST)


def door(password: str = PASSWORD) -> Door:
    return sign_in_with_password(EMAIL, password, by=GUEST).door


@pytest.mark.covers("ID-54", "ID-58")
def test_the_holder_opens_the_lock_with_the_link_from_the_mail_once(
    client: FlaskClient, db_session: Session
) -> None:
    user = open_account()
    lock()
    (token,) = hear_of_locks()
    link = last_link(EMAIL, "unlock_link")
    assert link == f"/unlock/{token}"
    assert {client.get(link).status_code for _ in range(2)} == {200}
    assert door() is Door.LOCKED

    assert send(client, link).location == "/sign-in"

    assert door() is Door.OPEN
    assert db_session.get_one(UserSecurity, user.id).locked_until is None
    assert (client.get(link).status_code, send(client, link).status_code) == (410, 410)
    told = db_session.scalars(select(SecurityEvent.event_type).order_by(SecurityEvent.id)).all()
    assert told == ["account_locked", "account_unlocked_by_link"]
    kept = db_session.scalars(select(VerificationToken.token_hash)).all()
    assert token_hash(token) in kept
    assert token not in kept


@pytest.mark.covers("ID-54")
def test_the_link_works_for_a_day_and_does_not_open_the_next_lock(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    open_account()
    lock()
    (first,) = hear_of_locks()
    clock.advance(hours=24)
    assert client.get(f"/unlock/{first}").status_code == 410

    lock()
    (second,) = hear_of_locks()
    assert send(client, f"/unlock/{second}").status_code == 303
    lock()
    assert send(client, f"/unlock/{second}").status_code == 410
    assert door() is Door.LOCKED


def test_a_lock_is_told_once_and_an_address_without_account_is_told_nothing(
    committed_db: Session,
) -> None:
    in_transaction(open_account)
    for email in (EMAIL, "nobody@example.org"):
        in_transaction(lambda email=email: lock(email))
    payloads = committed_db.scalars(
        select(OutboxEvent.payload).where(OutboxEvent.job == "identity.tell_of_lock")
    ).all()
    assert len(payloads) == 2
    assert "@" not in repr(payloads)

    for payload in [*payloads, *payloads]:
        tell_of_locked_account(**payload)

    assert len(sent_to(EMAIL, "unlock_link")) == 1
    assert sent_to("nobody@example.org", "unlock_link") == []


@pytest.mark.covers("ID-55")
def test_a_wrong_password_asks_and_writes_the_same_whether_or_not_there_is_an_account(
    db_session: Session, count_statements: CountStatements
) -> None:
    open_account()
    asked: list[list[str]] = []
    for email in (EMAIL, "nobody@example.org"):
        with count_statements() as statements:
            lock(email)
            db_session.flush()
        asked.append([statement.split("VALUES")[0] for statement in statements])

    assert asked[0] == asked[1]


@pytest.mark.covers("ID-54")
def test_one_link_pressed_by_eight_at_once_opens_one_lock(app: Flask, committed_db: Session) -> None:
    in_transaction(open_account)
    in_transaction(lock)
    (token,) = in_transaction(hear_of_locks)

    def press() -> bool:
        try:
            in_transaction(lambda: unlock_with_link(token, by=GUEST))
        except Conflict:
            return False
        return True

    assert at_once(app, [press] * 8).count(True) == 1
    events = committed_db.scalars(select(SecurityEvent.event_type)).all()
    assert events.count("account_unlocked_by_link") == 1
