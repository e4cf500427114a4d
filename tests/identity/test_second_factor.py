"""The second factor: set up, asked at sign-in and before what matters, and each code good for one time."""

from __future__ import annotations

import dataclasses
import re
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity import second_factor
from portal.identity.entry import Door
from portal.identity.half_open import take_second_step, wait_for_second_step
from portal.identity.models import LoginAttempt, PendingSignIn, SecurityEvent, User, UserSecurity, UserSession
from portal.identity.sessions import cookie_name, start_session
from portal.kernel import clock as portal_clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import in_transaction
from portal.kernel.keys import Undecryptable
from portal.kernel.sealing import unseal
from portal.kernel.settings import Environment
from tests.harness.house import make_admin, make_person, send, sign_in
from tests.harness.moments import Clock
from tests.identity.doorway import GUEST, PASSWORD, PHONE, last_code, open_account, sent_to

EMAIL = "awa@example.org"
RIGHT = {"email": EMAIL, "password": PASSWORD}
STEP = "/sign-in/second-step"


@dataclasses.dataclass
class Owner:
    """Somebody with the app set up, and what only they hold."""

    user: User
    secret: str
    recovery: list[str]

    @property
    def id(self) -> UUID:
        return self.user.id

    def shows(self, now: Clock) -> str:
        """The app's screen at this moment."""
        return pyotp.TOTP(self.secret).at(now.now())


def enrol(user: User, clock: Clock) -> Owner:
    """Set the app up, half a minute before anything else happens."""
    second_factor.begin_enrolment(user.id)
    waiting = second_factor.enrolment_of(user.id, EMAIL)
    assert waiting is not None
    session_id = UUID(int=0)
    code = pyotp.TOTP(waiting.secret).at(clock.now())
    recovery = second_factor.finish_enrolment(user.id, session_id, code, by=GUEST)
    clock.advance(seconds=60)
    return Owner(user, waiting.secret, recovery)


@pytest.fixture
def awa(db_session: Session, clock: Clock) -> Owner:
    clock.travel(2026, 3, 1, 12)
    return enrol(open_account(phone=PHONE), clock)


def events(session: Session) -> list[str]:
    session.expire_all()
    return [*session.scalars(select(SecurityEvent.event_type).order_by(SecurityEvent.id))]


