"""Another e-mail address or number: proved first, told to the old one, and taken back from there."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity.contacts import take_back
from portal.identity.entry import Door
from portal.identity.models import (
    AuthIdentity,
    ContactChange,
    SecurityEvent,
    User,
    UserStatus,
    VerificationPurpose,
    VerificationToken,
)
from portal.identity.recovery import issue_password_reset, reset_works, set_new_password
from portal.identity.sessions import cookie_name
from portal.identity.signing_in import sign_in_with_password
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, in_transaction
from portal.kernel.errors import Conflict
from portal.privacy.leaving import ask_to_leave, leaving_of
from tests.harness.house import acting, send, sign_in
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.harness.together import at_once
from tests.identity.doorway import (
    GUEST,
    PASSWORD,
    PHONE,
    hear_of_sign_ups,
    last_code,
    last_link,
    open_account,
    sent_to,
)

OLD, NEW = "awa@example.org", "awa.new@example.org"
OTHER_PHONE = "+221771234599"


def contact(session: Session) -> tuple[str | None, str | None]:
    session.expire_all()
    user = session.scalars(select(User)).one()
    return user.email, user.phone


def ask(client: FlaskClient, email: str = NEW) -> str | None:
    """Name another address; the link that is sent to it."""
    assert send(client, "/security/email", {"email": email}).location == "/security"
    return last_link(email, "new_address_link") if hear_of_sign_ups() else None


def change_email(client: FlaskClient, email: str = NEW) -> None:
    link = ask(client, email)
    assert link is not None
    assert send(client, link).location == "/security"


def change_phone(client: FlaskClient, phone: str = OTHER_PHONE) -> None:
    assert send(client, "/security/phone", {"phone": phone}).location == "/security/phone/code"
    assert send(client, "/security/phone/code", {"code": last_code(phone)}).location == "/security"


def door(email: str) -> Door:
    return sign_in_with_password(email, PASSWORD, by=GUEST).door


@pytest.mark.covers("ID-14", "ID-51", "ID-58")
def test_another_address_counts_once_its_mail_is_read_and_the_old_one_hears_of_it(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    user = open_account()
    sign_in(client, user)
    other = app.test_client()
    sign_in(other, user)
    reset = str(issue_password_reset(user.id, by=SYSTEM))
    before = client.get_cookie(cookie_name())
    link = ask(client)
    assert link is not None
    assert client.get(link).status_code == 200
    assert contact(db_session) == (OLD, None)

    assert send(client, link).location == "/security"

    assert contact(db_session) == (NEW, None)
    assert db_session.scalars(select(User.email_verified_at)).one() is not None
    assert db_session.scalars(select(AuthIdentity.provider_uid)).all() == [NEW]
    assert (door(OLD), door(NEW)) == (Door.WRONG, Door.OPEN)
    after = client.get_cookie(cookie_name())
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert (client.get("/profile").status_code, other.get("/profile").status_code) == (200, 303)
    assert not reset_works(reset)
    assert len(sent_to(OLD, "email_changed")) == 1
    assert "email_changed" in db_session.scalars(select(SecurityEvent.event_type)).all()
    assert send(client, link).status_code == 410


@pytest.mark.covers("ID-51")
def test_naming_an_address_needs_a_proof_and_its_link_only_works_for_its_person(
    client: FlaskClient, app: Flask, db_session: Session, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    sign_in(client, open_account())
    link = ask(client)
    assert link is not None
    guest, stranger = app.test_client(), app.test_client()
    sign_in(stranger, open_account("Moussa Fall", email="moussa@example.org"))
    assert guest.get(link).status_code == 303
    assert (stranger.get(link).status_code, send(stranger, link).status_code) == (410, 410)

    clock.advance(minutes=11)
    for page in ("/security/email", "/security/phone"):
        assert client.get(page).location.startswith("/security/confirm")
        assert send(client, page, {"email": NEW, "phone": PHONE}).location.startswith("/security/confirm")
    clock.advance(hours=24)
    sign_in(client, db_session.scalars(select(User).where(User.email == OLD)).one())
    assert client.get(link).status_code == 410


@pytest.mark.covers("ID-48", "ID-51")
def test_an_address_of_somebody_else_is_answered_like_any_other_and_its_holder_hears_of_it(
    client: FlaskClient, db_session: Session, count_statements: CountStatements
) -> None:
    open_account("Moussa Fall", email="moussa@example.org")
    sign_in(client, open_account())
    client.get("/security")
    asked, answers = [], set()
    for email in ("moussa@example.org", NEW):
        with count_statements() as statements:
            answer = send(client, "/security/email", {"email": email})
        answers.add((answer.status_code, answer.location))
        asked.append([statement.split("VALUES")[0] for statement in statements])

    assert len(hear_of_sign_ups()) == 1
    assert len(answers) == 1
    assert asked[0] == asked[1]
    assert len(sent_to("moussa@example.org", "address_tried")) == 1
    assert sent_to("moussa@example.org", "new_address_link") == []


@pytest.mark.covers("ID-51")
def test_the_old_address_takes_the_change_back_and_everything_after_it(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    sign_in(client, open_account())
    change_email(client)
    change_email(client, "third@example.org")
    first, second = last_link(OLD, "email_changed"), last_link(NEW, "email_changed")
    guest = app.test_client()
    assert {guest.get(first).status_code for _ in range(2)} == {200}

    assert send(guest, first).location == "/password/forgotten"

    assert contact(db_session) == (OLD, None)
    assert client.get("/profile").status_code == 303
    # Whoever made the changes may know the password: it works no more, until a new one is chosen by mail.
    assert (door("third@example.org"), door(OLD)) == (Door.WRONG, Door.WRONG)
    assert [send(guest, link).status_code for link in (first, second)] == [410, 410]
    assert "email_taken_back" in db_session.scalars(select(SecurityEvent.event_type)).all()


@pytest.mark.covers("ID-51")
def test_a_change_is_taken_back_within_a_week_and_nobody_gets_the_address_meanwhile(
    client: FlaskClient, app: Flask, db_session: Session, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    sign_in(client, open_account())
    change_email(client)
    link = last_link(OLD, "email_changed")
    newcomer = app.test_client()
    send(newcomer, "/sign-up", {"email": OLD})
    assert hear_of_sign_ups() == []
    clock.advance(days=6, hours=23)
    assert newcomer.get(link).status_code == 200

    clock.advance(hours=1)

    assert send(newcomer, link).status_code == 410
    send(newcomer, "/sign-up", {"email": OLD})
    assert len(hear_of_sign_ups()) == 1


@pytest.mark.covers("ID-51", "PRV-14")
def test_closing_the_account_stops_nobody_from_taking_an_address_back(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    """Whoever has stolen an account changes its address and has it erased; the mail to the old one undoes both."""
    user = open_account()
    sign_in(client, user)
    change_email(client)
    ask_to_leave(user.id, by=acting(user))
    link = last_link(OLD, "email_changed")
    holder = app.test_client()

    assert holder.get(link).status_code == 200
    assert send(holder, link).status_code == 303

    assert contact(db_session) == (OLD, None)
    assert db_session.scalars(select(User.status)).one() is UserStatus.ACTIVE
    assert leaving_of(user.id) is None
    assert [len(sent_to(one, "leaving_taken_back")) for one in (OLD, NEW)] == [1, 0]
    # Whoever closed it may know the password: a new one, by mail, opens the account.
    assert door(OLD) is Door.WRONG
    set_new_password(str(issue_password_reset(user.id, by=SYSTEM)), PASSWORD, by=GUEST)
    assert door(OLD) is Door.OPEN


@pytest.mark.covers("ID-50", "ID-51")
def test_another_number_counts_once_its_code_is_typed_and_the_old_one_can_take_it_back(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    sign_in(client, open_account(phone=PHONE))
    send(client, "/security/phone", {"phone": OTHER_PHONE})
    assert send(client, "/security/phone/code", {"code": "000000"}).status_code == 422
    assert contact(db_session)[1] == PHONE

    assert send(client, "/security/phone/code", {"code": last_code(OTHER_PHONE)}).location == "/security"

    assert contact(db_session)[1] == OTHER_PHONE
    told = sent_to(PHONE, "phone_changed")
    assert len(told) == 1
    assert "/take-back/" in told[0].body
    assert send(app.test_client(), last_link(PHONE, "phone_changed")).status_code == 303
    assert contact(db_session)[1] == PHONE


@pytest.mark.covers("ID-51")
def test_a_first_number_is_added_and_one_with_an_account_is_not(
    client: FlaskClient, db_session: Session
) -> None:
    open_account("Moussa Fall", email=None, phone=OTHER_PHONE)
    user = open_account()
    sign_in(client, user)
    send(client, "/security/phone", {"phone": OTHER_PHONE})
    refused = send(client, "/security/phone/code", {"code": last_code(OTHER_PHONE)})
    assert refused.status_code in (409, 422)
    assert "Another account has this by now." in refused.text

    change_phone(client, PHONE)

    db_session.expire_all()
    assert db_session.get_one(User, user.id).phone == PHONE
    assert db_session.scalars(select(ContactChange.take_back_hash)).all() == [None]


@pytest.mark.covers("ID-51", "DEV-15")
def test_one_link_of_the_old_address_used_by_eight_at_once_takes_back_once(
    app: Flask, committed_db: Session, client: FlaskClient
) -> None:
    in_transaction(open_account)
    sign_in(client, db.session.scalars(select(User)).one())
    change_email(client)
    token = last_link(OLD, "email_changed").rsplit("/", 1)[1]
    db.session.remove()

    def use() -> bool:
        try:
            in_transaction(lambda: take_back(token, by=GUEST))
        except Conflict:
            return False
        return True

    assert at_once(app, [use] * 8).count(True) == 1
    events = committed_db.scalars(select(SecurityEvent.event_type)).all()
    assert events.count("email_taken_back") == 1


@pytest.mark.covers("ID-51")
def test_what_the_account_has_already_is_not_written_to(client: FlaskClient, db_session: Session) -> None:
    sign_in(client, open_account(phone=OTHER_PHONE))

    by_mail = send(client, "/security/email", {"email": "AWA@example.org"})
    by_text = send(client, "/security/phone", {"phone": OTHER_PHONE})

    for answer in (by_mail, by_text):
        assert answer.status_code == 422
        assert "Your account has this already." in answer.text
    sent = set(db_session.scalars(select(VerificationToken.purpose)))
    assert not sent & {VerificationPurpose.CHANGE_CONTACT, VerificationPurpose.SIGN_IN}
