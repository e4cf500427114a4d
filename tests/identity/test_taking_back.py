"""What goes with a change that its holder takes back: every way in that a thief may have made meanwhile."""

from __future__ import annotations

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.config.values import TAKE_BACK_DAYS, value_of
from portal.identity.administration import reopen_user, suspend_user
from portal.identity.entry import Door
from portal.identity.half_open import wait_for_second_step, who_waits
from portal.identity.models import (
    AuthIdentity,
    AuthProvider,
    DeviceRegistration,
    Passkey,
    SecurityEvent,
    User,
)
from portal.identity.recovery import issue_password_reset, set_new_password
from portal.identity.second_factor import (
    begin_enrolment,
    enrolment_of,
    finish_enrolment,
    has_app,
    new_recovery_codes,
    recovery_codes_left,
)
from portal.identity.signing_in import sign_in_with_password, sign_in_with_provider
from portal.kernel import clock as portal_clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
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
    sent_to,
)

OLD, THIEF, THIEFS_PHONE = "awa@example.org", "thief@example.org", "+221771234599"
THIEFS_PASSWORD = "huit pirogues bleues"


@pytest.fixture(autouse=True)
def march(clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)


def change_email(client: FlaskClient, email: str = THIEF) -> None:
    send(client, "/security/email", {"email": email})
    assert hear_of_sign_ups()
    assert send(client, last_link(email, "new_address_link")).location == "/security"


def change_phone(client: FlaskClient, phone: str = THIEFS_PHONE) -> None:
    assert send(client, "/security/phone", {"phone": phone}).status_code == 303
    assert send(client, "/security/phone/code", {"code": last_code(phone)}).location == "/security"


def link_provider(user: User, uid: str = "thief") -> None:
    identity = AuthIdentity(user_id=user.id, provider=AuthProvider.GOOGLE, provider_uid=uid)
    db_add(identity)


def add_passkey(user: User, name: str) -> None:
    db_add(Passkey(user_id=user.id, name=name, credential_id=name.encode(), public_key=b"key", sign_count=0))


def db_add(row: object) -> None:
    db.session.add(row)
    db.session.commit()


def switch_app_on(user: User) -> list[str]:
    begin_enrolment(user.id)
    waiting = enrolment_of(user.id, "Awa")
    assert waiting is not None
    code = pyotp.TOTP(waiting.secret).at(portal_clock.now())
    return finish_enrolment(user.id, new_id(), code, by=GUEST)


def take_back(app: Flask, key: str = "email_changed", contact: str = OLD) -> str:
    """Follow the link that the old one was sent; where it leads."""
    answer = send(app.test_client(), last_link(contact, key))
    assert answer.status_code == 303, answer.text
    return answer.location


def ways(session: Session) -> set[tuple[str, str]]:
    session.expire_all()
    return {(one.provider.value, one.provider_uid) for one in session.scalars(select(AuthIdentity))}


def event(session: Session, kind: str) -> SecurityEvent:
    return session.scalars(select(SecurityEvent).filter_by(event_type=kind)).one()


