"""Language, time zone, colours and privacy."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.consent.models import ConsentPurpose
from portal.consent.services import has_consent
from portal.identity.models import User
from portal.people.models import Theme, UserPreferences, UserPrivacy
from portal.privacy.leaving import leaving_of
from portal.privacy.models import RequestKind
from tests.harness.house import make_person, send, sign_in
from tests.identity.doorway import open_account

FORM = {
    "locale": "en",
    "timezone": "UTC",
    "currency": "EUR",
    "theme": "dark",
    "allow_contact_by_sponsors": "y",
}


@pytest.fixture
def awa(client: FlaskClient, db_session: Session) -> User:
    user = open_account()
    sign_in(client, user)
    return user


@pytest.mark.covers("PPL-06", "PPL-26", "PPL-31", "PPL-32", "CFG-08", "CFG-09")
def test_settings_are_saved_and_felt_at_once(client: FlaskClient, db_session: Session, awa: User) -> None:
    privacy = db_session.get_one(UserPrivacy, awa.id)
    assert (privacy.profile_visible, privacy.share_referral_stats, privacy.allow_contact_by_sponsors) == (
        True,
    ) * 3
    page = client.get("/settings").text
    assert '<html lang="fr"' in page
    assert "data-theme" not in page

    assert send(client, "/settings", FORM).location == "/settings"

    db_session.expire_all()
    preferences = db_session.get_one(UserPreferences, awa.id)
    assert (preferences.locale, preferences.timezone, preferences.theme) == ("en", "UTC", Theme.DARK)
    assert preferences.currency == "EUR"
    privacy = db_session.get_one(UserPrivacy, awa.id)
    assert not privacy.profile_visible
    assert not privacy.share_referral_stats
    assert privacy.allow_contact_by_sponsors
    page = client.get("/settings").text
    assert '<html lang="en" data-theme="dark"' in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("locale", "xx"),
        ("locale", ""),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("timezone", ""),
        ("currency", "DOGE"),
        ("currency", ""),
        ("theme", "pink"),
        ("theme", "\x00"),
    ],
)
def test_a_setting_that_does_not_exist_changes_nothing(
    client: FlaskClient, db_session: Session, awa: User, field: str, value: str
) -> None:
    assert send(client, "/settings", FORM | {field: value}).status_code == 422

    db_session.expire_all()
    preferences = db_session.get_one(UserPreferences, awa.id)
    assert (preferences.locale, preferences.timezone, preferences.theme) == (
        "fr-SN",
        "Africa/Dakar",
        Theme.SYSTEM,
    )
    assert db_session.get_one(UserPrivacy, awa.id).profile_visible


@pytest.mark.covers("PPL-06")
def test_a_zone_outside_the_list_stays_the_persons_own(
    client: FlaskClient, db_session: Session, awa: User
) -> None:
    db_session.get_one(UserPreferences, awa.id).timezone = "Asia/Tokyo"
    db_session.commit()

    assert 'value="Asia/Tokyo"' in client.get("/settings").text
    assert send(client, "/settings", FORM | {"timezone": "Asia/Tokyo"}).status_code == 303


@pytest.mark.covers("PPL-05")
def test_the_language_switch_is_remembered(client: FlaskClient, db_session: Session, awa: User) -> None:
    client.get("/settings")

    send(client, "/language", {"locale": "wo", "next": "/settings"})

    db_session.expire_all()
    assert db_session.get_one(UserPreferences, awa.id).locale == "wo"
    assert '<html lang="wo"' in client.get("/settings").text


@pytest.mark.covers("CFG-07", "PPL-29")
def test_everything_a_person_decides_is_reached_from_one_page(client: FlaskClient, awa: User) -> None:
    page = client.get("/settings").text
    hub = page.split('<nav class="grid"')[1].split("</nav>")[0]
    links = re.findall(r'href="([^"]+)"', hub)

    assert {"/profile", "/profile/about", "/profile/addresses", "/settings/notifications"} <= {*links}
    assert [link for link in links if client.get(link).status_code != 200] == []
    wishes = client.get("/settings/notifications").text
    assert all(f'name="{channel}_enabled"' in wishes for channel in ("in_app", "email", "sms"))


@pytest.mark.covers("PPL-32", "CFG-09")
@pytest.mark.parametrize(
    ("theme", "shown"), [("light", ' data-theme="light"'), ("dark", ' data-theme="dark"'), ("system", "")]
)
def test_the_colours_of_every_page_follow_the_person(
    client: FlaskClient, awa: User, theme: str, shown: str
) -> None:
    send(client, "/settings", FORM | {"theme": theme})

    for path in ("/settings", "/profile", "/profile/addresses", "/"):
        assert f'<html lang="en"{shown}>' in client.get(path, follow_redirects=True).text


@pytest.mark.covers("PPL-05", "PPL-40")
def test_somebody_from_before_the_profile_was_split_finds_everything(
    client: FlaskClient, db_session: Session
) -> None:
    old = make_person("Old Friend")
    sign_in(client, old)
    assert db_session.get(UserPreferences, old.id) is None

    for path in ("/profile", "/profile/edit", "/profile/about", "/profile/addresses", "/settings"):
        assert client.get(path).status_code == 200, path
    # To look at one's settings changes nothing.
    assert db_session.get(UserPreferences, old.id) is None
    assert send(client, "/settings", FORM).status_code == 303

    db_session.expire_all()
    assert db_session.get_one(UserPreferences, old.id).timezone == "UTC"
    assert not db_session.get_one(UserPrivacy, old.id).profile_visible


@pytest.mark.covers("PPL-30")
def test_switches_consent_and_leaving_are_each_kept_where_they_belong(
    client: FlaskClient, db_session: Session, awa: User
) -> None:
    """A person's privacy has three homes (R-13, R-14, R-17), all of them reached from the settings."""
    assert 'href="/privacy"' in client.get("/settings").text

    send(client, "/settings", FORM)
    send(client, "/privacy/offers", {"sms": "y"})
    assert send(client, "/privacy/leave", {"sure": "y"}).status_code == 303

    db_session.expire_all()
    assert not db_session.get_one(UserPrivacy, awa.id).profile_visible
    assert has_consent(awa.id, ConsentPurpose.MARKETING_SMS)
    assert not has_consent(awa.id, ConsentPurpose.MARKETING_EMAIL)
    request = leaving_of(awa.id)
    assert request is not None
    assert request.kind is RequestKind.ERASURE
