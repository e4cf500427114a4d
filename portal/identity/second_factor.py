"""The second factor: one-time codes of an app (TOTP), and recovery codes for the day the phone is lost (ID-53).

A code works once. The account is held while one is looked at, so that the same code tried
twice at the same moment lets in once. A refused try is a result, because it must be counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import select

from portal.identity import passwords
from portal.identity.attempts import (
    Reason,
    lock_of,
    note_attempt,
    note_security_event,
    note_wrong_factor,
    one_at_a_time,
    security_of,
)
from portal.identity.events import second_factor_changed
from portal.identity.holding import hold
from portal.identity.models import Severity, User, UserSecurity
from portal.identity.passkeys import has_passkey
from portal.identity.sessions import end_all_sessions, forget_cached
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.i18n import _
from portal.kernel.ids import UNAMBIGUOUS, random_code
from portal.kernel.sealing import seal, unseal

ISSUER = "Teranga"
RECOVERY_CODES = 10
_RECOVERY_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the person's app has to learn: as an address for the camera, and to type."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class FactorTry:
    """Whether what was typed is right, and until when nobody may try again."""

    is_right: bool
    locked_until: datetime | None = None


def factor_name(user_id: UUID) -> str:
    """The name under which tries of one person's second factor are counted."""
    return f"factor:{user_id}"


def has_app(user_id: UUID) -> bool:
    """Whether the person's app is asked at sign-in."""
    found = select(UserSecurity.mfa_enabled).where(UserSecurity.user_id == user_id)
    return bool(db.session.execute(found).scalar_one_or_none())


def recovery_codes_left(user_id: UUID) -> int:
    """How many recovery codes still work."""
    kept = select(UserSecurity.recovery_codes).where(UserSecurity.user_id == user_id)
    return len(db.session.execute(kept).scalar_one_or_none() or [])


def factor_locked_until(user_id: UUID) -> datetime | None:
    """Until when wrong codes keep the second step closed; None while it is open."""
    lock = lock_of(factor_name(user_id))
    return lock.until if lock.is_closed(clock.now()) else None


def begin_enrolment(user_id: UUID) -> None:
    """Make the secret that the app is to learn; one that somebody had made earlier is forgotten.

    Raises `Conflict` when the app is on.
    """
    security = _locked(user_id)
    if security.mfa_enabled:
        raise Conflict(_("The app is set up already."))
    security.mfa_secret = seal(UserSecurity.mfa_secret, user_id, pyotp.random_base32())


def enrolment_of(user_id: UUID, account: str) -> Enrolment | None:
    """The secret that waits to be confirmed; None when none does, and never once it is in use."""
    security = db.session.get(UserSecurity, user_id)
    if security is None or security.mfa_enabled or security.mfa_secret is None:
        return None
    secret = unseal(UserSecurity.mfa_secret, user_id, security.mfa_secret)
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER))


def finish_enrolment(user_id: UUID, session_id: UUID, typed: str, *, by: Actor) -> list[str]:
    """Switch the app on with its first code: every other session ends; gives the recovery codes, this once.

    Raises `Conflict` when nothing waits, `InvalidInput` for a code that is not the app's.
    """
    security = _locked(user_id)
    if security.mfa_enabled:
        raise Conflict(_("The app is set up already."))
    if security.mfa_secret is None:
        raise Conflict(_("Please begin again: no app waits for its first code."))
    if not _app_says(security, typed):
        raise InvalidInput(_("This is not the code that the app shows now."), field="code")
    security.mfa_enabled = True
    codes = _renew_recovery_codes(security)
    end_all_sessions(user_id, except_id=session_id)
    _tell(user_id, "second_factor_on", Severity.INFO, by=by)
    return codes


def switch_off(user_id: UUID, session_id: UUID, *, by: Actor) -> None:
    """Ask the app no more; the secret is forgotten, so are codes for nothing; every other session ends. Safe to repeat."""
    security = _locked(user_id)
    if security.mfa_secret is None:
        return
    was_on = security.mfa_enabled
    security.mfa_enabled, security.mfa_secret, security.mfa_last_step = False, None, None
    if not has_passkey(user_id):
        security.recovery_codes = []
    if was_on:
        end_all_sessions(user_id, except_id=session_id)
        _tell(user_id, "second_factor_off", Severity.WARNING, by=by)


