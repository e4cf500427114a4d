"""Proving again, within a session, that it is still the same person: by any way they have (ASVS 7.5.3).

A refused try is a result and not an error, because the transaction that counts it must be kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal.identity import passwords
from portal.identity.attempts import (
    Reason,
    lock_of,
    note_attempt,
    note_security_event,
    note_wrong_password,
    one_at_a_time,
    start_afresh,
)
from portal.identity.codes import CodeResult, check_code, issue_code
from portal.identity.entry import Door, Entry, after_code
from portal.identity.holding import held
from portal.identity.models import (
    AuthIdentity,
    AuthProvider,
    Severity,
    User,
    UserSession,
    VerificationToken,
)
from portal.identity.passkeys import has_passkey, proven_by_passkey
from portal.identity.second_factor import has_app, try_factor
from portal.identity.sessions import confirm_session
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.visitor import Visitor


@dataclass(frozen=True, slots=True)
class Ways:
    """How one person can prove who they are."""

    email: str | None = None
    phone: str | None = None
    has_app: bool = False
    has_passkey: bool = False


def ways_of(user_id: UUID) -> Ways:
    """The ways of one person: the password's address, the number for codes, the app."""
    rows = db.session.execute(
        select(AuthIdentity.provider, AuthIdentity.provider_uid, User.password_hash.is_not(None))
        .join(User, User.id == AuthIdentity.user_id)
        .where(User.id == user_id, AuthIdentity.provider.in_((AuthProvider.EMAIL, AuthProvider.PHONE)))
    ).all()
    known = {provider: uid for provider, uid, _has in rows}
    has_password = any(has for _provider, _uid, has in rows)
    return Ways(
        email=known.get(AuthProvider.EMAIL) if has_password else None,
        phone=known.get(AuthProvider.PHONE),
        has_app=has_app(user_id),
        has_passkey=has_passkey(user_id),
    )


def confirm_with_password(person: Visitor, password: str, *, by: Actor) -> Entry:
    """Try the password. It is counted and locked as at the door, where the same address is tried."""
    user = db.session.get_one(User, person.user_id)
    identifier = ways_of(user.id).email
    tried = user.password_hash if identifier else None
    is_right = passwords.matches(password, tried)
    if identifier is None:
        return Entry(Door.WRONG)
    one_at_a_time(identifier)
    user = held(user.id)
    lock = lock_of(identifier)
    if lock.is_closed(clock.now()):
        note_attempt(identifier, Reason.LOCKED, user_id=user.id, by=by)
        return Entry(Door.LOCKED, locked_until=lock.until)
    if not is_right or user.password_hash != tried:
        note_wrong_password(identifier, lock, user, by=by)
        note_refused_proof(user.id, "password", by=by)
        return Entry(Door.LOCKED if lock.is_closed(clock.now()) else Door.WRONG, locked_until=lock.until)
    note_attempt(identifier, Reason.CONFIRMED, user_id=user.id, by=by)
    start_afresh(user.id)
    return Entry(Door.OPEN, session_token=confirm_session(person.session_id, by=by))


def send_code(person: Visitor, *, replaces: UUID | None = None, by: Actor) -> VerificationToken:
    """Send a code to the person's own number. Raises `NotFound` without one, `TooMany` after an hour's sends."""
    phone = ways_of(person.user_id).phone
    if phone is None:
        raise NotFound
    device_id = db.session.scalar(select(UserSession.device_id).where(UserSession.id == person.session_id))
    return issue_code(phone, locale=person.locale, replaces=replaces, device_id=device_id, by=by)


def confirm_with_code(person: Visitor, token_id: UUID, typed: str, *, by: Actor) -> Entry:
    """Try the code that `send_code` sent; it opens no account afterwards, and proves no other person."""
    check = check_code(token_id, "".join(typed.split()))
    held(person.user_id)
    if check.phone is None or check.phone != ways_of(person.user_id).phone:
        return Entry(Door.EXPIRED)
    if check.result is not CodeResult.RIGHT:
        if check.result is not CodeResult.EXPIRED:
            is_too_short = check.result is CodeResult.TOO_SHORT
            reason = Reason.LOCKED if is_too_short else Reason.WRONG_CODE
            note_attempt(check.phone, reason, user_id=person.user_id, by=by)
            note_refused_proof(person.user_id, "code", by=by)
        return after_code(check)
    db.session.get_one(VerificationToken, token_id).user_id = person.user_id
    note_attempt(check.phone, Reason.CONFIRMED, user_id=person.user_id, by=by)
    return Entry(Door.OPEN, session_token=confirm_session(person.session_id, by=by))


def confirm_with_app(person: Visitor, typed: str, *, by: Actor) -> Entry:
    """Try a code of the person's app, or a recovery code."""
    tried = try_factor(person.user_id, typed, by=by)
    if tried.is_right:
        return Entry(Door.OPEN, session_token=confirm_session(person.session_id, by=by))
    note_refused_proof(person.user_id, "app", by=by)
    return Entry(Door.LOCKED if tried.locked_until else Door.WRONG, locked_until=tried.locked_until)


def confirm_with_passkey(person: Visitor, challenge_id: UUID, answer: str, *, by: Actor) -> Entry:
    """Try one of the person's own passkeys."""
    if proven_by_passkey(challenge_id, answer, user_id=person.user_id, by=by) is None:
        note_refused_proof(person.user_id, "passkey", by=by)
        return Entry(Door.WRONG)
    return Entry(Door.OPEN, session_token=confirm_session(person.session_id, by=by))


def note_refused_proof(user_id: UUID, way: str, *, by: Actor) -> None:
    """Write that somebody who is signed in as this person could not prove it (ID-58)."""
    note_security_event(user_id, "proof_refused", Severity.WARNING, by=by, details={"way": way})
