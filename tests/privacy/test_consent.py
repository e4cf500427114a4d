"""Consent: what is written of each yes and no, how the terms are agreed to, and asking again."""

from __future__ import annotations

import re
from datetime import date, timedelta
from hashlib import sha256

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.consent import texts
from portal.consent.models import ConsentPurpose, ConsentRecord
from portal.consent.services import consents_of, note_consent
from portal.consent.texts import VERSIONS, LegalText, Version, in_force
from portal.identity.services import NewAccount, register_user
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.i18n import LANGUAGES
from portal.kernel.settings import PROJECT_ROOT
from portal.notifications.catalog import Category, Channel
from portal.notifications.inbox import choose_offers
from portal.notifications.mails import unsubscribe_url
from portal.privacy.terms import Standing, agree, standing_of
from tests.harness.database import become_owner
from tests.harness.house import make_person, send, sign_in

#: What the words of each version hash to, from the day it came into force.
WORDS = {
    (LegalText.TERMS, "2026-01", "fr"): "de56e1f624a44112",
    (LegalText.TERMS, "2026-01", "en"): "c30d974703f780b7",
    (LegalText.TERMS, "2026-01", "wo"): "6d5333cc749de91b",
    (LegalText.PRIVACY, "2026-01", "fr"): "4ac1c697d174733e",
    (LegalText.PRIVACY, "2026-01", "en"): "1dc088be239731c8",
    (LegalText.PRIVACY, "2026-01", "wo"): "b3d8fbd1fb555baa",
    (LegalText.MARKETING, "2026-01", "fr"): "d11d892f2d13dc50",
    (LegalText.MARKETING, "2026-01", "en"): "272ad60cb5c3c2fc",
    (LegalText.MARKETING, "2026-01", "wo"): "9d1c15c60cd00c8e",
}
GUEST = Actor(ip="198.51.100.77", user_agent="tests")


@pytest.fixture
def new_terms(monkeypatch: pytest.MonkeyPatch) -> Version:
    """Terms that came into force today."""
    newer = Version(LegalText.TERMS, "2026-01b", clock.today(), in_force(LegalText.TERMS).words)
    monkeypatch.setattr(texts, "VERSIONS", (*VERSIONS, newer))
    assert in_force(LegalText.TERMS) is newer
    return newer


@pytest.mark.covers("PRV-03", "PRV-04")
def test_opening_an_account_agrees_to_the_terms_and_to_no_offers(db_session: Session) -> None:
    account = NewAccount(
        "Awa Ndiaye", email="awa@example.org", password="quatre baobabs au soleil", page="/sign-up/mail"
    )
    user = register_user(account, by=GUEST)

    rows = db_session.scalars(select(ConsentRecord).order_by(ConsentRecord.purpose)).all()
    assert [(row.user_id, row.purpose, row.granted) for row in rows] == [
        (user.id, ConsentPurpose.PRIVACY, True),
        (user.id, ConsentPurpose.TERMS, True),
    ]
    assert {(row.text_version, row.page, row.network) for row in rows} == {
        (in_force(LegalText.TERMS).number, "/sign-up/mail", "198.51.100.0/24")
    }
    assert {row.locale for row in rows} <= set(LANGUAGES)


def test_nobody_agrees_in_the_name_of_another(db_session: Session) -> None:
    account = NewAccount("Awa Ndiaye", email="awa@example.org", password="quatre baobabs au soleil")
    register_user(account, by=SYSTEM)

    assert db_session.scalars(select(ConsentRecord)).all() == []


@pytest.mark.covers("PRV-03")
def test_a_consent_is_never_changed(db_session: Session) -> None:
    user = make_person()
    note_consent(user.id, ConsentPurpose.MARKETING_SMS, True, page="/privacy", by=GUEST)
    for change in ("UPDATE consent_records SET granted = false", "DELETE FROM consent_records"):
        with pytest.raises(IntegrityError, match="append-only"), db_session.begin_nested():
            become_owner(db_session)
            db_session.execute(text(change))


