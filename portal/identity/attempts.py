"""Tries at the door, and the lock that follows from them (ID-54, ID-55, G-29).

The rows of `login_attempts` decide, by what was typed: an address without an account locks exactly like one
with an account, so a lock tells a stranger nothing. `user_security` keeps the sum for the person and staff.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select, update

from portal.config.values import (
    LOCK_FAILURES,
    LOCK_MINUTES,
    LOCK_WINDOW_MINUTES,
    LONGEST_LOCK,
    value_of,
)
from portal.identity.events import second_step_locked
from portal.identity.holding import NOBODY
from portal.identity.models import LoginAttempt, SecurityEvent, Severity, User, UserSecurity
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.kernel.jobs import follow_up

LOCKED_JOB = "identity.tell_of_lock"
_LOOK_BACK = timedelta(hours=48)
_MOST_ROWS = 200


class Reason(StrEnum):
    """How a try ended."""

    SIGNED_IN = "signed_in"
    FIRST_STEP = "first_step"
    CONFIRMED = "confirmed"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105  (a result, not a secret)
    WRONG_CODE = "wrong_code"
    WRONG_FACTOR = "wrong_factor"
    WRONG_PASSKEY = "wrong_passkey"
    PROVIDER_REFUSED = "provider_refused"
    LOCKED = "locked"
    NOT_ACTIVE = "not_active"
    REOPENED = "reopened"


_SUCCEEDED = frozenset({Reason.SIGNED_IN, Reason.CONFIRMED, Reason.REOPENED})
# Whoever has the password guesses it no more; what comes after it is counted under a name of its own.
_STARTS_AFRESH = _SUCCEEDED | {Reason.FIRST_STEP}
_COUNTED = (Reason.WRONG_PASSWORD, Reason.WRONG_FACTOR, *_STARTS_AFRESH)


@dataclass(slots=True)
class Lock:
    """What follows from the tries so far: failures that count now, locks in a row, and until when."""

    failures: list[datetime]
    times: int = 0
    until: datetime | None = None

    def is_closed(self, moment: datetime) -> bool:
        """Whether nobody may try now."""
        return self.until is not None and moment < self.until

    def fail(self, moment: datetime) -> None:
        """Count one more failure; the last one allowed closes the door, for twice as long each time."""
        window = timedelta(minutes=value_of(LOCK_WINDOW_MINUTES))
        self.failures = [earlier for earlier in self.failures if moment - earlier < window] + [moment]
        if len(self.failures) >= value_of(LOCK_FAILURES):
            length = timedelta(minutes=value_of(LOCK_MINUTES)) * 2**self.times
            self.times += 1
            self.until = moment + min(length, timedelta(hours=value_of(LONGEST_LOCK)))
            self.failures = []


def one_at_a_time(name: str) -> None:
    """Let tries with the same address or number wait for each other until the end of the transaction."""
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def lock_of(identifier: str) -> Lock:
    """The lock of an address as the rows of the last two days make it."""
    rows = db.session.execute(
        select(LoginAttempt.occurred_at, LoginAttempt.reason)
        .where(
            LoginAttempt.identifier == identifier,
            LoginAttempt.occurred_at > clock.now() - _LOOK_BACK,
            LoginAttempt.reason.in_(_COUNTED),
        )
        .order_by(LoginAttempt.occurred_at.desc(), LoginAttempt.id.desc())
        .limit(_MOST_ROWS)
    ).all()
    lock = Lock([])
    for moment, reason in reversed(rows):
        if reason in _STARTS_AFRESH:
            lock = Lock([])
        else:
            lock.fail(moment)
    return lock


def note_attempt(identifier: str, reason: Reason, *, user_id: UUID | None = None, by: Actor) -> LoginAttempt:
    """Write one try with its result (ID-55)."""
    is_own = _is_own(user_id, by)
    attempt = LoginAttempt(
        id=new_id(),
        identifier=identifier[:255],
        user_id=user_id,
        succeeded=reason in _SUCCEEDED,
        reason=reason,
        ip_address=by.ip if is_own else None,
        user_agent=by.user_agent if is_own else None,
    )
    db.session.add(attempt)
    return attempt


def note_wrong_password(identifier: str, lock: Lock, user: User | None, *, by: Actor) -> None:
    """Count a failure; when it closes the door, the account's holder hears of it from a job (ID-54, ID-58).

    The same is written for an address without an account, so that the answer takes as long.
    """
    moment = clock.now()
    lock.fail(moment)
    user_id = user.id if user else None
    attempt = note_attempt(identifier, Reason.WRONG_PASSWORD, user_id=user_id, by=by)
    is_closed = lock.is_closed(moment)
    closing = {"locked_until": lock.until, "lock_count": lock.times} if is_closed else {}
    db.session.execute(
        update(UserSecurity)
        .where(UserSecurity.user_id == (user_id or NOBODY))
        .values(failed_count=len(lock.failures), last_failed_at=moment, **closing)
    )
    if is_closed and lock.until is not None:
        follow_up(
            LOCKED_JOB,
            dedupe_key=f"account_locked:{attempt.id}",
            payload={"attempt_id": str(attempt.id), "until": lock.until.isoformat()},
        )


def note_wrong_factor(name: str, lock: Lock, user: User, *, by: Actor) -> None:
    """Count a failure of the second step. Whoever gets that far knows the password: the holder must hear of it."""
    lock.fail(clock.now())
    note_attempt(name, Reason.WRONG_FACTOR, user_id=user.id, by=by)
    if lock.is_closed(clock.now()):
        note_security_event(user.id, "second_step_locked", Severity.CRITICAL, by=by)
        second_step_locked.send(user, until=lock.until, by=by)


def start_afresh(user_id: UUID) -> None:
    """Forget failures and lock in the sum, after a success or when staff reopen."""
    security = security_of(user_id)
    security.failed_count = 0
    security.locked_until = None
    security.lock_count = 0


def security_of(user_id: UUID) -> UserSecurity:
    """The person's security row, made when it is missing (ID-52)."""
    security = db.session.get(UserSecurity, user_id)
    if security is None:
        security = UserSecurity(user_id=user_id, failed_count=0, lock_count=0)
        db.session.add(security)
    return security


def note_security_event(
    user_id: UUID, kind: str, severity: Severity, *, by: Actor, details: dict[str, str] | None = None
) -> None:
    """Write what the person should know about the safety of the account (ID-58, R-16)."""
    db.session.add(
        SecurityEvent(
            user_id=user_id,
            event_type=kind,
            severity=severity,
            details=details or {},
            ip_address=by.ip if _is_own(user_id, by) else None,
        )
    )


def _is_own(user_id: UUID | None, by: Actor) -> bool:
    """Whether it may be the holder who acts: from where somebody else does is not theirs to read."""
    return user_id is None or by.user_id in (None, user_id)
