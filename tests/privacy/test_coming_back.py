"""Somebody who is leaving has forgotten the password, is locked out, or never asked to leave: each way back is open."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.config.values import LOCK_FAILURES, value_of
from portal.identity.entry import Door
from portal.identity.models import SecurityEvent, User, UserStatus
from portal.identity.recovery import RESET_JOB, issue_password_reset
from portal.identity.signing_in import sign_in_with_password
from portal.kernel.actor import SYSTEM
from portal.kernel.models import OutboxEvent, StatusHistory
from portal.kernel.states import advance
from portal.privacy.leaving import ask_to_leave, leaving_of
from tests.harness.house import acting, make_admin, send, sign_in
from tests.identity.doorway import GUEST, PASSWORD, hear_of_locks, last_link, open_account, sent_to

EMAIL, NEW = "awa@example.org", "huit pirogues bleues"


@pytest.fixture
def leaver(db_session: Session) -> User:
    user = open_account()
    ask_to_leave(user.id, by=acting(user))
    db_session.commit()
    return user


def stays(session: Session, user: User) -> bool:
    """Whether the account is open again, and nothing of the leaving is left."""
    session.expire_all()
    kept = session.get_one(User, user.id)
    return (
        kept.status is UserStatus.ACTIVE
        and kept.deleted_at is None
        and leaving_of(user.id) is None
        and "leaving_taken_back" in session.scalars(select(SecurityEvent.event_type)).all()
        and len(sent_to(EMAIL, "leaving_taken_back")) == 1
    )


def test_leaving_ends_every_session_at_once(app: Flask, db_session: Session) -> None:
    user = open_account()
    browsers = [app.test_client(), app.test_client()]
    for browser in browsers:
        sign_in(browser, user)
        assert browser.get("/profile").status_code == 200

    ask_to_leave(user.id, by=acting(user))

    assert [browser.get("/profile").status_code for browser in browsers] == [303, 303]


@pytest.mark.covers("PRV-14", "ID-47")
def test_a_forgotten_password_brings_somebody_back_who_is_leaving(
    client: FlaskClient, db_session: Session, leaver: User
) -> None:
    assert send(client, "/password/forgotten", {"email": EMAIL}).status_code == 303
    told = db_session.scalars(select(OutboxEvent.payload).where(OutboxEvent.job == RESET_JOB)).one()
    assert told["user_id"] == str(leaver.id)
    issue_password_reset(leaver.id, by=SYSTEM)
    assert not stays(db_session, leaver)

    answer = send(client, last_link(EMAIL, "password_reset"), {"password": NEW})

    assert answer.location == "/sign-in"
    assert stays(db_session, leaver)
    assert len(sent_to(EMAIL, "password_changed")) == 1
    assert sign_in_with_password(EMAIL, NEW, by=GUEST).door is Door.OPEN


@pytest.mark.covers("PRV-14", "ID-54")
def test_the_link_that_opens_a_lock_brings_somebody_back_who_is_leaving(
    client: FlaskClient, db_session: Session, leaver: User
) -> None:
    for _try in range(value_of(LOCK_FAILURES)):
        sign_in_with_password(EMAIL, "trois mots faux", by=GUEST)
    (token,) = hear_of_locks()
    db_session.commit()

    assert send(client, f"/unlock/{token}").location == "/sign-in"

    assert stays(db_session, leaver)
    assert sign_in_with_password(EMAIL, PASSWORD, by=GUEST).door is Door.OPEN


@pytest.mark.covers("PRV-14", "ID-13", "ADM-14")
def test_staff_find_somebody_who_is_leaving_and_open_the_account_again(
    client: FlaskClient, db_session: Session, leaver: User
) -> None:
    admin = make_admin()
    sign_in(client, admin)
    address = f"/admin/users/{leaver.id}"
    for query in ("?q=Ndiaye", f"?q={EMAIL}", "?status=pending_deletion"):
        assert address in client.get(f"/admin/users{query}").text
    assert f"{address}/reopening" in client.get(address).text

    answer = send(client, f"{address}/reopening", {"reason": "Compte volé"})

    assert answer.location == address
    assert stays(db_session, leaver)
    row = db_session.scalars(select(AuditLog).filter_by(action="user_reopened")).one()
    assert (row.actor_user_id, row.reason) == (admin.id, "Compte volé")
    assert (row.old_values, row.new_values) == ({"status": "pending_deletion"}, {"status": "active"})
    steps = select(StatusHistory.reason).filter_by(entity_id=leaver.id, to_status="active")
    assert db_session.scalars(steps).all() == ["Compte volé"]


def test_an_erased_account_is_neither_found_nor_opened(
    client: FlaskClient, db_session: Session, leaver: User
) -> None:
    advance(leaver, UserStatus.ERASED, by=SYSTEM)
    db_session.commit()
    sign_in(client, make_admin())
    address = f"/admin/users/{leaver.id}"

    assert address not in client.get("/admin/users?q=Ndiaye").text
    assert send(client, f"{address}/reopening", {"reason": "x"}).status_code == 409