def new_recovery_codes(user_id: UUID, *, by: Actor) -> list[str]:
    """Replace all recovery codes; gives them, this once. Raises `Conflict` without any second factor."""
    security = _locked(user_id)
    if not (security.mfa_enabled or has_passkey(user_id)):
        raise Conflict(_("Please set up a second step first."))
    note_security_event(user_id, "recovery_codes_renewed", Severity.INFO, by=by)
    return _renew_recovery_codes(security)


def hold_for_factor(user_id: UUID) -> None:
    """Have tries of one person's second factor wait for each other, and hold the account."""
    one_at_a_time(factor_name(user_id))
    hold(user_id)


def try_factor(user_id: UUID, typed: str, *, by: Actor) -> FactorTry:
    """Try a code of the app or a recovery code, counted and locked like passwords (G-29)."""
    hold_for_factor(user_id)
    name = factor_name(user_id)
    lock = lock_of(name)
    if lock.is_closed(clock.now()):
        note_attempt(name, Reason.LOCKED, user_id=user_id, by=by)
        return FactorTry(False, lock.until)
    security = _locked(user_id)
    app_is_right = security.mfa_enabled and _app_says(security, typed)
    if app_is_right or _takes_recovery_code(security, typed, by):
        note_attempt(name, Reason.CONFIRMED, user_id=user_id, by=by)
        return FactorTry(True)
    note_wrong_factor(name, lock, db.session.get_one(User, user_id), by=by)
    return FactorTry(False, lock.until if lock.is_closed(clock.now()) else None)


def _app_says(security: UserSecurity, typed: str) -> bool:
    """Whether the app shows this code now, in this half minute, and it was not used before; uses it up (ASVS 6.5.5)."""
    digits = "".join(typed.split())
    if security.mfa_secret is None or not (len(digits) == 6 and digits.isascii() and digits.isdigit()):
        return False
    secret = unseal(UserSecurity.mfa_secret, security.user_id, security.mfa_secret)
    try:
        step = pyotp.TOTP(secret).verify_and_get_timecode(digits, for_time=clock.now())
    except OTPVerificationError:
        return False
    if security.mfa_last_step is not None and step <= security.mfa_last_step:
        return False
    security.mfa_last_step = step
    return True


def _takes_recovery_code(security: UserSecurity, typed: str, by: Actor) -> bool:
    """Whether it is a recovery code that still works, with or without the dash, in any case; uses it up."""
    plain = "".join(sign for sign in typed.upper() if sign.isalnum())
    if len(plain) != _RECOVERY_LENGTH:
        return False
    used = next((kept for kept in security.recovery_codes if passwords.matches(plain, kept)), None)
    if used is None:
        return False
    security.recovery_codes = [kept for kept in security.recovery_codes if kept != used]
    left = {"left": str(len(security.recovery_codes))}
    note_security_event(security.user_id, "recovery_code_used", Severity.WARNING, by=by, details=left)
    return True


def _renew_recovery_codes(security: UserSecurity) -> list[str]:
    """Kept as passwords are: short enough to be typed is short enough to be guessed from a table (ASVS 6.5.2)."""
    codes = [random_code(_RECOVERY_LENGTH, UNAMBIGUOUS) for _number in range(RECOVERY_CODES)]
    security.recovery_codes = [passwords.hash_password(code) for code in codes]
    half = _RECOVERY_LENGTH // 2
    return [f"{code[:half]}-{code[half:]}" for code in codes]


def _tell(user_id: UUID, event: str, severity: Severity, *, by: Actor) -> None:
    note_security_event(user_id, event, severity, by=by)
    db.session.flush()
    forget_cached(user_id)
    second_factor_changed.send(db.session.get_one(User, user_id), is_on=event == "second_factor_on", by=by)


def _locked(user_id: UUID) -> UserSecurity:
    hold(user_id)
    security_of(user_id)
    db.session.flush()
    return db.session.get_one(UserSecurity, user_id, with_for_update=True, populate_existing=True)