@pytest.mark.covers("ID-08", "ID-51")
def test_an_account_that_was_closed_for_the_thief_is_taken_back_and_stays_closed(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    """The days would run out, and the news that it is open again would go to the thief."""
    user = open_account()
    sign_in(client, user)
    add_passkey(user, "thief")
    change_email(client)
    suspend_user(user.id, reason="stolen", by=SYSTEM)
    db_session.commit()

    browser = app.test_client()
    answer = send(browser, last_link(OLD, "email_changed"))
    assert answer.location == "/sign-in"
    assert "This account is closed at the moment." in browser.get(answer.location).text
    assert ways(db_session) == {("email", OLD)}
    assert db_session.scalars(select(Passkey)).all() == []
    assert issue_password_reset(user.id, by=SYSTEM) is None

    reopen_user(user.id, reason="its holder has written", by=SYSTEM)
    db_session.commit()
    assert sent_to(OLD, "account_reopened")
    assert not sent_to(THIEF, "account_reopened")
    set_new_password(str(issue_password_reset(user.id, by=SYSTEM)), THIEFS_PASSWORD, by=GUEST)
    assert sign_in_with_password(OLD, THIEFS_PASSWORD, by=GUEST).door is Door.OPEN


@pytest.mark.covers("ID-51", "ID-58")
def test_taking_an_address_back_leaves_a_thief_no_way_in(
    client: FlaskClient, app: Flask, db_session: Session, clock: Clock
) -> None:
    user = open_account()
    sign_in(client, user)
    change_phone(client)
    link_provider(user)
    add_passkey(user, "thief")
    switch_app_on(user)
    sign_in(client, user)
    change_email(client)
    set_new_password(str(issue_password_reset(user.id, by=SYSTEM)), THIEFS_PASSWORD, by=GUEST)
    half_way, calendar = wait_for_second_step(user.id), renew_link(user.id, by=acting(user))
    db_session.commit()

    assert take_back(app) == "/password/forgotten"

    assert ways(db_session) == {("email", OLD)}
    kept = db_session.get_one(User, user.id)
    assert (kept.email, kept.phone, kept.password_hash) == (OLD, None, None)
    assert sign_in_with_provider(AuthProvider.GOOGLE, "thief", by=GUEST).door is Door.NEW_IDENTITY
    for email in (OLD, THIEF):
        for password in (PASSWORD, THIEFS_PASSWORD):
            assert sign_in_with_password(email, password, by=GUEST).door is Door.WRONG
    assert db_session.scalars(select(Passkey)).all() == []
    assert (has_app(user.id), recovery_codes_left(user.id), who_waits(half_way)) == (False, 0, None)
    with pytest.raises(NotFound):
        feed(calendar)
    thief = app.test_client()
    send(thief, "/sign-in/code", {"phone": THIEFS_PHONE})
    send(thief, "/sign-in/code/enter", {"code": last_code(THIEFS_PHONE)})
    assert thief.get("/security").status_code == 303

    set_new_password(str(issue_password_reset(user.id, by=SYSTEM)), PASSWORD, by=GUEST)
    assert sign_in_with_password(OLD, PASSWORD, by=GUEST).door is Door.OPEN


@pytest.mark.covers("ID-51", "ID-58", "ADM-12")
def test_taking_back_is_written_down_and_told_to_both_sides(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    user = open_account()
    sign_in(client, user)
    change_phone(client)
    add_passkey(user, "thief")
    change_email(client)

    take_back(app)

    undone = event(db_session, "email_taken_back").details["undone"].split()
    assert {*undone} == {"email", "phone", "password", "passkey"}
    row = db_session.scalars(select(AuditLog).filter_by(action="contact_change_reversed")).one()
    assert (row.resource_id, {*row.details["undone"]}) == (user.id, {*undone})
    assert [len(sent_to(one, "contact_lost")) for one in (THIEF, THIEFS_PHONE, OLD)] == [1, 1, 0]
    assert [len(sent_to(one, "contact_taken_back")) for one in (OLD, THIEF)] == [1, 0]
    sign_in(client, user)
    page = client.get("/security/events").text
    assert "passkeys added lately" in page


@pytest.mark.covers("ID-51")
def test_what_the_holder_had_long_before_stays(
    client: FlaskClient, app: Flask, db_session: Session, clock: Clock
) -> None:
    user = open_account(phone=PHONE)
    link_provider(user, "awa")
    add_passkey(user, "mine")
    switch_app_on(user)
    db_session.commit()
    sign_in(client, user)
    clock.advance(days=value_of(TAKE_BACK_DAYS) + 1)
    sign_in(client, user)
    add_passkey(user, "thief")
    db_add(DeviceRegistration(user_id=user.id, name="thief", fingerprint="x"))
    change_email(client)

    take_back(app)

    assert ways(db_session) == {("email", OLD), ("phone", PHONE), ("google", "awa")}
    assert db_session.scalars(select(Passkey.name)).all() == ["mine"]
    assert "thief" not in db_session.scalars(select(DeviceRegistration.name)).all()
    assert (has_app(user.id), recovery_codes_left(user.id)) == (True, 10)


def test_recovery_codes_that_were_renewed_lately_work_no_more_and_the_app_stays(
    client: FlaskClient, app: Flask, db_session: Session, clock: Clock
) -> None:
    user = open_account()
    switch_app_on(user)
    db_session.commit()
    clock.advance(days=value_of(TAKE_BACK_DAYS) + 1)
    sign_in(client, user)
    new_recovery_codes(user.id, by=acting(user))
    change_email(client)

    take_back(app)

    assert (has_app(user.id), recovery_codes_left(user.id)) == (True, 0)


@pytest.mark.covers("ID-51")
def test_the_other_contact_is_as_it_was_before_too(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    sign_in(client, open_account(phone=PHONE))
    change_phone(client)
    change_email(client)
    later = last_link(PHONE, "phone_changed")

    take_back(app)

    assert ways(db_session) == {("email", OLD), ("phone", PHONE)}
    assert app.test_client().get(later).status_code == 410


def test_an_old_number_that_has_another_account_by_now_stays_with_it(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    sign_in(client, open_account(phone=PHONE))
    change_phone(client)
    change_email(client)
    other = open_account("Moussa Fall", email=None, phone=PHONE)
    db_session.commit()

    take_back(app)

    assert ways(db_session) == {("email", OLD), ("phone", PHONE)}
    assert db_session.scalars(select(User.id).filter_by(phone=PHONE)).one() == other.id


def test_a_number_taken_back_where_the_address_was_a_thiefs_leads_to_the_code(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    sign_in(client, open_account(email=None, phone=PHONE))
    change_email(client)
    change_phone(client)

    assert take_back(app, "phone_changed", PHONE) == "/sign-in/code"

    assert ways(db_session) == {("phone", PHONE)}


@pytest.mark.covers("ID-14", "ID-51")
def test_an_address_that_was_never_proved_comes_back_as_that(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    user = open_account(phone=PHONE)
    assert user.email_verified_at is None
    sign_in(client, user)
    change_email(client)
    change_phone(client)

    take_back(app, "phone_changed", PHONE)

    assert ways(db_session) == {("email", OLD), ("phone", PHONE)}
    kept = db_session.get_one(User, user.id)
    assert kept.phone_verified_at is not None
    assert kept.email_verified_at is None


def add_passkey_here(client: FlaskClient, user: User, name: str, clock: Clock) -> str:
    """A passkey that whoever sits at this browser adds after signing in; its id."""
    sign_in(client, user)
    clock.advance(minutes=1)
    add_passkey(user, name)
    clock.advance(minutes=1)
    return str(db.session.scalars(select(Passkey.id).filter_by(name=name)).one())


def passkeys(session: Session) -> list[str]:
    session.expire_all()
    return sorted(session.scalars(select(Passkey.name)))


@pytest.mark.covers("ID-51")
def test_a_passkey_that_the_holder_names_as_their_own_stays_and_every_other_goes(
    client: FlaskClient, app: Flask, db_session: Session, clock: Clock
) -> None:
    """The thief adds a passkey in one session, and changes the address in another."""
    user = open_account()
    mine = add_passkey_here(client, user, "mine", clock)
    clock.advance(days=1)
    add_passkey_here(app.test_client(), user, "thief before", clock)
    clock.advance(days=1)
    thief = app.test_client()
    add_passkey_here(thief, user, "thief in that session", clock)
    change_email(thief)
    add_passkey(user, "thief afterwards")
    link = last_link(OLD, "email_changed")
    holder = app.test_client()

    shown = holder.get(link).text
    assert [name in shown for name in ("mine", "thief before")] == [True, True]
    assert [name in shown for name in ("thief in that session", "thief afterwards")] == [False, False]
    assert "checked" not in shown, "nothing stays by itself"

    assert send(holder, link, {"keeps": [mine]}).status_code == 303

    assert passkeys(db_session) == ["mine"]


@pytest.mark.covers("ID-51")
def test_without_a_word_of_the_holder_every_young_passkey_goes(
    client: FlaskClient, app: Flask, db_session: Session, clock: Clock
) -> None:
    user = open_account()
    add_passkey_here(client, user, "mine", clock)
    clock.advance(days=1)
    sign_in(client, user)
    change_email(client)

    take_back(app)

    assert passkeys(db_session) == []


@pytest.mark.covers("ID-51")
def test_no_word_keeps_what_was_made_in_the_session_of_the_change_or_after_it(
    client: FlaskClient, app: Flask, db_session: Session, clock: Clock
) -> None:
    """A stolen cookie: the change is made in the holder's own session, and nobody can tell their hands apart."""
    user = open_account()
    sign_in(client, user)
    clock.advance(days=1)
    add_passkey(user, "made here")
    confirm(client, user)
    change_email(client)
    add_passkey(user, "made afterwards")
    everything = [str(one) for one in db_session.scalars(select(Passkey.id))]
    link = last_link(OLD, "email_changed")

    refused = send(app.test_client(), link, {"keeps": everything})

    assert refused.status_code == 422
    assert send(app.test_client(), link).status_code == 303
    assert passkeys(db_session) == []


@pytest.mark.covers("ID-51")
def test_the_first_session_of_several_changes_counts(
    client: FlaskClient, app: Flask, db_session: Session, clock: Clock
) -> None:
    """The thief changes the number first, adds a passkey, and changes the address from a new session."""
    user = open_account(phone=PHONE)
    sign_in(client, user)
    change_phone(client)
    clock.advance(minutes=5)
    add_passkey(user, "thief")
    clock.advance(days=1)
    sign_in(client, user)
    change_email(client)

    assert "thief" not in app.test_client().get(last_link(OLD, "email_changed")).text
    take_back(app)

    assert passkeys(db_session) == []


def confirm(client: FlaskClient, user: User) -> None:
    """Prove in this session that it is still the same person."""
    assert send(client, "/security/confirm", {"password": PASSWORD}).status_code == 303


@pytest.mark.covers("ID-51")
@pytest.mark.parametrize("steps", [1, 2])
def test_whoever_goes_back_to_their_address_by_hand_leaves_a_thief_no_link(
    client: FlaskClient, app: Flask, db_session: Session, clock: Clock, steps: int
) -> None:
    """The thief's address came between: a link there would have the account given to it for days."""
    user = open_account()
    sign_in(client, user)
    for step in range(steps):
        change_email(client, f"{step}{THIEF}")
    clock.advance(days=6)
    sign_in(client, user)

    change_email(client, OLD)

    assert ways(db_session) == {("email", OLD)}
    thieves = [
        one.template_data["action_link"]
        for step in range(steps)
        for one in sent_to(f"{step}{THIEF}", "email_changed")
    ]
    assert [app.test_client().get(link).status_code for link in thieves] == [410] * (steps - 1)
    assert len(sent_to(f"{steps - 1}{THIEF}", "contact_lost")) == 1
    # What else was made meanwhile is still undone by the holder's own link.
    assert take_back(app) == "/password/forgotten"
