"""Opening an account, by e-mail address or by phone."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.consent.models import ConsentRecord
from portal.identity import services
from portal.identity.models import AuthIdentity, AuthProvider, User, UserSecurity, UserSession, UserStatus
from portal.identity.services import NewAccount, register_user
from portal.kernel.db import in_transaction
from portal.kernel.errors import Conflict, InvalidInput
from portal.notifications.models import NotificationPreferences
from portal.people.models import Profile, UserPreferences, UserPrivacy
from tests.harness.house import send
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.identity.doorway import (
    GUEST,
    PASSWORD,
    PHONE,
    hear_of_sign_ups,
    last_code,
    last_link,
    open_account,
    sign_up,
)

FORM = {"full_name": " Awa  Ndiaye ", "email": "Awa@Example.org", "password": PASSWORD}


def only_user(session: Session) -> User:
    session.expire_all()
    return session.execute(select(User)).scalar_one()


def user_count(session: Session) -> int:
    return session.execute(select(func.count()).select_from(User)).scalar_one()


def prove_number(client: FlaskClient, phone: str = "77 123 45 67") -> None:
    """Go through the pages of the code until the name is asked."""
    send(client, "/sign-in/code", {"phone": phone})
    answer = send(client, "/sign-in/code/enter", {"code": last_code()})
    assert answer.location == "/sign-up/phone"


@pytest.mark.covers("ID-01", "ID-03", "ID-06", "ID-16", "ID-28", "ID-39", "PPL-01", "PPL-05", "PRV-04")
def test_a_new_person_signs_up_by_mail_and_is_in(client: FlaskClient, db_session: Session) -> None:
    answer = sign_up(client, FORM)

    assert (answer.status_code, answer.location) == (303, "/")
    user = only_user(db_session)
    assert user.email == "awa@example.org"
    assert (user.status, user.roles, user.trust_level) == (UserStatus.ACTIVE, ["user"], "starter")
    assert (user.trust_score, user.phone) == (0, None)
    assert user.email_verified_at is not None
    assert set(db_session.scalars(select(ConsentRecord.page))) == {"/sign-up/mail"}
    assert user.id.version == 7
    assert re.fullmatch(r"[A-Z0-9]{9}", user.referral_code)
    assert PASSWORD not in (user.password_hash or "")
    assert (user.password_hash or "").startswith("$argon2id$")
    assert user.created_by == user.id
    assert db_session.get_one(Profile, user.id).full_name == "Awa Ndiaye"
    preferences = db_session.get_one(UserPreferences, user.id)
    assert (preferences.locale, preferences.timezone, preferences.currency) == (
        "fr-SN",
        "Africa/Dakar",
        "XOF",
    )
    assert db_session.get_one(UserPrivacy, user.id).profile_visible
    assert db_session.get_one(NotificationPreferences, user.id).sms_enabled
    assert not db_session.get_one(UserSecurity, user.id).mfa_enabled
    assert client.get("/profile").status_code == 200


@pytest.mark.covers("ID-38", "ID-39", "PRV-04")
def test_a_new_person_signs_up_by_phone_and_says_only_a_name(
    client: FlaskClient, db_session: Session
) -> None:
    prove_number(client)

    answer = send(client, "/sign-up/phone", {"full_name": "Moussa Sarr"})

    assert answer.status_code == 303
    user = only_user(db_session)
    assert (user.phone, user.signup_provider, user.password_hash) == (PHONE, "phone", None)
    assert user.phone_verified_at is not None
    assert set(db_session.scalars(select(ConsentRecord.page))) == {"/sign-up/phone"}
    way = db_session.execute(select(AuthIdentity)).scalar_one()
    assert (way.provider, way.provider_uid) == (AuthProvider.PHONE, PHONE)
    assert "Moussa Sarr" in client.get("/profile").text


@pytest.mark.covers("ID-38")
def test_a_proved_number_opens_one_account_only(client: FlaskClient, app: Flask, db_session: Session) -> None:
    prove_number(client)
    with client.session_transaction() as session:
        kept = dict(session)
    send(client, "/sign-up/phone", {"full_name": "Moussa Sarr"})

    again = app.test_client()
    with again.session_transaction() as session:
        session.update(kept)
    answer = send(again, "/sign-up/phone", {"full_name": "Somebody Else"})

    assert answer.location == "/sign-in/code"
    assert user_count(db_session) == 1


@pytest.mark.covers("ID-38")
def test_nobody_reaches_the_name_page_without_a_right_code(client: FlaskClient, db_session: Session) -> None:
    send(client, "/sign-in/code", {"phone": PHONE})

    assert client.get("/sign-up/phone").location == "/sign-in/code"
    assert send(client, "/sign-up/phone", {"full_name": "Moussa Sarr"}).location == "/sign-in/code"
    assert user_count(db_session) == 0


def test_a_proof_is_worth_nothing_after_half_an_hour(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    prove_number(client)
    clock.advance(minutes=31)

    assert send(client, "/sign-up/phone", {"full_name": "Moussa Sarr"}).location == "/sign-in/code"
    assert user_count(db_session) == 0


@pytest.mark.covers("PPL-05")
def test_the_language_of_the_page_becomes_the_persons_own(client: FlaskClient, db_session: Session) -> None:
    client.set_cookie("language", "wo")

    sign_up(client, FORM)

    assert db_session.get_one(UserPreferences, only_user(db_session).id).locale == "wo"


@pytest.mark.covers("ID-03")
def test_an_address_has_one_account_whatever_its_case(db_session: Session) -> None:
    open_account()

    with pytest.raises(Conflict):
        open_account("Somebody Else", email="AWA@example.ORG")

    assert user_count(db_session) == 1
    assert db_session.execute(select(func.count()).select_from(UserSession)).scalar_one() == 0


@pytest.mark.covers("ID-04")
def test_a_number_has_one_account_however_it_is_written(db_session: Session) -> None:
    open_account(email=None, phone="77 123 45 67")

    with pytest.raises(Conflict) as refused:
        open_account(email=None, phone="+221 77 123 45 67")

    assert refused.value.field == "phone"
    assert user_count(db_session) == 1


@pytest.mark.covers("ID-03", "DEV-15")
def test_two_at_once_with_one_address_open_one_account(app: Flask, committed_db: Session) -> None:
    def sign_up(number: int) -> bool:
        with app.app_context():
            try:
                in_transaction(lambda: open_account(f"Person {'abcdefgh'[number]}"))
            except Conflict:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(sign_up, range(8)))

    assert sum(opened) == 1
    assert user_count(committed_db) == 1
    assert committed_db.execute(select(func.count()).select_from(Profile)).scalar_one() == 1


@pytest.mark.covers("ID-27", "ID-28")
def test_a_personal_code_that_is_taken_is_made_again(
    db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = iter(["AAAAAAAAA", "AAAAAAAAA", "AAAAAAAAA", "BBBBBBBBB"])
    monkeypatch.setattr(services, "random_code", lambda _length: next(codes))

    first, second = open_account(), open_account(email="moussa@example.org")

    assert (first.referral_code, second.referral_code) == ("AAAAAAAAA", "BBBBBBBBB")


@pytest.mark.covers("SEC-08")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", ""),
        ("full_name", "x" * 256),
        ("full_name", "Awa\x00Ndiaye"),
        ("full_name", "​‮"),
        ("full_name", "1234 --"),
        ("email", ""),
        ("email", "awa"),
        ("email", "awa@"),
        ("email", "x" * 250 + "@example.org"),
        ("email", "'; DROP TABLE users; --"),
        ("email", "<script>alert(1)</script>@example.org"),
        ("email", "awa@example.org\r\nBcc: all@example.org"),
        ("password", ""),
        ("password", "kort"),
        ("password", "x" * 129),
        ("password", "quatre\x00baobabs"),
        ("password", "password1"),
        ("password", "Teranga2026"),
        ("password", "aaaaaaaaaaaa"),
        ("password", "awa@example.org"),
        ("password", "Awa Ndiaye"),
        ("date_of_birth", "31/02/2001"),
        ("date_of_birth", "yesterday"),
        ("date_of_birth", "01/01/1850"),
        ("date_of_birth", "01/01/2190"),
        ("date_of_birth", "9" * 5000),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason_and_nothing_is_kept(
    client: FlaskClient, db_session: Session, field: str, value: str
) -> None:
    path, form = "/sign-up", {"email": FORM["email"]}
    if field != "email":
        send(client, path, form)
        hear_of_sign_ups()
        path, form = last_link("awa@example.org", "sign_up_link"), FORM
    answer = send(client, path, form | {field: value})

    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert user_count(db_session) == 0
    assert hear_of_sign_ups() == []


def test_hostile_words_stay_words(client: FlaskClient, db_session: Session) -> None:
    name = "<script>alert('x')</script>{{7*7}}'; DROP TABLE users; --"

    sign_up(client, FORM | {"full_name": name})

    page = client.get("/profile").text
    assert "<script>alert(" not in page
    assert "{{7*7}}" in page
    assert db_session.execute(select(Profile.full_name)).scalar_one() == name


def test_a_form_without_its_token_does_nothing(client: FlaskClient, db_session: Session) -> None:
    assert client.post("/sign-up", data=FORM).status_code == 400
    assert user_count(db_session) == 0


@pytest.mark.covers("PPL-04")
def test_an_adults_day_of_birth_is_kept_at_sign_up(client: FlaskClient, db_session: Session) -> None:
    sign_up(client, FORM | {"date_of_birth": "15/03/1990"})

    assert db_session.execute(select(Profile.date_of_birth)).scalar_one() == date(1990, 3, 15)


@pytest.mark.covers("PPL-12")
def test_a_minor_signs_up_and_goes_on_to_name_a_guardian(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    clock.travel(2026, 6, 1, 12)
    answer = sign_up(client, FORM | {"date_of_birth": "15/03/2012"})

    assert answer.location == "/profile/guardian?next=/"
    assert db_session.execute(select(Profile.date_of_birth)).scalar_one() is None
    assert "15\u00a0mars 2012" in client.get(answer.location).text


def test_an_account_needs_a_password_or_a_number(db_session: Session) -> None:
    with pytest.raises(InvalidInput):
        register_user(NewAccount(full_name="Awa Ndiaye", email="awa@example.org"), by=GUEST)


def test_one_address_cannot_open_accounts_without_end(client: FlaskClient, db_session: Session) -> None:
    answers = [
        send(client, "/sign-up", {"email": ""}, environ_base={"REMOTE_ADDR": "192.0.2.7"}) for _ in range(21)
    ]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert 0 < int(refused[0].headers["Retry-After"]) <= 3600
    elsewhere = send(client, "/sign-up", FORM, environ_base={"REMOTE_ADDR": "192.0.2.8"})
    assert elsewhere.status_code == 303


def test_signed_in_people_are_sent_on(client: FlaskClient, db_session: Session) -> None:
    sign_up(client, FORM)

    for path in ("/sign-up?next=/profile", "/sign-in?next=/profile", "/sign-in/code?next=/profile"):
        assert client.get(path).location == "/profile"


def test_the_pages_at_the_door_ask_little(
    client: FlaskClient, db_session: Session, count_statements: CountStatements
) -> None:
    for path in ("/sign-in", "/sign-up", "/sign-in/code", "/password/forgotten"):
        with count_statements() as asked:
            assert client.get(path).status_code == 200
        assert len(asked) <= 2, path
