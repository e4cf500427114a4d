"""What a person does about devices and passkeys that open their account, without ever locking themselves out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.identity.jobs import clear_unfinished
from portal.identity.models import (
    AuthIdentity,
    DeviceRegistration,
    Passkey,
    PasskeyChallenge,
    PendingSignIn,
    SecurityEvent,
    User,
)
from portal.kernel import clock as portal_clock
from portal.kernel.db import db, in_transaction
from portal.kernel.ids import new_id
from tests.harness.house import make_person, send, sign_in
from tests.harness.moments import Clock
from tests.identity.doorway import PASSWORD, open_account, sent_to

EMAIL = "awa@example.org"
RIGHT = {"email": EMAIL, "password": PASSWORD}


def give_passkey(user: User, name: str = "Téléphone") -> Passkey:
    return Passkey(id=new_id(), user_id=user.id, name=name, credential_id=new_id().bytes, public_key=b"key")


@pytest.mark.covers("ID-56", "ID-57")
def test_a_person_removes_a_device_which_is_then_signed_out_and_told_when_it_comes_again(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    open_account()
    send(client, "/sign-in", RIGHT)
    lost = app.test_client()
    send(lost, "/sign-in", RIGHT)
    here, there = db_session.scalars(select(DeviceRegistration.id).order_by(DeviceRegistration.id)).all()
    page = client.get("/security").text
    assert f"/security/devices/{there}/removal" in page
    assert f"/security/devices/{here}/removal" not in page

    assert send(client, f"/security/devices/{there}/removal").location == "/security"

    assert (lost.get("/profile").status_code, client.get("/profile").status_code) == (303, 200)
    assert f"/security/devices/{there}/removal" not in client.get("/security").text
    told = db_session.scalars(select(SecurityEvent.event_type).order_by(SecurityEvent.id)).all()
    assert told == ["new_device", "device_removed"]
    send(lost, "/sign-in", RIGHT)
    assert len(sent_to(EMAIL, "new_device")) == 2


@pytest.mark.covers("ID-56")
def test_the_device_in_use_and_the_devices_of_others_stay(client: FlaskClient, db_session: Session) -> None:
    open_account()
    send(client, "/sign-in", RIGHT)
    here = db_session.scalars(select(DeviceRegistration.id)).one()
    stranger = make_person("Mal Faiteur")
    theirs = DeviceRegistration(id=new_id(), user_id=stranger.id, name="PC", fingerprint="pc")
    db_session.add(theirs)
    db_session.commit()

    assert send(client, f"/security/devices/{here}/removal").status_code == 409
    assert send(client, f"/security/devices/{theirs.id}/removal").status_code == 404
    assert client.get("/profile").status_code == 200
    assert len(db_session.scalars(select(DeviceRegistration.id)).all()) == 2


@pytest.mark.covers("ID-53", "ID-58")
def test_a_passkey_is_renamed_and_removed_by_its_holder_alone(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    user = open_account()
    passkey = give_passkey(user)
    db_session.add(passkey)
    sign_in(client, user)
    stranger = app.test_client()
    sign_in(stranger, make_person("Mal Faiteur"))
    names, removal = f"/security/passkeys/{passkey.id}/name", f"/security/passkeys/{passkey.id}/removal"

    for path in (names, removal):
        assert send(stranger, path, {"name": "Mine"}).status_code == 404
    assert send(client, names, {"name": ""}).status_code == 422
    assert send(client, names, {"name": "Ordinateur"}).location == "/security"
    assert "Ordinateur" in client.get("/security").text
    assert send(client, removal).location == "/security"

    assert db_session.scalars(select(Passkey.id)).all() == []
    told = db_session.scalars(select(SecurityEvent.event_type).order_by(SecurityEvent.id)).all()
    assert told == ["passkey_renamed", "passkey_removed"]


@pytest.mark.covers("ID-35")
def test_the_passkey_that_is_the_last_way_in_stays(client: FlaskClient, db_session: Session) -> None:
    user = open_account()
    first, second = give_passkey(user, "A"), give_passkey(user, "B")
    db_session.add_all([first, second])
    db_session.execute(delete(AuthIdentity).where(AuthIdentity.user_id == user.id))
    sign_in(client, user)

    assert send(client, f"/security/passkeys/{first.id}/removal").status_code == 303
    refused = send(client, f"/security/passkeys/{second.id}/removal")

    assert refused.status_code == 409
    assert "This is your last way to sign in." in refused.text
    assert db_session.scalars(select(Passkey.name)).all() == ["B"]


def test_what_was_never_finished_is_cleared_away_and_what_may_be_stays(
    committed_db: Session, clock: Clock
) -> None:
    user_id = in_transaction(lambda: open_account().id)
    now = clock.travel(2026, 3, 1, 12)

    def begin() -> None:
        for minutes in (-1, 0, 1):
            ends = now + timedelta(minutes=minutes)
            db.session.add(PendingSignIn(user_id=user_id, token_hash=str(minutes), expires_at=ends))
            db.session.add(
                PasskeyChallenge(user_id=user_id, challenge=str(minutes).encode(), expires_at=ends)
            )

    in_transaction(begin)
    clear_unfinished()

    assert portal_clock.now() == now
    assert committed_db.scalars(select(PendingSignIn.token_hash)).all() == ["1"]
    assert committed_db.scalars(select(PasskeyChallenge.challenge)).all() == [b"1"]
