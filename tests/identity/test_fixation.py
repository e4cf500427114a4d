"""Whatever a browser holds before somebody signs in opens nothing afterwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.identity.sessions import cookie_name
from tests.harness.house import form_token, send
from tests.identity.doorway import PASSWORD, PHONE, last_code, open_account, sign_up

EMAIL = "awa@example.org"
KEY = "a-key-that-somebody-else-has-chosen"
Way = Callable[[FlaskClient], object]


def by_password(client: FlaskClient) -> None:
    open_account()
    send(client, "/sign-in", {"email": EMAIL, "password": PASSWORD})


def by_code(client: FlaskClient) -> None:
    open_account(email=None, phone=PHONE)
    send(client, "/sign-in/code", {"phone": PHONE})
    send(client, "/sign-in/code/enter", {"code": last_code()})


def by_opening_an_account(client: FlaskClient) -> None:
    sign_up(client, {"full_name": "Awa Ndiaye", "email": EMAIL, "password": PASSWORD})


WAYS = pytest.mark.parametrize("way", [by_password, by_code, by_opening_an_account])


def holds(client: FlaskClient) -> str:
    cookie = client.get_cookie(cookie_name())
    assert cookie is not None
    return str(cookie.value)


@pytest.mark.covers("ID-41", "ID-43")
@WAYS
def test_a_key_that_was_planted_becomes_no_session(
    client: FlaskClient, app: Flask, db_session: Session, way: Way
) -> None:
    client.set_cookie(cookie_name(), KEY)

    way(client)

    assert client.get("/profile").status_code == 200
    assert holds(client) != KEY
    thief = app.test_client()
    thief.set_cookie(cookie_name(), KEY)
    assert thief.get("/profile").status_code == 303


@pytest.mark.covers("SEC-08")
def test_a_form_made_before_signing_in_is_refused_afterwards(
    client: FlaskClient, db_session: Session
) -> None:
    before = form_token(client)

    by_password(client)

    assert client.post("/security/sessions/end-others", data={"csrf_token": before}).status_code == 400
    assert send(client, "/security/sessions/end-others").status_code == 303
