"""Coming in: by e-mail and password, or by a code sent to a phone. Nothing here says whether an account exists.

A refused try is a result and not an error, because the transaction that counts it must be kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from portal.identity import passwords
from portal.identity.attempts import (
    Reason,
    lock_of,
    note_attempt,
    note_wrong_password,
    one_at_a_time,
    start_afresh,
)
from portal.identity.codes import CodeResult, check_code
from portal.identity.directory import plain_email
from portal.identity.models import AuthIdentity, AuthProvider, User, UserStatus
from portal.identity.sessions import start_session
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db


class Door(StrEnum):
    """What the person finds at the door."""

    OPEN = "open"
    WRONG = "wrong"
    LOCKED = "locked"
    USED_UP = "used_up"
    EXPIRED = "expired"
    NEW_NUMBER = "new_number"
    NOT_ACTIVE = "not_active"


@dataclass(frozen=True, slots=True)
class Entry:
    """The result of one try; `session_token` only when the door is open."""

    door: Door
    session_token: str | None = None
    locked_until: datetime | None = None
    tries_left: int = 0


def sign_in_with_password(email: str, password: str, *, by: Actor) -> Entry:
    """Try an e-mail address and a password (ID-37).

    The hash is computed before anything is looked at, and outside the queue of tries for the same address:
    the answer takes as long for an unknown, a locked and a known account.
    """
    identifier = plain_email(email)
    found = _account(AuthProvider.EMAIL, identifier)
    user = found[0] if found else None
    is_right = passwords.matches(password, user.password_hash if user else None)
    one_at_a_time(identifier)
    lock = lock_of(identifier)
    if lock.is_closed(clock.now()):
        note_attempt(identifier, Reason.LOCKED, user_id=user.id if user else None, by=by)
        return Entry(Door.LOCKED, locked_until=lock.until)
    if found is None or not is_right:
        note_wrong_password(identifier, lock, user, by=by)
        return Entry(Door.LOCKED if lock.is_closed(clock.now()) else Door.WRONG, locked_until=lock.until)
    _renew_hash(found[0], password)
    return _enter(*found, by=by)


def sign_in_with_code(token_id: UUID, typed: str, *, by: Actor) -> Entry:
    """Try the code that was sent to a phone (ID-38).

    A right code for a number without an account answers `NEW_NUMBER`: the code now proves the number, and
    `register_with_phone` may follow.
    """
    check = check_code(token_id, "".join(typed.split()))
    if check.result is CodeResult.EXPIRED or check.phone is None:
        return Entry(Door.EXPIRED)
    if check.result is not CodeResult.RIGHT:
        note_attempt(check.phone, Reason.WRONG_CODE, by=by)
        return Entry(code_door(check.result), tries_left=check.tries_left)
    found = _account(AuthProvider.PHONE, check.phone)
    if found is None:
        return Entry(Door.NEW_NUMBER)
    return _enter(*found, by=by)


def code_door(result: CodeResult) -> Door:
    """What a code that is not right finds at the door."""
    return {CodeResult.WRONG: Door.WRONG, CodeResult.USED_UP: Door.USED_UP}.get(result, Door.EXPIRED)


def open_session(user: User, *, by: Actor) -> str:
    """Sign a known person in: stamp the time, give the clear token of a new session (ID-15)."""
    user.last_login_at = clock.now()
    return start_session(user.id, by=by)


def _enter(user: User, identity: AuthIdentity, *, by: Actor) -> Entry:
    if user.status is not UserStatus.ACTIVE or user.deleted_at is not None:
        note_attempt(identity.provider_uid, Reason.NOT_ACTIVE, user_id=user.id, by=by)
        return Entry(Door.NOT_ACTIVE)
    note_attempt(identity.provider_uid, Reason.SIGNED_IN, user_id=user.id, by=by)
    identity.last_used_at = clock.now()
    if identity.provider is AuthProvider.EMAIL:
        start_afresh(user.id)
    return Entry(Door.OPEN, session_token=open_session(user, by=by))


def _account(provider: AuthProvider, uid: str) -> tuple[User, AuthIdentity] | None:
    """The account behind one way to sign in (ID-36)."""
    row = db.session.execute(
        select(User, AuthIdentity)
        .join(AuthIdentity, AuthIdentity.user_id == User.id)
        .where(AuthIdentity.provider == provider, AuthIdentity.provider_uid == uid)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def _renew_hash(user: User, password: str) -> None:
    """Keep the hash at today's cost."""
    if user.password_hash and passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hash_password(password)
