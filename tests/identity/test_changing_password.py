"""Another password for somebody who is signed in."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity.entry import Door
from portal.identity.models import LoginAttempt, SecurityEvent, User
from portal.identity.recovery import issue_password_reset, reset_works
from portal.identity.sessions import cookie_name
from portal.identity.signing_in import sign_in_with_password
from portal.kernel.actor import SYSTEM
from tests.harness.house import send, sign_in
from tests.identity.doorway import GUEST, PASSWORD, open_account, sent_to

EMAIL, NEW, PAGE = "awa@example.org", "huit pirogues bleues", "/security/password"


def door(password: str) -> Door:
    return sign_in_with_password(EMAIL, password, by=GUEST).door


def test_the_present_password_and_a_new_one_change_it_and_end_every_other_session(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    user = open_account()
    sign_in(client, user)
    other = app.test_client()
    sign_in(other, user)
    reset = str(issue_password_reset(user.id, by=SYSTEM))
    before = client.get_cookie(cookie_name())
    assert client.get(PAGE).status_code == 200

    assert send(client, PAGE, {"present": PASSWORD, "password": NEW}).location == "/security"

    db_session.expire_all()
    assert (door(PASSWORD), door(NEW)) == (Door.WRONG, Door.OPEN)
    assert (client.get("/profile").status_code, other.get("/profile").status_code) == (200, 303)
    after = client.get_cookie(cookie_name())
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert not reset_works(reset)
    assert "password_changed" in db_session.scalars(select(SecurityEvent.event_type)).all()
    assert len(sent_to(EMAIL, "password_changed")) == 1


@pytest.mark.parametrize(
    ("present", "chosen", "tries"),
    [
        ("three wrong words", NEW, 1),
        (PASSWORD, "teranga2031", 0),
        (PASSWORD, "Ndiaye 2031!", 0),
        ("", NEW, 0),
    ],
)
def test_neither_a_wrong_one_nor_a_poor_one_changes_anything(
    client: FlaskClient, db_session: Session, present: str, chosen: str, tries: int
) -> None:
    sign_in(client, open_account())
    kept = db_session.scalars(select(User.password_hash)).one()

    assert send(client, PAGE, {"present": present, "password": chosen}).status_code == 422

    assert db_session.scalars(select(User.password_hash)).one() == kept
    assert len(db_session.scalars(select(LoginAttempt.id).where(~LoginAttempt.succeeded)).all()) == tries


def test_whoever_has_no_password_finds_no_such_page(client: FlaskClient, db_session: Session) -> None:
    sign_in(client, open_account(email=None, phone="+221771234567"))

    assert client.get(PAGE).status_code == 404
    assert PAGE not in client.get("/security").text