@pytest.mark.covers("PRV-04", "PRV-14")
def test_each_switch_is_a_row_and_can_be_taken_back(client: FlaskClient, db_session: Session) -> None:
    user = make_person(has_agreed=False)
    sign_in(client, user)

    assert send(client, "/privacy/offers", {"email": "y", "sms": "y"}).status_code == 303
    assert send(client, "/privacy/offers", {"sms": "y"}).status_code == 303
    assert send(client, "/privacy/offers", {"sms": "y"}).status_code == 303

    said = db_session.execute(
        select(ConsentRecord.purpose, ConsentRecord.granted)
        .where(ConsentRecord.user_id == user.id)
        .order_by(ConsentRecord.occurred_at, ConsentRecord.purpose)
    ).all()
    assert [tuple(row) for row in said] == [
        (ConsentPurpose.MARKETING_EMAIL, True),
        (ConsentPurpose.MARKETING_SMS, True),
        (ConsentPurpose.MARKETING_EMAIL, False),
    ]
    assert consents_of(user.id) == {ConsentPurpose.MARKETING_SMS}
    shown = client.get("/privacy").text
    assert "Yes: Offers by e-mail" in shown
    assert "No: Offers by e-mail" in shown
    assert "on the page “My data”" in shown
    assert "page /privacy" not in shown


@pytest.mark.covers("PRV-04")
def test_a_yes_that_is_taken_back_in_a_mail_says_so(client: FlaskClient, db_session: Session) -> None:
    user = make_person(has_agreed=False)
    choose_offers(user.id, {Channel.EMAIL: True}, page="/privacy", by=SYSTEM)
    db_session.commit()
    address = unsubscribe_url(user.id, Category.MARKETING)
    assert address is not None

    assert client.post(address.removeprefix("http://localhost")).status_code == 200

    sign_in(client, user)
    assert "by the link below an e-mail" in client.get("/privacy").text


@pytest.mark.covers("PRV-03")
def test_new_terms_are_asked_for_once_and_may_wait(
    client: FlaskClient, db_session: Session, new_terms: Version
) -> None:
    user = make_person(has_agreed=False)
    note_consent_to_older_terms(db_session, user.id)
    sign_in(client, user)

    assert client.get("/api/v1/me").status_code == 200
    first = client.get("/profile")
    assert first.status_code == 303
    assert first.headers["Location"].startswith("/privacy/terms?next=/profile")
    asked = client.get(first.headers["Location"]).text
    assert "Later" in asked
    assert client.get("/profile").status_code == 200

    assert send(client, "/privacy/terms?next=/profile", {}).headers["Location"] == "/profile"
    assert standing_of(user.id) is Standing.AGREED
    newest = db_session.scalars(
        select(ConsentRecord.text_version)
        .where(ConsentRecord.purpose == ConsentPurpose.TERMS)
        .order_by(ConsentRecord.occurred_at.desc())
    ).first()
    assert newest == new_terms.number