@pytest.mark.covers("ID-53")
def test_the_app_is_set_up_on_a_page_and_the_recovery_codes_are_shown_once(
    client: FlaskClient, app: Flask, db_session: Session, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    user = open_account()
    elsewhere = start_session(user.id, by=SYSTEM)
    sign_in(client, user)
    before = client.get_cookie(cookie_name())
    assert send(client, "/security/app/begin").location == "/security/app"
    shown = client.get("/security/app").text
    assert "<svg" in shown
    secret = "".join(re.findall(r"<code>([A-Z2-7 ]+)</code>", shown)[0].split())

    assert send(client, "/security/app", {"code": "000000"}).status_code == 422
    answer = send(client, "/security/app", {"code": pyotp.TOTP(secret).at(clock.now())})

    assert answer.status_code == 200
    assert len(re.findall(r"<code>[2-9A-Z]{5}-[2-9A-Z]{5}</code>", answer.text)) == 10
    after = client.get_cookie(cookie_name())
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert client.get("/security").status_code == 200
    thief = app.test_client()
    thief.set_cookie(cookie_name(), elsewhere)
    assert thief.get("/profile").status_code == 303
    assert events(db_session) == ["second_factor_on"]
    assert len(sent_to(EMAIL, "second_factor_on")) == 1
    # The page is of no use to whoever opens it later.
    assert client.get("/security/app").location == "/security"


def test_secret_and_recovery_codes_are_of_no_use_to_whoever_reads_the_table(
    db_session: Session, awa: Owner
) -> None:
    row = db_session.get_one(UserSecurity, awa.id)

    assert row.mfa_secret is not None
    assert awa.secret.encode() not in row.mfa_secret
    with pytest.raises(Undecryptable):
        unseal(UserSecurity.mfa_secret, UUID(int=1), row.mfa_secret)
    assert {one.split("$")[1] for one in row.recovery_codes} == {"argon2id"}
    kept = str(row.recovery_codes)
    assert not [code for code in awa.recovery if code in kept or code.replace("-", "") in kept]


@pytest.mark.covers("ID-53")
def test_no_session_begins_before_the_second_step(
    client: FlaskClient, db_session: Session, awa: Owner, clock: Clock
) -> None:
    first = send(client, "/sign-in", RIGHT | {"next": "/settings"})

    assert (first.status_code, first.location) == (303, STEP)
    assert client.get_cookie(cookie_name()) is None
    assert client.get("/settings").status_code == 303
    assert db_session.scalars(select(UserSession)).all() == []

    second = send(client, STEP, {"code": awa.shows(clock)})

    assert (second.status_code, second.location) == (303, "/settings")
    assert client.get("/settings").status_code == 200
    reasons = db_session.scalars(select(LoginAttempt.reason).order_by(LoginAttempt.id)).all()
    assert reasons == ["first_step", "confirmed"]


def test_a_code_by_sms_leads_to_the_second_step_as_well(
    client: FlaskClient, db_session: Session, awa: Owner, clock: Clock
) -> None:
    send(client, "/sign-in/code", {"phone": PHONE})
    answer = send(client, "/sign-in/code/enter", {"code": last_code()})

    assert answer.location == STEP
    assert client.get_cookie(cookie_name()) is None
    assert send(client, STEP, {"code": awa.recovery[0].lower()}).status_code == 303
    assert client.get_cookie(cookie_name()) is not None


def test_a_code_works_once_and_an_older_one_not_at_all(awa: Owner, clock: Clock) -> None:
    code = awa.shows(clock)
    assert second_factor.try_factor(awa.id, code, by=GUEST).is_right
    assert not second_factor.try_factor(awa.id, code, by=GUEST).is_right

    clock.advance(seconds=30)
    later = awa.shows(clock)
    clock.advance(seconds=30)
    assert not second_factor.try_factor(awa.id, later, by=GUEST).is_right
    assert second_factor.try_factor(awa.id, awa.shows(clock), by=GUEST).is_right


def test_a_recovery_code_works_once_and_is_told(db_session: Session, awa: Owner) -> None:
    typed = awa.recovery[3].replace("-", " ").lower()
    assert second_factor.try_factor(awa.id, typed, by=GUEST).is_right
    assert not second_factor.try_factor(awa.id, typed, by=GUEST).is_right
    assert second_factor.recovery_codes_left(awa.id) == 9
    assert events(db_session)[-1] == "recovery_code_used"

    renewed = second_factor.new_recovery_codes(awa.id, by=GUEST)
    assert not second_factor.try_factor(awa.id, awa.recovery[4], by=GUEST).is_right
    assert second_factor.try_factor(awa.id, renewed[0], by=GUEST).is_right


@pytest.mark.covers("ID-53")
@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_one_code_tried_by_eight_at_once_lets_in_once(
    app: Flask, committed_db: Session, clock: Clock, kind: str
) -> None:
    now = clock.now()
    clock.travel(now)
    owner = in_transaction(lambda: enrol(open_account(), clock))
    user_id = committed_db.scalars(select(User.id)).one()
    code = owner.recovery[0] if kind == "recovery" else owner.shows(clock)
    keys = [in_transaction(lambda: wait_for_second_step(user_id)) for _ in range(8)]
    moment = clock.now()

    def step(key: str) -> Door:
        with app.app_context(), portal_clock.travel(moment):
            return in_transaction(lambda: take_second_step(key, code, by=GUEST)).door

    with ThreadPoolExecutor(8) as pool:
        doors = list(pool.map(step, keys))

    assert doors.count(Door.OPEN) == 1
    assert len(committed_db.scalars(select(UserSession)).all()) == 1


def test_one_half_open_sign_in_opens_one_session_and_not_after_ten_minutes(
    db_session: Session, awa: Owner, clock: Clock
) -> None:
    key = wait_for_second_step(awa.id)
    assert take_second_step(key, awa.recovery[0], by=GUEST).door is Door.OPEN
    assert take_second_step(key, awa.recovery[1], by=GUEST).door is Door.EXPIRED

    late = wait_for_second_step(awa.id)
    clock.advance(minutes=10)
    assert take_second_step(late, awa.recovery[1], by=GUEST).door is Door.EXPIRED
    kept = db_session.scalars(select(PendingSignIn.token_hash)).all()
    assert not {key, late} & set(kept)


def test_five_wrong_codes_lock_the_step_whatever_is_begun_anew_and_the_holder_hears_of_it(
    db_session: Session, awa: Owner, clock: Clock
) -> None:
    doors = [take_second_step(wait_for_second_step(awa.id), "000000", by=GUEST).door for _ in range(6)]

    assert doors == [*[Door.WRONG] * 4, Door.LOCKED, Door.LOCKED]
    assert take_second_step(wait_for_second_step(awa.id), awa.recovery[0], by=GUEST).door is Door.LOCKED
    assert events(db_session)[-1] == "second_step_locked"
    assert len(sent_to(EMAIL, "second_step_locked")) == 1
    clock.advance(minutes=15)
    assert take_second_step(wait_for_second_step(awa.id), awa.recovery[0], by=GUEST).door is Door.OPEN


@pytest.mark.covers("ID-54")
@pytest.mark.parametrize("has_app", [True, False], ids=["an app", "a passkey and codes"])
def test_staff_see_a_locked_second_step_and_open_it(
    client: FlaskClient, db_session: Session, awa: Owner, has_app: bool
) -> None:
    db_session.get_one(UserSecurity, awa.id).mfa_enabled = has_app
    for _wrong in range(5):
        take_second_step(wait_for_second_step(awa.id), "000000", by=GUEST)
    db_session.commit()
    sign_in(client, make_admin())
    address = f"/admin/users/{awa.id}"
    assert "Second step locked until" in client.get(address).text

    assert send(client, f"{address}/lock/open").location == address

    assert "Second step locked until" not in client.get(address).text
    assert take_second_step(wait_for_second_step(awa.id), awa.recovery[0], by=GUEST).door is Door.OPEN


def test_the_app_is_a_proof_before_what_matters(client: FlaskClient, awa: Owner, clock: Clock) -> None:
    sign_in(client, awa.user)
    clock.advance(minutes=11)
    assert send(client, "/security/recovery-codes").location.startswith("/security/confirm")

    assert send(client, "/security/confirm/app", {"code": "123456"}).status_code == 422
    proved = send(client, "/security/confirm/app", {"code": awa.shows(clock), "next": "/security"})

    assert proved.location == "/security"
    assert send(client, "/security/recovery-codes").status_code == 200


def test_switching_off_needs_a_proof_ends_other_sessions_and_is_told(
    client: FlaskClient, app: Flask, db_session: Session, awa: Owner, clock: Clock
) -> None:
    sign_in(client, awa.user)
    other = app.test_client()
    sign_in(other, awa.user)
    assert other.get("/profile").status_code == 200

    assert send(client, "/security/app/off").location == "/security"

    assert (client.get("/profile").status_code, other.get("/profile").status_code) == (200, 303)
    row = db_session.get_one(UserSecurity, awa.id)
    assert (row.mfa_enabled, row.mfa_secret, row.recovery_codes) == (False, None, [])
    assert events(db_session)[-1] == "second_factor_off"
    assert len(sent_to(EMAIL, "second_factor_off")) == 1
    assert send(app.test_client(), "/sign-in", RIGHT).location == "/"


@pytest.mark.parametrize("who", ["admin", "client"])
def test_in_production_whoever_steers_sets_up_a_second_step_before_anything_else(
    client: FlaskClient,
    app: Flask,
    db_session: Session,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    who: str,
) -> None:
    clock.travel(2026, 3, 1, 12)
    user = make_admin() if who == "admin" else make_person()
    settings = dataclasses.replace(app.config["SETTINGS"], environment=Environment.PRODUCTION)
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    sign_in(client, user)
    https = {"base_url": "https://localhost"}

    if who == "client":
        assert client.get("/profile", **https).status_code == 200
        return
    for path in ("/admin", "/profile", "/settings"):
        assert client.get(path, **https).location == "/security"
    program = client.get("/admin", headers={"Accept": "application/json"}, **https)
    assert program.status_code == 403
    assert (
        "Your rights are only for people who sign in with a second step."
        in client.get("/security", **https).text
    )

    enrol(user, clock)
    sign_in(client, user)
    assert client.get("/admin", **https).status_code == 200


def test_elsewhere_the_demo_world_can_be_tried_with_a_password_alone(
    client: FlaskClient, db_session: Session
) -> None:
    sign_in(client, make_admin())

    assert client.get("/admin").status_code == 200
