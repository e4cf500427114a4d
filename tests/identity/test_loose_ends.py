"""What somebody prepared while they were in must not open the account after its holder has a new password."""

from __future__ import annotations

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity.half_open import wait_for_second_step, who_waits
from portal.identity.models import User
from portal.identity.recovery import issue_password_reset, set_new_password
from portal.identity.second_factor import begin_enrolment, enrolment_of, finish_enrolment, has_app
from portal.kernel.actor import SYSTEM
from portal.kernel.errors import NotFound
from portal.kernel.ids import new_id
from portal.people.calendars import feed, renew_link
from tests.harness.house import acting, send, sign_in
from tests.harness.moments import Clock
from tests.identity.doorway import (
    GUEST,
    PASSWORD,
    PHONE,
    hear_of_sign_ups,
    last_code,
    last_link,
    open_account,
)

NEW = "huit pirogues bleues"


def new_password(user: User) -> None:
    set_new_password(str(issue_password_reset(user.id, by=SYSTEM)), NEW, by=GUEST)


def waiting_secret(user: User) -> str | None:
    waiting = enrolment_of(user.id, "Awa")
    return waiting.secret if waiting else None


@pytest.mark.covers("ID-53")
def test_an_app_that_is_begun_again_learns_another_secret(db_session: Session) -> None:
    user = open_account()
    begin_enrolment(user.id)
    planted = waiting_secret(user)

    begin_enrolment(user.id)

    assert planted is not None
    assert waiting_secret(user) not in (None, planted)


@pytest.mark.covers("ID-47", "ID-53")
def test_a_new_password_by_link_ends_what_was_begun_before_it(db_session: Session) -> None:
    user = open_account()
    begin_enrolment(user.id)
    half_way = wait_for_second_step(user.id)
    calendar = renew_link(user.id, by=acting(user))
    db_session.flush()
    assert feed(calendar)

    new_password(user)

    assert waiting_secret(user) is None
    assert who_waits(half_way) is None
    with pytest.raises(NotFound):
        feed(calendar)


@pytest.mark.covers("ID-51")
def test_a_link_to_another_address_does_not_outlive_a_new_password(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    user = open_account()
    sign_in(client, user)
    send(client, "/security/email", {"email": "thief@example.org"})
    assert len(hear_of_sign_ups()) == 1
    link = last_link("thief@example.org", "new_address_link")
    assert client.get(link).status_code == 200

    assert send(client, "/security/password", {"present": PASSWORD, "password": NEW}).status_code == 303

    assert client.get(link).status_code == 410


def test_ending_all_other_sessions_forgets_the_secret_that_one_of_them_may_have_seen(
    client: FlaskClient, db_session: Session
) -> None:
    user = open_account()
    sign_in(client, user)
    send(client, "/security/app/begin")
    assert waiting_secret(user) is not None

    assert send(client, "/security/sessions/end-others").status_code == 303

    db_session.expire_all()
    assert waiting_secret(user) is None


def test_an_app_in_use_stays_through_a_new_password(db_session: Session, clock: Clock) -> None:
    user = open_account()
    begin_enrolment(user.id)
    secret = waiting_secret(user)
    assert secret is not None
    finish_enrolment(user.id, new_id(), pyotp.TOTP(secret).at(clock.now()), by=GUEST)

    new_password(user)

    assert has_app(user.id)


@pytest.mark.covers("ID-51")
def test_the_moment_of_another_contact_asks_again_who_it_is(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    """The proof that was given when the new one was named may be hours old by then."""
    clock.travel(2026, 3, 1, 12)
    user = open_account()
    sign_in(client, user)
    send(client, "/security/email", {"email": "new@example.org"})
    hear_of_sign_ups()
    link = last_link("new@example.org", "new_address_link")
    assert send(client, "/security/phone", {"phone": PHONE}).status_code == 303
    code = last_code(PHONE)
    clock.advance(minutes=11)

    for path, form in ((link, {}), ("/security/phone/code", {"code": code})):
        assert client.get(path).status_code == 200
        assert send(client, path, form).location.startswith("/security/confirm")

    db_session.expire_all()
    kept_user = db_session.scalars(select(User)).one()
    assert (kept_user.email, kept_user.phone) == ("awa@example.org", None)
