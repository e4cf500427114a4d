"""A person's own page about sessions, devices and what happened to the account."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity.attempts import note_security_event
from portal.identity.devices import device_name
from portal.identity.models import DeviceRegistration, SecurityEvent, Severity, User, UserSession
from portal.identity.sessions import cookie_name, start_session
from portal.kernel.actor import SYSTEM, Actor
from tests.harness.house import make_person, send, sign_in
from tests.harness.moments import Clock
from tests.identity.doorway import PASSWORD, open_account, sent_to

EMAIL = "awa@example.org"
RIGHT = {"email": EMAIL, "password": PASSWORD}
PHONE = "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (PHONE, "Chrome · Android"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1",
            "Safari · iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge · Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox · Linux"),
        ("curl/8.0", ""),
        (None, ""),
    ],
)
def test_a_browser_is_named_as_people_name_it(said: str | None, name: str) -> None:
    assert device_name(said) == name


@pytest.mark.covers("ID-42", "ID-43")
def test_a_person_sees_their_sessions_and_ends_one_or_all_others(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    user = open_account()
    others = [start_session(user.id, by=Actor(ip="192.0.2.7", user_agent=PHONE)) for _ in range(3)]
    sign_in(client, user)
    browsers = [app.test_client() for _ in others]
    for browser, token in zip(browsers, others, strict=True):
        browser.set_cookie(cookie_name(), token)
        assert browser.get("/profile").status_code == 200

    text = client.get("/security").text
    assert text.count("Chrome · Android") == 6
    assert "192.0.2.7" in text

    mine = db_session.scalars(select(UserSession.id).order_by(UserSession.id)).all()
    assert send(client, f"/security/sessions/{mine[0]}/end").status_code == 303
    assert [browser.get("/profile").status_code for browser in browsers] == [303, 200, 200]
    assert send(client, f"/security/sessions/{mine[0]}/end").status_code == 404

    send(client, "/security/sessions/end-others")
    assert [browser.get("/profile").status_code for browser in browsers] == [303, 303, 303]
    assert client.get("/security").status_code == 200


def test_whoever_signs_in_by_sms_reads_what_speaks_against_it(
    client: FlaskClient, db_session: Session
) -> None:
    user = open_account()
    sign_in(client, user)
    warning = "can be read by whoever holds your phone"
    assert warning not in client.get("/security", headers={"Accept-Language": "en"}).text

    user.phone = "+221771234567"
    db_session.flush()

    assert warning in client.get("/security").text


def test_sessions_end_after_a_fresh_proof_only(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    sign_in(client, open_account())
    clock.advance(minutes=11)

    for address in ("sessions/end-others", f"sessions/{UUID(int=1)}/end", f"devices/{UUID(int=1)}/removal"):
        assert send(client, f"/security/{address}").location.startswith("/security/confirm?"), address


@pytest.mark.covers("ID-42")
def test_nobody_ends_the_session_of_somebody_else(client: FlaskClient, db_session: Session) -> None:
    victim = make_person()
    start_session(victim.id, by=SYSTEM)
    db_session.flush()
    theirs = db_session.scalars(select(UserSession.id)).one()
    sign_in(client, make_person("Mal Faiteur"))

    assert send(client, f"/security/sessions/{theirs}/end").status_code == 404
    assert not db_session.get_one(UserSession, theirs, populate_existing=True).revoked


def test_a_session_that_nobody_uses_ends_by_itself(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    sign_in(client, make_person())
    clock.advance(days=13)
    assert client.get("/profile").status_code == 200
    clock.advance(days=13)
    assert client.get("/profile").status_code == 200
    clock.advance(days=3)
    assert client.get("/profile").status_code == 200
    clock.advance(days=14)

    assert client.get("/profile").status_code == 303


@pytest.mark.covers("ID-56", "ID-57")
def test_a_new_device_is_told_and_a_known_one_is_not(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    user = open_account()
    send(client, "/sign-in", RIGHT)
    send(client, "/sign-out")
    send(client, "/sign-in", RIGHT)
    assert sent_to(EMAIL, "new_device") == []
    assert len(db_session.scalars(select(DeviceRegistration)).all()) == 1

    send(app.test_client(), "/sign-in", RIGHT, headers={"User-Agent": PHONE})

    (mail,) = sent_to(EMAIL, "new_device")
    assert "Chrome · Android" in mail.body
    devices = db_session.scalars(select(DeviceRegistration).order_by(DeviceRegistration.id)).all()
    assert [device.user_id for device in devices] == [user.id, user.id]
    sessions = db_session.scalars(select(UserSession).order_by(UserSession.id)).all()
    assert [session.device_id for session in sessions] == [devices[0].id, devices[0].id, devices[1].id]
    cookie = client.get_cookie("device")
    assert cookie is not None
    assert cookie.value not in str([device.fingerprint for device in devices])
    told = db_session.scalars(select(SecurityEvent).where(SecurityEvent.event_type == "new_device")).one()
    assert told.severity is Severity.WARNING


def test_a_device_that_somebody_made_up_is_not_taken_over(client: FlaskClient, db_session: Session) -> None:
    open_account()
    client.set_cookie("device", "chosen-by-somebody-else")

    send(client, "/sign-in", RIGHT)

    cookie = client.get_cookie("device")
    assert cookie is not None
    assert cookie.value != "chosen-by-somebody-else"


@pytest.mark.covers("ID-58")
def test_a_person_reads_what_happened_and_what_to_do(client: FlaskClient, db_session: Session) -> None:
    user: User = open_account()
    stranger = make_person()
    note_security_event(user.id, "second_step_locked", Severity.CRITICAL, by=Actor(ip="192.0.2.7"))
    note_security_event(stranger.id, "password_changed", Severity.INFO, by=SYSTEM)
    company = {"company": "Baobab Télécom", "role": "viewer"}
    note_security_event(user.id, "company_place_given", Severity.INFO, by=SYSTEM, details=company)
    partner = {"partner": "Le Ndar Café", "role": "staff"}
    note_security_event(user.id, "partner_place_given", Severity.INFO, by=SYSTEM, details=partner)
    sign_in(client, user)

    text = client.get("/security/events").text

    assert "Many wrong codes after the right password" in text
    assert "Please act" in text
    assert "Choose a new one at once." in text
    assert "Password changed" not in text
    assert "Baobab Télécom" in text
    assert "Le Ndar Café" in text
