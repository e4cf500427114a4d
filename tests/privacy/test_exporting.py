"""A copy of everything: whose it is, what is in it, and that asking twice is one."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.identity.models import SecurityEvent, User
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.files import store_file
from portal.kernel.models import FilePurpose, OutboxEvent
from portal.kernel.personal import REGISTRY
from portal.notifications.models import Notification
from portal.people.models import UserPreferences
from portal.privacy.exporting import ask_for_export, export_of, fetch_export, make_export
from portal.privacy.models import PrivacyRequest, RequestStatus
from portal.privacy.share_words import SHARE_WORDS
from tests.harness.house import acting, make_person, send, sign_in
from tests.harness.together import at_once

NAME = "Rokhaya Faye"


@pytest.fixture
def owner(committed_db: Any) -> User:
    user = make_person(NAME, phone="+221771112233", phone_verified_at=clock.now())
    db.session.add(UserPreferences(user_id=user.id, locale="fr-SN"))
    store_file(b"picture", mime_type="image/webp", purpose=FilePurpose.AVATAR, owner_user_id=user.id)
    make_person("Fatou Sow")
    db.session.commit()
    return user


def made(user: User) -> UUID:
    request_id = ask_for_export(user.id, by=acting(user)).id
    db.session.commit()
    make_export(request_id)
    return request_id


@pytest.mark.covers("PRV-01")
def test_the_copy_holds_everything_of_its_owner_and_nothing_of_others(owner: User) -> None:
    owner_id = owner.id
    packed = zipfile.ZipFile(io.BytesIO(fetch_export(made(owner), owner_id)))

    data = json.loads(packed.read("data.json"))
    assert data["account"][0]["phone"] == "+221771112233"
    assert data["profile"][0]["full_name"] == NAME
    assert "password_hash" not in data["account"][0]
    assert "Fatou Sow" not in json.dumps(data)
    page = packed.read("data.html").decode()
    assert NAME in page
    assert '<html lang="fr">' in page
    [file] = [name for name in packed.namelist() if name.startswith("files/")]
    assert packed.read(file) == b"picture"


@pytest.mark.covers("PRV-01")
def test_the_owner_is_told_and_nobody_else_can_fetch_it(owner: User) -> None:
    owner_id = owner.id
    request_id = made(owner)

    assert db.session.scalars(select(Notification.user_id)).all() == [owner_id]
    stranger = db.session.scalars(select(User.id).where(User.id != owner_id)).one()
    with pytest.raises(NotFound):
        fetch_export(request_id, stranger)


@pytest.mark.covers("PRV-01")
def test_after_its_days_the_copy_cannot_be_fetched(owner: User) -> None:
    owner_id = owner.id
    request_id = made(owner)
    with clock.travel(clock.now() + timedelta(days=7, minutes=1)):
        assert export_of(owner_id) is None
        with pytest.raises(NotFound):
            fetch_export(request_id, owner_id)


@pytest.mark.covers("PRV-01", "PRV-03")
def test_asking_at_once_is_asking_once(app: Flask, owner: User) -> None:
    owner_id, by = owner.id, acting(owner)

    def ask() -> UUID:
        request_id = ask_for_export(owner_id, by=by).id
        db.session.commit()
        return request_id

    asked = at_once(app, [ask, ask, ask])

    assert len(set(asked)) == 1
    assert db.session.scalar(select(func.count()).select_from(PrivacyRequest)) == 1
    assert db.session.scalar(select(func.count()).select_from(OutboxEvent)) == 1


def test_a_copy_that_was_interrupted_is_made_once(owner: User) -> None:
    request_id = made(owner)
    make_export(request_id)

    request = db.session.get_one(PrivacyRequest, request_id)
    assert request.status is RequestStatus.DONE
    assert db.session.scalar(select(func.count()).select_from(Notification)) == 1


def test_every_share_that_is_told_has_words() -> None:
    told = {share.title for held in REGISTRY.values() for share in held.shares if share.tells}
    assert told == set(SHARE_WORDS)


@pytest.mark.covers("PRV-14")
def test_the_pages_ask_and_give(client: FlaskClient, db_session: Session) -> None:
    user = make_person(NAME)
    sign_in(client, user)

    assert send(client, "/privacy/copy", {}).headers["Location"] == "/privacy"
    assert "is being made" in client.get("/privacy").text
    request = db_session.scalars(select(PrivacyRequest)).one()
    assert request.user_id == user.id
    assert client.get(f"/privacy/copy/{request.id}").status_code == 404
    assert db_session.scalars(select(SecurityEvent.event_type)).all() == ["export_asked"]


@pytest.mark.covers("PRV-14")
def test_the_page_closes_the_account(client: FlaskClient, db_session: Session) -> None:
    user = make_person(NAME)
    sign_in(client, user)

    assert send(client, "/privacy/leave", {}).status_code == 422
    assert send(client, "/privacy/leave", {"sure": "y"}).status_code == 303
    assert client.get("/privacy").status_code == 303
