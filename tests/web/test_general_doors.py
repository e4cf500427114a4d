"""The doors that belong to no room: where they lead, what phones and machines are told."""

from __future__ import annotations

import dataclasses

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.kernel.db import db
from portal.kernel.settings import Environment
from portal.web.style_samples import SHELLS
from tests.harness.house import make_admin, make_member, make_partner, make_person, send, sign_in


def test_the_front_door_leads_each_to_what_matters(app: Flask, db_session: Session) -> None:
    guest = app.test_client().get("/")
    assert guest.status_code == 200

    for person, target in (
        (make_person(), "/home"),
        (make_member(make_partner()), "/partner/scan"),
        (make_admin(), "/admin"),
    ):
        client = app.test_client()
        sign_in(client, person)
        assert client.get("/").location == target


def test_a_page_of_any_address_leads_back_to_what_can_be_come_back_to(client: FlaskClient) -> None:
    assert 'name="next" value="/packs?cursor=aaa"' in client.get("/packs?cursor=aaa").text

    long = client.get(f"/packs?cursor={'a' * 20_000}")

    assert long.status_code == 200
    assert 'name="next" value="/packs"' in long.text
    assert "a" * 1_000 not in long.text


def test_a_phone_is_told_how_to_install_the_portal_and_a_partners_opens_the_scanner(
    client: FlaskClient, db_session: Session
) -> None:
    for_all = client.get("/manifest.webmanifest")
    sign_in(client, make_member(make_partner()))
    for_partner = client.get("/manifest.webmanifest")

    assert for_all.mimetype == "application/manifest+json"
    assert for_all.json is not None
    assert for_partner.json is not None
    assert (for_all.json["start_url"], for_all.json["id"]) == ("/", "/")
    assert (for_partner.json["start_url"], for_partner.json["id"]) == ("/partner/scan", "/partner")
    assert {icon["sizes"] for icon in for_all.json["icons"]} == {"192x192", "512x512"}
    for icon in for_all.json["icons"]:
        with client.get(icon["src"]) as picture:
            assert picture.mimetype == "image/png"


def test_a_language_is_remembered_and_an_unknown_one_is_not(client: FlaskClient) -> None:
    chosen = send(client, "/language", {"locale": "en", "next": "/packs"})
    assert (chosen.status_code, chosen.location) == (303, "/packs")
    assert 'lang="en"' in client.get("/").text

    send(client, "/language", {"locale": "tlh", "next": "https://elsewhere.example/"})
    assert 'lang="en"' in client.get("/").text
    assert send(client, "/language", {"locale": "fr", "next": "//elsewhere.example"}).location == "/"


@pytest.mark.parametrize("shell", [*SHELLS, "nowhere"])
def test_the_style_page_shows_every_part_in_the_running_portal(
    client: FlaskClient, db_session: Session, shell: str
) -> None:
    sign_in(client, make_admin())

    answer = client.get(f"/admin/style?shell={shell}")

    assert answer.status_code == 200
    expected = shell if shell in SHELLS else SHELLS[0]
    assert f"shell--{expected}" in answer.text


def test_production_shows_no_samples_and_binds_what_the_browser_keeps_to_the_host(
    app: Flask, client: FlaskClient, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, make_admin())
    assert client.get("/admin/style").status_code == 200
    settings = dataclasses.replace(app.config["SETTINGS"], environment=Environment.PRODUCTION)
    monkeypatch.setitem(app.config, "SETTINGS", settings)

    kept = send(app.test_client(), "/language", {"locale": "en"}).headers["Set-Cookie"]

    assert kept.startswith("__Host-language=en;")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(kept.split("; "))
    client.set_cookie("__Host-session", client.get_cookie("session").value)
    assert client.get("/admin/style").status_code == 404


def test_readiness_needs_the_database_and_only_misses_valkey(
    client: FlaskClient, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/readyz").json == {"database": "up", "valkey": "up"}

    with monkeypatch.context() as without_valkey:
        without_valkey.setattr(redis.Redis, "ping", _no_valkey)
        missed = client.get("/readyz")
    assert (missed.status_code, missed.json) == (200, {"database": "up", "valkey": "down"})

    monkeypatch.setattr(db.session, "execute", _no_database)
    down = client.get("/readyz")
    assert (down.status_code, down.json) == (503, {"database": "down"})


def _no_valkey(_valkey: redis.Redis) -> None:
    raise redis.ConnectionError


def _no_database(*_arguments: object) -> None:
    raise OperationalError("SELECT 1", {}, ConnectionError())


def test_an_address_with_two_strokes_in_a_row_leads_to_no_other_host(client: FlaskClient) -> None:
    for path in ("/packs//x", "/take-back//x"):
        answer = client.get(path, base_url="http://evil.example", headers={"Host": "evil.example"})

        assert (answer.status_code, answer.location) == (404, None), path
