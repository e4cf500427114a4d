"""One's account for programs: sixteen fields and no more, few of which can be changed, and not too often."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.config.values import API_PER_MINUTE
from portal.identity.models import User, UserStatus
from portal.kernel.db import db
from portal.people.models import Profile, UserLocation, UserPreferences
from tests.harness.house import form_token, make_person, sign_in
from tests.harness.statements import CountStatements
from tests.identity.doorway import open_account
from tests.referrals.word_of_mouth import set_value

FIELDS = {
    *("id", "email", "name", "phone", "country", "is_active", "email_verified", "created_at", "updated_at"),
    *("preferred_language", "timezone", "visa_application_number", "current_visa_stage", "visa_type"),
    *("application_date", "referral_code"),
}
URL = "/api/v1/me"


@pytest.fixture
def awa(client: FlaskClient, db_session: Session) -> User:
    user = open_account(email="awa@example.org", phone="77 123 45 67")
    sign_in(client, user)
    return user


def patch(client: FlaskClient, body: object) -> TestResponse:
    return client.patch(URL, json=body, headers={"X-CSRFToken": form_token(client)})


@pytest.mark.covers("ID-12", "ID-24", "ID-25")
def test_a_new_account_has_its_defaults_and_only_the_fields_that_programs_know(
    client: FlaskClient, awa: User, count_statements: CountStatements
) -> None:
    with count_statements() as asked:
        shown = client.get(URL).get_json()

    assert len(asked) <= 3
    assert set(shown) == FIELDS
    assert (shown["id"], shown["email"], shown["phone"]) == (str(awa.id), "awa@example.org", "+221771234567")
    assert (shown["is_active"], shown["email_verified"]) == (True, False)
    assert (shown["preferred_language"], shown["timezone"]) == ("fr", "Africa/Dakar")
    assert (shown["current_visa_stage"], shown["visa_application_number"]) == ("enquiry", None)
    assert shown["referral_code"] == awa.referral_code
    assert len(shown["referral_code"]) == 9


@pytest.mark.covers("ID-25")
def test_nothing_that_opens_a_door_is_in_an_answer(client: FlaskClient, awa: User) -> None:
    told = client.get(URL).text

    assert awa.password_hash
    assert awa.password_hash not in told
    assert "hash" not in told
    assert "token" not in told


@pytest.mark.covers("ID-26")
def test_where_somebody_is_and_whether_they_are_verified_is_read_by_others(
    client: FlaskClient, awa: User
) -> None:
    db.session.merge(UserLocation(user_id=awa.id, country="GMB"))
    db.session.get_one(User, awa.id).email_verified_at = awa.created_at
    db.session.commit()

    shown = client.get(URL).get_json()
    assert (shown["country"], shown["email_verified"]) == ("GMB", True)


@pytest.mark.covers("ID-13", "ID-24")
def test_what_is_given_changes_and_the_rest_stays(client: FlaskClient, awa: User) -> None:
    before = client.get(URL).get_json()

    answer = patch(client, {"name": "Awa  Fall", "preferred_language": "en", "timezone": "Europe/Paris"})

    changed = {"name": "Awa Fall", "preferred_language": "en", "timezone": "Europe/Paris"}
    assert answer.get_json() == before | changed
    assert patch(client, {}).get_json() == before | changed
    preferences = db.session.get_one(UserPreferences, awa.id)
    assert (preferences.locale, preferences.timezone) == ("en", "Europe/Paris")


@pytest.mark.covers("ID-13", "PPL-40")
def test_what_somebody_from_before_the_profile_was_split_changes_is_kept(client: FlaskClient) -> None:
    old = make_person("Old Friend")
    sign_in(client, old)

    assert patch(client, {"preferred_language": "wo", "timezone": "Europe/Paris"}).status_code == 200

    shown = client.get(URL).get_json()
    assert (shown["preferred_language"], shown["timezone"]) == ("wo", "Europe/Paris")


@pytest.mark.covers("ID-24", "SEC-09")
@pytest.mark.parametrize(
    "body",
    [
        *({name: "2026-01-01"} for name in ("id", "created_at", "updated_at")),
        *({name: "x"} for name in ("roles", "password_hash", "email", "is_active", "status", "")),
        {"name": "\u202e"},
        {"name": "a\x00"},
        {"name": "n" * 256},
        {"name": "n" * 501},
        {"name": ["Awa"]},
        {"name": {"$ne": ""}},
        {"preferred_language": "de"},
        {"timezone": "Mars/Base"},
        {"timezone": 5},
        {"name": True},
        [],
        "name",
        7,
    ],
)
def test_what_cannot_be_set_is_refused_whole(client: FlaskClient, awa: User, body: object) -> None:
    given = {**body, "name": body.get("name", "Awa Fall")} if isinstance(body, dict) else body

    answer = patch(client, given)

    assert answer.status_code == 422
    assert answer.get_json()["error"]["message"]
    assert db.session.get_one(Profile, awa.id).full_name == "Awa Ndiaye"


def test_json_that_is_broken_or_without_its_token_changes_nothing(client: FlaskClient, awa: User) -> None:
    headers = {"X-CSRFToken": form_token(client), "Content-Type": "application/json"}
    for body in (b"null", b"{", b"\xff", b'{"name": "A", "name": {}}', b"[" * 10_000, b""):
        assert client.patch(URL, data=body, headers=headers).status_code == 422

    assert client.patch(URL, json={"name": "Fatou"}).status_code == 400
    assert db.session.get_one(Profile, awa.id).full_name == "Awa Ndiaye"


@pytest.mark.covers("SEC-13")
def test_programs_are_told_when_to_come_back(client: FlaskClient, awa: User) -> None:
    set_value(API_PER_MINUTE, 3)
    db.session.commit()
    assert [client.get(URL).status_code for _time in range(3)] == [200] * 3

    for address in (URL, "/api/v1/referrals"):
        refused = client.get(address)
        assert (refused.status_code, refused.mimetype) == (429, "application/json")
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert client.get("/profile").status_code == 200


@pytest.mark.covers("ID-08", "ID-17")
def test_an_account_that_is_closed_is_told_nothing(client: FlaskClient, awa: User) -> None:
    db.session.get_one(User, awa.id).status = UserStatus.SUSPENDED
    db.session.commit()

    assert client.get(URL).status_code == 401
