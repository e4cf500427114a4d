"""Coming in: by e-mail and password, or by a code sent to a phone. Nothing here says whether an account exists.

A refused try is a result and not an error, because the transaction that counts it must be kept.
"""

from __future__ import annotations

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
from portal.identity.entry import Door, Entry, after_code
from portal.identity.half_open import wait_for_second_step
from portal.identity.holding import NOBODY, hold
from portal.identity.models import AuthIdentity, AuthProvider, User
from portal.identity.passkeys import has_passkey, holder_named_in, proven_by_passkey
from portal.identity.returning import may_sign_in
from portal.identity.second_factor import has_app
from portal.identity.sessions import open_session
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db


def sign_in_with_password(email: str, password: str, *, by: Actor) -> Entry:
    """Try an e-mail address and a password (ID-37).

    The hash is computed before anything is looked at, and outside the queue of tries for the same address:
    the answer takes as long for an unknown, a locked and a known account.
    """
    identifier = plain_email(email)
    known = _account(AuthProvider.EMAIL, identifier)
    tried = known[0].password_hash if known else None
    is_right = passwords.matches(password, tried)
    one_at_a_time(identifier)
    found = _held_account(AuthProvider.EMAIL, identifier, known)
    user = found[0] if found else None
    lock = lock_of(identifier)
    if lock.is_closed(clock.now()):
        note_attempt(identifier, Reason.LOCKED, user_id=user.id if user else None, by=by)
        return Entry(Door.LOCKED, locked_until=lock.until)
    # Another password may have been set since this one was compared.
    if found is None or not is_right or found[0].password_hash != tried:
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
        is_too_short = check.result is CodeResult.TOO_SHORT
        note_attempt(check.phone, Reason.LOCKED if is_too_short else Reason.WRONG_CODE, by=by)
        return after_code(check)
    found = _held_account(AuthProvider.PHONE, check.phone, _account(AuthProvider.PHONE, check.phone))
    return _enter(*found, by=by) if found else Entry(Door.NEW_NUMBER)


def sign_in_with_passkey(challenge_id: UUID, answer: str, *, by: Actor) -> Entry:
    """Try a passkey: possession and finger, face or PIN in one, so no second step follows."""
    user_id = proven_by_passkey(challenge_id, answer, by=by)
    if user_id is None:
        holder_id = holder_named_in(answer)
        note_attempt(_passkey_name(holder_id), Reason.WRONG_PASSKEY, user_id=holder_id, by=by)
        return Entry(Door.WRONG)
    user = db.session.get_one(User, user_id)
    name = _passkey_name(user_id)
    if not may_sign_in(user):
        note_attempt(name, Reason.NOT_ACTIVE, user_id=user_id, by=by)
        return Entry(Door.NOT_ACTIVE)
    note_attempt(name, Reason.SIGNED_IN, user_id=user_id, by=by)
    return Entry(Door.OPEN, session_token=open_session(user, by=by))


def sign_in_with_provider(provider: AuthProvider, uid: str, *, by: Actor) -> Entry:
    """Let in whom a provider knows by this name of its own (ID-36); `NEW_IDENTITY` where nobody here is linked to it."""
    found = _held_account(provider, uid, _account(provider, uid))
    return _enter(*found, by=by) if found else Entry(Door.NEW_IDENTITY)


def note_refused_provider(provider: AuthProvider, *, by: Actor) -> None:
    """Write that an answer which should come from this provider was not believed; nobody is known by it."""
    note_attempt(provider, Reason.PROVIDER_REFUSED, by=by)


def after_first_step(user: User, *, by: Actor) -> Entry:
    """Go on with somebody whose password, code or identity provider is right: in, or to the second step (ID-53)."""
    if has_app(user.id) or has_passkey(user.id):
        return Entry(Door.SECOND_STEP, waiting_token=wait_for_second_step(user.id))
    return Entry(Door.OPEN, session_token=open_session(user, by=by))


def _enter(user: User, identity: AuthIdentity, *, by: Actor) -> Entry:
    if not may_sign_in(user):
        note_attempt(identity.provider_uid, Reason.NOT_ACTIVE, user_id=user.id, by=by)
        return Entry(Door.NOT_ACTIVE)
    entry = after_first_step(user, by=by)
    reason = Reason.SIGNED_IN if entry.door is Door.OPEN else Reason.FIRST_STEP
    note_attempt(identity.provider_uid, reason, user_id=user.id, by=by)
    identity.last_used_at = clock.now()
    if identity.provider is AuthProvider.EMAIL:
        start_afresh(user.id)
    return entry


def _passkey_name(holder_id: UUID | None) -> str:
    """Under which name tries with a passkey are written down, whoever's it is."""
    return f"passkey:{holder_id or 'unknown'}"


def _account(provider: AuthProvider, uid: str) -> tuple[User, AuthIdentity] | None:
    """The account behind one way to sign in (ID-36)."""
    row = db.session.execute(
        select(User, AuthIdentity)
        .join(AuthIdentity, AuthIdentity.user_id == User.id)
        .where(AuthIdentity.provider == provider, AuthIdentity.provider_uid == uid)
        .execution_options(populate_existing=True)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def _held_account(
    provider: AuthProvider, uid: str, known: tuple[User, AuthIdentity] | None
) -> tuple[User, AuthIdentity] | None:
    """The same as it is once nobody else changes it; the same is asked where there is none."""
    hold(known[0].id if known else NOBODY)
    return _account(provider, uid)


def _renew_hash(user: User, password: str) -> None:
    """Keep the hash at today's cost."""
    if user.password_hash and passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hash_password(password)
