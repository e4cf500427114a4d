"""A sign-in whose first step was right and whose second is awaited: kept here, and the browser holds a key to it.

It lasts as long as a sign-in code (`CODE_MINUTES`) and a few tries; no session exists before the second step is right.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from portal.config.values import CODE_MINUTES, CODE_TRIES, value_of
from portal.identity.entry import Door, Entry
from portal.identity.models import PendingSignIn, User
from portal.identity.returning import may_sign_in
from portal.identity.second_factor import hold_for_factor, try_factor
from portal.identity.sessions import open_session
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.crypto import token_hash
from portal.kernel.db import db
from portal.kernel.ids import random_token


def wait_for_second_step(user_id: UUID) -> str:
    """Begin to wait; gives the browser's key, of which only the hash is kept."""
    token = random_token()
    ends = clock.now() + timedelta(minutes=value_of(CODE_MINUTES))
    db.session.add(PendingSignIn(user_id=user_id, token_hash=token_hash(token), expires_at=ends))
    return token


def who_waits(token: str) -> UUID | None:
    """Whose second step this key waits for; None when it is used up or too old."""
    found = _waiting(token, lock=False)
    return found.user_id if found else None


def take_second_step(token: str, typed: str, *, by: Actor) -> Entry:
    """Try a code of the app or a recovery code; the session begins only now.

    The account is held: two tries at the same moment are counted one by one, and one of them lets in.
    """
    user_id = who_waits(token)
    if user_id is not None:
        hold_for_factor(user_id)
    waiting = _waiting(token, lock=True)
    if waiting is None:
        return Entry(Door.EXPIRED)
    allowed = value_of(CODE_TRIES)
    if waiting.attempts >= allowed:
        return Entry(Door.USED_UP)
    waiting.attempts += 1
    tried = try_factor(waiting.user_id, typed, by=by)
    if tried.locked_until is not None:
        return Entry(Door.LOCKED, locked_until=tried.locked_until)
    if not tried.is_right:
        left = allowed - waiting.attempts
        return Entry(Door.WRONG if left else Door.USED_UP, tries_left=left)
    return _come_in(waiting, by=by)


def _come_in(waiting: PendingSignIn, *, by: Actor) -> Entry:
    waiting.used_at = clock.now()
    user = db.session.get_one(User, waiting.user_id)
    if not may_sign_in(user):
        return Entry(Door.NOT_ACTIVE)
    return Entry(Door.OPEN, session_token=open_session(user, by=by))


def _waiting(token: str, *, lock: bool) -> PendingSignIn | None:
    statement = select(PendingSignIn).where(
        PendingSignIn.token_hash == token_hash(token),
        PendingSignIn.used_at.is_(None),
        PendingSignIn.expires_at > clock.now(),
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return db.session.execute(statement).scalar_one_or_none()
