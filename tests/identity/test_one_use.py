"""What works once works once, however many use it at the same moment."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity import passwords
from portal.identity.codes import issue_code
from portal.identity.entry import Door
from portal.identity.models import SecurityEvent, User, UserSession
from portal.identity.recovery import issue_password_reset, set_new_password
from portal.identity.signing_in import sign_in_with_code
from portal.kernel.actor import SYSTEM
from portal.kernel.db import in_transaction
from portal.kernel.errors import Conflict
from tests.harness.together import at_once
from tests.identity.doorway import GUEST, PHONE, last_code, open_account

MANY = 8


@pytest.mark.covers("ID-47", "DEV-15")
def test_one_new_password_link_sets_one_password(app: Flask, committed_db: Session) -> None:
    user_id = in_transaction(lambda: open_account().id)
    token = str(in_transaction(lambda: issue_password_reset(user_id, by=SYSTEM)))

    def choose(password: str) -> str | None:
        try:
            in_transaction(lambda: set_new_password(token, password, by=GUEST))
        except Conflict:
            return None
        return password

    wanted = [f"pirogue number {number} is blue" for number in range(MANY)]
    works = [lambda password=password: choose(password) for password in wanted]
    chosen = [password for password in at_once(app, works) if password]

    assert len(chosen) == 1
    assert passwords.matches(chosen[0], committed_db.scalars(select(User.password_hash)).one())
    events = committed_db.scalars(select(SecurityEvent.event_type)).all()
    assert events.count("password_changed") == 1


@pytest.mark.covers("ID-38", "ID-50", "DEV-15")
def test_one_code_by_sms_opens_one_session(app: Flask, committed_db: Session) -> None:
    in_transaction(lambda: open_account(email=None, phone=PHONE))
    token_id = in_transaction(lambda: issue_code(PHONE, locale="fr-SN", by=GUEST).id)
    code = last_code()

    def enter() -> Door:
        return in_transaction(lambda: sign_in_with_code(token_id, code, by=GUEST)).door

    doors = at_once(app, [enter] * MANY)

    assert doors.count(Door.OPEN) == 1
    assert doors.count(Door.EXPIRED) == MANY - 1
    assert len(committed_db.scalars(select(UserSession.id)).all()) == 1
