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

from portal.config.models import AppSetting
from portal.identity.models import SecurityEvent, User
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.files import files_folder, read_file, store_file
from portal.kernel.ids import new_id
from portal.kernel.keys import Undecryptable
from portal.kernel.models import FilePurpose, OutboxEvent, StoredFile
from portal.kernel.personal import REGISTRY
from portal.kernel.sealing import seal, seal_json
from portal.notifications.models import Notification
from portal.payments.methods import save_wave_destination
from portal.people.models import DocumentType, IdentityDocument, UserPreferences
from portal.privacy import exporting
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
    packed = zipfile.ZipFile(io.BytesIO(fetch_export(made(owner), owner_id, by=SYSTEM)))

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
def test_what_lies_sealed_is_clear_in_the_copy_of_its_owner(owner: User) -> None:
    owner_id, paper_id = owner.id, new_id()
    db.session.add(
        IdentityDocument(
            id=paper_id,
            user_id=owner_id,
            id_type=DocumentType.PASSPORT,
            id_number_encrypted=seal(IdentityDocument.id_number_encrypted, paper_id, "A01234567"),
            id_hash=new_id().hex,
        )
    )
    by = acting(owner)
    setting = AppSetting(
        id=new_id(), user_id=owner_id, setting_key="tests.secret", setting_type="user", is_encrypted=True
    )
    setting.setting_value = seal_json(AppSetting.setting_value, setting.id, {"word": "Sésame"})
    db.session.add(setting)
    save_wave_destination(phone="77 111 22 33", holder_name=NAME, user_id=owner_id, by=by)
    db.session.commit()

    packed = zipfile.ZipFile(io.BytesIO(fetch_export(made(owner), owner_id, by=by)))

    data = json.loads(packed.read("data.json"))
    assert data["identity_papers"][0]["id_number"] == "A01234567"
    assert data["payout_destinations"][0]["token"] == "+221771112233"
    assert data["own_settings"][0]["setting_value"] == {"word": "Sésame"}


@pytest.mark.covers("PRV-01")
def test_the_owner_is_told_and_nobody_else_can_fetch_it(owner: User) -> None:
    owner_id = owner.id
    request_id = made(owner)

    assert db.session.scalars(select(Notification.user_id)).all() == [owner_id]
    stranger = db.session.scalars(select(User.id).where(User.id != owner_id)).one()
    with pytest.raises(NotFound):
        fetch_export(request_id, stranger, by=SYSTEM)


@pytest.mark.covers("PRV-01")
def test_after_its_days_the_copy_cannot_be_fetched(owner: User) -> None:
    owner_id = owner.id
    request_id = made(owner)
    with clock.travel(clock.now() + timedelta(days=7, minutes=1)):
        assert export_of(owner_id) is None
        with pytest.raises(NotFound):
            fetch_export(request_id, owner_id, by=SYSTEM)


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


@pytest.mark.parametrize("broken", ["copy_of", "store_file", "_tell"])
def test_a_copy_that_was_interrupted_is_made_once(
    owner: User, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    request_id = ask_for_export(owner.id, by=acting(owner)).id
    db.session.commit()
    with monkeypatch.context() as killed:
        killed.setattr(exporting, broken, lambda *_what, **_how: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            make_export(request_id)
    db.session.rollback()
    assert db.session.get_one(PrivacyRequest, request_id).status is RequestStatus.RUNNING
    assert copies_and_messages() == (0, 0)

    for _time in range(2):
        make_export(request_id)

    assert db.session.get_one(PrivacyRequest, request_id).status is RequestStatus.DONE
    assert copies_and_messages() == (1, 1)


def copies_and_messages() -> tuple[int, int]:
    copies = select(func.count()).where(StoredFile.purpose == FilePurpose.PRIVACY_EXPORT)
    messages = select(func.count()).select_from(Notification)
    return db.session.scalars(copies).one(), db.session.scalars(messages).one()


def test_every_share_that_is_told_has_words() -> None:
    told = {share.title for held in REGISTRY.values() for share in held.shares if share.tells}
    assert told == set(SHARE_WORDS)


@pytest.mark.covers("PRV-01")
def test_what_lies_on_the_disk_is_sealed(owner: User) -> None:
    owner_id = owner.id
    request = db.session.get_one(PrivacyRequest, made(owner))
    row = db.session.get_one(StoredFile, request.file_id)
    raw = (files_folder() / row.storage_key).read_bytes()

    clear = fetch_export(request.id, owner_id, by=SYSTEM)
    with zipfile.ZipFile(io.BytesIO(clear)) as packed:
        assert {"data.json", "data.html"} < set(packed.namelist())
    assert not zipfile.is_zipfile(io.BytesIO(raw))
    assert row.encrypted
    names = (b"data.json", b"data.html", b"files/")
    assert all(name in clear and name not in raw for name in names)
    assert clear[:16] not in raw
    # Moved to another row it opens nothing.
    row.id = new_id()
    with pytest.raises(Undecryptable):
        read_file(row)
    db.session.rollback()


@pytest.mark.covers("PRV-01", "PRV-14")
def test_the_link_opens_for_its_owner_after_a_fresh_proof_and_until_its_day(
    app: Flask, owner: User, client: FlaskClient
) -> None:
    began, owner_id, link = clock.now(), owner.id, f"/privacy/copy/{made(owner)}"
    owner = db.session.get_one(User, owner_id)
    stranger = db.session.scalars(select(User).where(User.id != owner_id)).one()
    assert client.get(link).status_code == 303, "a guest is asked who they are"
    sign_in(client, stranger)
    assert client.get(link).status_code == 404
    sign_in(client, owner)
    answer = client.get(link)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "The copy of all my data was fetched" in client.get("/security/events").text

    with clock.travel(began + timedelta(minutes=11)):
        again = client.get(link)
        assert (again.status_code, again.headers["Location"].partition("?")[0]) == (303, "/security/confirm")
        assert send(client, "/privacy/copy", {}).headers["Location"].startswith("/security/confirm")
    with clock.travel(began + timedelta(days=7, minutes=1)):
        sign_in(client, owner)
        assert client.get(link).status_code == 404


@pytest.mark.covers("PRV-01", "PRV-03")
def test_whoever_asks_again_while_a_copy_is_made_gets_the_same(client: FlaskClient, owner: User) -> None:
    sign_in(client, owner)
    for _time in range(2):
        assert send(client, "/privacy/copy", {}).status_code == 303
    [request_id] = db.session.scalars(select(PrivacyRequest.id)).all()

    make_export(request_id)
    send(client, "/privacy/copy", {})

    newer = db.session.scalars(select(PrivacyRequest).where(PrivacyRequest.id != request_id)).one()
    assert newer.status is RequestStatus.RECEIVED


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
