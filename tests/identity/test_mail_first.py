"""Signing up with an e-mail address: nobody learns whether it has an account, but the person who reads its mail."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.identity.administration import suspend_user
from portal.identity.jobs import send_address_link
from portal.identity.mail_first import ask_to_sign_up, register_by_mail
from portal.identity.models import User, VerificationToken
from portal.identity.services import NewAccount
from portal.kernel.actor import SYSTEM
from portal.kernel.crypto import token_hash
from portal.kernel.db import in_transaction
from portal.kernel.errors import Conflict
from portal.kernel.models import OutboxEvent
from tests.harness.house import send
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.harness.together import at_once
from tests.identity.doorway import GUEST, PASSWORD, hear_of_sign_ups, last_link, open_account, sent_to

EMAIL = "awa@example.org"
NEW = {"full_name": "Khady Mbaye", "password": PASSWORD}


def account_count(session: Session) -> int:
    return session.execute(select(func.count()).select_from(User)).scalar_one()


@pytest.mark.covers("ID-48")
def test_the_answer_and_its_work_are_the_same_whether_or_not_the_address_has_an_account(
    client: FlaskClient, db_session: Session, count_statements: CountStatements
) -> None:
    open_account()
    suspend_user(open_account(email="closed@example.org").id, reason="test", by=SYSTEM)
    asked, answers = [], set()
    for email in (EMAIL, "nobody@example.org", "closed@example.org"):
        with count_statements() as statements:
            answer = send(client, "/sign-up", {"email": email})
        answers.add((answer.status_code, answer.location, answer.text))
        asked.append([statement.split("VALUES")[0] for statement in statements])

    assert len(answers) == 1
    assert asked[0] == asked[1] == asked[2]


@pytest.mark.covers("ID-48")
def test_the_holder_of_an_account_hears_that_somebody_tried_and_no_link_is_made(
    client: FlaskClient, db_session: Session
) -> None:
    open_account()
    send(client, "/sign-up", {"email": " AWA@example.org "})

    assert hear_of_sign_ups() == []

    assert len(sent_to(EMAIL, "address_tried")) == 1
    assert sent_to(EMAIL, "sign_up_link") == []
    assert account_count(db_session) == 1


@pytest.mark.covers("ID-39", "ID-49")
def test_the_link_opens_one_account_whose_address_is_proved(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    send(client, "/sign-up", {"email": EMAIL})
    (token,) = hear_of_sign_ups()
    link = last_link(EMAIL, "sign_up_link")
    assert link == f"/sign-up/mail/{token}"
    phone = app.test_client()
    assert {phone.get(link).status_code for _ in range(2)} == {200}
    assert account_count(db_session) == 0

    assert send(phone, link, NEW).location == "/"

    assert phone.get("/profile").status_code == 200
    assert db_session.scalars(select(User.email_verified_at)).one() is not None
    assert sent_to(EMAIL, "confirm_email") == []
    assert (client.get(link).status_code, send(client, link, NEW).status_code) == (410, 410)
    kept = db_session.scalars(select(VerificationToken.token_hash)).all()
    assert token_hash(token) in kept
    assert token not in kept


def test_a_poor_password_leaves_the_link_as_it_was(client: FlaskClient, db_session: Session) -> None:
    send(client, "/sign-up", {"email": EMAIL})
    hear_of_sign_ups()
    link = last_link(EMAIL, "sign_up_link")

    for password in ("kort", "password1", EMAIL):
        assert send(client, link, NEW | {"password": password}).status_code == 422
    assert send(client, link, NEW).status_code == 303


@pytest.mark.covers("ID-49")
def test_a_link_that_is_too_old_or_was_never_sent_opens_nothing(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    send(client, "/sign-up", {"email": EMAIL})
    unsent = db_session.scalars(select(VerificationToken)).one()
    for guess in (unsent.token_hash, str(unsent.id), "x" * 43):
        assert client.get(f"/sign-up/mail/{guess}").status_code == 410
    (token,) = hear_of_sign_ups()
    clock.advance(hours=24)

    assert send(client, f"/sign-up/mail/{token}", NEW).status_code == 410
    assert account_count(db_session) == 0


def test_nobody_is_flooded_with_links_and_nobody_is_told(client: FlaskClient, db_session: Session) -> None:
    for _ in range(6):
        assert send(client, "/sign-up", {"email": EMAIL}).location == "/sign-up/sent"
        hear_of_sign_ups()

    assert len(sent_to(EMAIL, "sign_up_link")) == 3


def test_a_link_is_sent_once_however_often_its_job_runs(committed_db: Session) -> None:
    in_transaction(lambda: ask_to_sign_up(EMAIL, locale="fr-SN", brought={"code": "ABCD23456"}))
    payload = committed_db.scalars(select(OutboxEvent.payload)).one()
    assert "@" not in repr(payload)

    for _ in range(3):
        send_address_link(**payload)

    assert len(sent_to(EMAIL, "sign_up_link")) == 1
    assert last_link(EMAIL, "sign_up_link").endswith("?code=ABCD23456")


@pytest.mark.covers("ID-49", "DEV-15")
def test_one_link_used_by_eight_at_once_opens_one_account(app: Flask, committed_db: Session) -> None:
    in_transaction(lambda: ask_to_sign_up(EMAIL, locale="fr-SN", brought={}))
    (token,) = in_transaction(hear_of_sign_ups)

    def use() -> bool:
        account = NewAccount(full_name="Khady Mbaye", password=PASSWORD)
        try:
            in_transaction(lambda: register_by_mail(token, account, by=GUEST))
        except Conflict:
            return False
        return True

    assert at_once(app, [use] * 8).count(True) == 1
    assert account_count(committed_db) == 1


@pytest.mark.covers("ID-32")
def test_what_a_person_brought_comes_back_with_the_link_in_another_browser(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    send(client, "/sign-up", {"email": EMAIL, "next": "/pots", "invitation_code": "ABCD23456"})
    hear_of_sign_ups()
    phone = app.test_client()

    page = phone.get(last_link(EMAIL, "sign_up_link")).text

    assert 'name="invitation_code" value="ABCD23456"' in page
    assert 'name="next" value="/pots"' in page