@pytest.mark.covers("PRV-03")
def test_terms_that_are_published_before_their_day_count_from_that_day_on(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    present, tomorrow = in_force(LegalText.TERMS), clock.today() + timedelta(days=1)
    coming = Version(LegalText.TERMS, "2099-01", tomorrow, present.words)
    monkeypatch.setattr(texts, "VERSIONS", (coming, *VERSIONS))

    assert in_force(LegalText.TERMS) is present
    assert f"version={coming.number}" not in client.get("/legal/terms").text
    with clock.travel(clock.now() + timedelta(days=1)):
        assert in_force(LegalText.TERMS) is coming
        assert f"version={present.number}" in client.get("/legal/terms").text
        assert f"version={coming.number}" not in client.get(f"/legal/terms?version={present.number}").text


@pytest.mark.covers("PRV-03")
def test_when_time_is_up_nothing_but_the_own_data_opens(
    client: FlaskClient, db_session: Session, new_terms: Version
) -> None:
    user = make_person(has_agreed=False)
    note_consent_to_older_terms(db_session, user.id)
    with clock.travel(clock.now() + timedelta(days=15)):
        sign_in(client, user)
        for _time in range(2):
            assert client.get("/profile").status_code == 303
        assert (
            send(client, "/profile/services", {"kind": "guide"})
            .headers["Location"]
            .startswith("/privacy/terms")
        )
        part = client.get("/messages/unread", headers={"HX-Request": "true"})
        assert (part.status_code, part.headers["HX-Redirect"][:14]) == (204, "/privacy/terms")
        for answer in (client.get("/api/v1/me"), client.get("/api/v1/referrals")):
            assert (answer.status_code, answer.mimetype) == (403, "application/json")
        assert "Later" not in client.get("/privacy/terms?next=/profile").text
        assert client.get("/privacy").status_code == 200
        assert client.get("/privacy/leave").status_code == 200
        send(client, "/privacy/terms", {})
        assert client.get("/profile").status_code == 200


def test_an_account_that_an_operator_opened_has_the_same_days(db_session: Session) -> None:
    user = make_person(has_agreed=False)
    assert standing_of(user.id) is Standing.NOT_ASKED
    with clock.travel(clock.now() + timedelta(days=15)):
        assert standing_of(user.id) is Standing.MUST_AGREE
        agree(user.id, page="/privacy/terms", by=GUEST)
        assert standing_of(user.id) is Standing.AGREED


@pytest.mark.covers("PRV-03", "PRV-04")
@pytest.mark.parametrize("version", VERSIONS, ids=lambda one: f"{one.text}-{one.number}")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_a_version_are_never_changed(version: Version, language: str) -> None:
    """People have agreed to these very words: whoever changes them makes a new version, and a new line here."""
    words = (PROJECT_ROOT / "templates" / version.words[language]).read_bytes()
    assert sha256(words).hexdigest()[:16] == WORDS[version.text, version.number, language]
    assert version.since >= date(2026, 1, 1)


def test_no_version_is_forgotten() -> None:
    """A version to which people have agreed stays readable, and none has two sets of words."""
    assert set(WORDS) == {(one.text, one.number, language) for one in VERSIONS for language in LANGUAGES}
    assert len({one.words[language] for one in VERSIONS for language in LANGUAGES}) == len(WORDS)


@pytest.mark.parametrize("text", LegalText)
def test_everybody_reads_the_texts(client: FlaskClient, text: LegalText) -> None:
    assert client.get(f"/legal/{text}").status_code == 200
    assert client.get(f"/legal/{text}?version={in_force(text).number}").status_code == 200
    assert client.get(f"/legal/{text}?version=1999-01").status_code == 404
    assert client.get("/legal/nothing").status_code == 404


def note_consent_to_older_terms(session: Session, user_id: object) -> None:
    session.add(
        ConsentRecord(
            user_id=user_id,
            purpose=ConsentPurpose.TERMS,
            granted=True,
            text_version="2026-01",
            locale="fr",
            page="/sign-up",
            occurred_at=clock.now() - timedelta(days=1),
        )
    )
    session.flush()


@pytest.mark.covers("PRV-04")
def test_a_yes_of_long_ago_still_stands_on_the_page_after_many_words_on_others(
    client: FlaskClient, db_session: Session
) -> None:
    person = make_person()
    note_consent(person.id, ConsentPurpose.MARKETING_EMAIL, True, page="/privacy", by=SYSTEM)
    for number in range(201):
        note_consent(person.id, ConsentPurpose.MARKETING_SMS, number % 2 == 0, page="/privacy", by=SYSTEM)
    db_session.commit()
    sign_in(client, person)

    shown = client.get("/privacy").text

    assert re.search(r'<input[^>]*name="email"[^>]*>', shown)[0].count("checked") == 1
    assert "What is older stands in the copy of my data." in shown
