"""Links by mail: a new password, a confirmed address."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.identity import passwords
from portal.identity.administration import suspend_user
from portal.identity.entry import Door
from portal.identity.jobs import send_reset
from portal.identity.models import PasswordResetToken, SecurityEvent, User, UserSession, VerificationToken
from portal.identity.recovery import issue_password_reset, set_new_password
from portal.identity.sessions import cookie_name
from portal.identity.signing_in import sign_in_with_password
from portal.kernel.actor import SYSTEM
from portal.kernel.crypto import token_hash
from portal.kernel.db import in_transaction
from portal.kernel.errors import Conflict
from portal.kernel.models import OutboxEvent
from portal.kernel.work import perform
from tests.harness.house import send
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.identity.doorway import GUEST, PASSWORD, last_link, open_account, sent_to

EMAIL = "awa@example.org"
NEW = "huit pirogues bleues"


def ask(client: FlaskClient, email: str = EMAIL) -> None:
    answer = send(client, "/password/forgotten", {"email": email})
    assert (answer.status_code, answer.location) == (303, "/password/sent")


def run_jobs(session: Session) -> None:
    """What the worker does."""
    session.commit()
    for event_id in (
        session.execute(select(OutboxEvent.id).where(OutboxEvent.done_at.is_(None))).scalars().all()
    ):
        perform("identity.send_password_reset", event_id=str(event_id))


@pytest.mark.covers("ID-46", "ID-47", "ID-48")
def test_a_forgotten_password_is_replaced_by_a_link(
    client: FlaskClient, app: Flask, committed_db: Session
) -> None:
    in_transaction(open_account)
    for browser in (client, app.test_client()):
        assert send(browser, "/sign-in", {"email": EMAIL, "password": PASSWORD}).status_code == 303
    guest = app.test_client()

    ask(guest)
    run_jobs(committed_db)
    link = last_link(EMAIL, "password_reset")
    token = link.rsplit("/", 1)[1]
    row = committed_db.execute(select(PasswordResetToken)).scalar_one()
    assert row.token_hash == token_hash(token)
    assert guest.get(link).status_code == 200
    answer = send(guest, link, {"password": NEW})

    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert client.get("/profile").status_code == 303
    committed_db.expire_all()
    assert {*committed_db.execute(select(UserSession.revoked)).scalars()} == {True}
    assert committed_db.execute(select(User.email_verified_at)).scalar_one() is not None
    told = committed_db.execute(select(SecurityEvent.event_type).order_by(SecurityEvent.id)).scalars()
    assert [*told] == ["new_device", "password_changed"]
    assert len(sent_to(EMAIL, "password_changed")) == 1
    assert send(guest, "/sign-in", {"email": EMAIL, "password": PASSWORD}).status_code == 422
    assert send(guest, "/sign-in", {"email": EMAIL, "password": NEW}).status_code == 303


@pytest.mark.covers("ID-48")
def test_the_answer_and_its_work_are_the_same_for_an_address_without_account(
    client: FlaskClient, committed_db: Session, count_statements: CountStatements
) -> None:
    in_transaction(open_account)
    in_transaction(
        lambda: suspend_user(open_account(email="closed@example.org").id, reason="test", by=SYSTEM)
    )
    asked = []
    for email in (EMAIL, "nobody@example.org", "closed@example.org"):
        with count_statements() as statements:
            ask(client, email)
        asked.append([statement.split("VALUES")[0] for statement in statements])
    run_jobs(committed_db)

    assert asked[0] == asked[1] == asked[2]
    assert len(sent_to(EMAIL, "password_reset")) == 1
    for email in ("nobody@example.org", "closed@example.org"):
        assert sent_to(email, "password_reset") == []


@pytest.mark.covers("ID-48")
def test_a_request_carries_no_address_and_sends_one_link_however_often_it_runs(
    client: FlaskClient, committed_db: Session
) -> None:
    user_id = in_transaction(lambda: open_account().id)
    ask(client, f"  {EMAIL.upper()} ")
    ask(client, "nobody@example.org")
    payloads = committed_db.scalars(
        select(OutboxEvent.payload)
        .where(OutboxEvent.job == "identity.send_password_reset")
        .order_by(OutboxEvent.id)
    ).all()

    for payload in [*payloads, *payloads]:
        send_reset(**payload)

    assert [payload["user_id"] for payload in payloads] == [str(user_id), None]
    assert "@" not in repr(payloads)
    assert len(sent_to(EMAIL, "password_reset")) == 1
    assert committed_db.scalars(select(PasswordResetToken.id)).all() == [UUID(payloads[0]["reset_id"])]


@pytest.mark.covers("ID-47")
def test_a_link_works_once_and_for_an_hour(client: FlaskClient, db_session: Session, clock: Clock) -> None:
    user = open_account()
    clock.travel(2026, 3, 1, 12)
    old, late = (issue_password_reset(user.id, by=SYSTEM) for _ in range(2))
    assert client.get(f"/password/new/{late}").status_code == 200
    clock.advance(minutes=60)
    assert client.get(f"/password/new/{late}").status_code == 410
    assert send(client, f"/password/new/{late}", {"password": NEW}).status_code == 410

    clock.advance(minutes=1)
    first, second = (issue_password_reset(user.id, by=SYSTEM) for _ in range(2))
    assert send(client, f"/password/new/{first}", {"password": NEW}).status_code == 303
    for used in (first, second, old, "x" * 43):
        assert send(client, f"/password/new/{used}", {"password": "another one here"}).status_code == 410
    db_session.expire_all()
    assert passwords.matches(NEW, db_session.get_one(User, user.id).password_hash)


@pytest.mark.covers("ID-47")
def test_opening_a_link_does_not_use_it_up(client: FlaskClient, db_session: Session) -> None:
    user = open_account()
    reset = f"/password/new/{issue_password_reset(user.id, by=SYSTEM)}"
    confirm = last_link(EMAIL, "confirm_email")

    for link in (reset, confirm):
        assert {client.get(link).status_code for _ in range(3)} == {200}
    db_session.expire_all()
    assert db_session.get_one(User, user.id).email_verified_at is None


@pytest.mark.parametrize(
    "password", ["", "kort", "x" * 129, "password1", EMAIL, "Ndiaye 2031!", "quatre\x00baobabs"]
)
def test_a_poor_new_password_leaves_the_link_as_it_was(
    client: FlaskClient, db_session: Session, password: str
) -> None:
    link = f"/password/new/{issue_password_reset(open_account().id, by=SYSTEM)}"

    assert send(client, link, {"password": password}).status_code == 422
    assert send(client, link, {"password": NEW}).status_code == 303


@pytest.mark.covers("ID-47")
def test_two_hands_with_one_link_set_one_password(app: Flask, committed_db: Session) -> None:
    user_id = in_transaction(lambda: open_account().id)
    token = in_transaction(lambda: issue_password_reset(user_id, by=SYSTEM))

    def choose(password: str) -> bool:
        with app.app_context():
            try:
                in_transaction(lambda: set_new_password(token, password, by=GUEST))
            except Conflict:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(choose, ["the left hand wins", "the right hand wins"]))

    assert sorted(done) == [False, True]


@pytest.mark.covers("ID-54")
def test_a_new_password_opens_the_lock(db_session: Session) -> None:
    user = open_account()
    for _ in range(5):
        sign_in_with_password(EMAIL, "three wrong words", by=GUEST)

    set_new_password(str(issue_password_reset(user.id, by=SYSTEM)), NEW, by=GUEST)

    assert sign_in_with_password(EMAIL, NEW, by=GUEST).door is Door.OPEN


def test_nobody_is_flooded_with_links(client: FlaskClient, db_session: Session) -> None:
    user = open_account()

    assert [issue_password_reset(user.id, by=SYSTEM) is not None for _ in range(5)] == [True] * 3 + [
        False
    ] * 2
    send(client, "/sign-in", {"email": EMAIL, "password": PASSWORD})
    answers = [send(client, "/confirm").status_code for _ in range(4)]
    assert answers == [303, 303, 429, 429]
    assert len(sent_to(EMAIL, "confirm_email")) == 3


@pytest.mark.covers("ID-14", "ID-49")
def test_an_address_is_confirmed_by_its_link_alone(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    user = open_account()
    send(client, "/sign-in", {"email": EMAIL, "password": PASSWORD})
    assert "/confirm" in client.get("/profile").text
    link = last_link(EMAIL, "confirm_email")

    answer = send(app.test_client(), link)

    assert answer.location == "/sign-in"
    db_session.expire_all()
    assert db_session.get_one(User, user.id).email_verified_at is not None
    assert 'action="/confirm"' not in client.get("/profile").text
    assert send(client, link).status_code == 410
    assert send(client, "/confirm").status_code == 409


@pytest.mark.covers("ID-49")
def test_a_confirmation_is_sent_again_and_lasts_a_day(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    open_account()
    send(client, "/sign-in", {"email": EMAIL, "password": PASSWORD})
    first = last_link(EMAIL, "confirm_email")
    clock.advance(hours=24)
    assert client.get(first).status_code == 410

    assert send(client, "/confirm").location == "/profile"

    second = last_link(EMAIL, "confirm_email")
    assert second != first
    assert send(client, second).location == "/profile"


@pytest.mark.covers("ID-14")
def test_a_link_proves_only_the_address_it_was_sent_to(client: FlaskClient, db_session: Session) -> None:
    user = open_account()
    link = last_link(EMAIL, "confirm_email")
    user.email = "new@example.org"
    db_session.commit()

    assert send(client, link).status_code == 410
    db_session.expire_all()
    assert db_session.get_one(User, user.id).email_verified_at is None


def test_the_clear_tokens_are_in_no_table_of_identity(db_session: Session) -> None:
    user = open_account()
    reset = str(issue_password_reset(user.id, by=SYSTEM))
    confirm = last_link(EMAIL, "confirm_email").rsplit("/", 1)[1]

    kept = [
        *db_session.execute(select(PasswordResetToken.token_hash)).scalars(),
        *db_session.execute(select(VerificationToken.token_hash)).scalars(),
    ]
    assert {token_hash(reset), token_hash(confirm)} == {*kept}
    assert db_session.execute(select(func.count()).select_from(OutboxEvent)).scalar_one() == 0


def test_a_link_page_signs_nobody_in(client: FlaskClient, db_session: Session) -> None:
    link = f"/password/new/{issue_password_reset(open_account().id, by=SYSTEM)}"

    send(client, link, {"password": NEW})

    assert client.get_cookie(cookie_name()) is None
