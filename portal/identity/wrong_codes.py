"""How many wrong codes one number bears in a day, whoever types them, and whether or not it has an account (G-19).

1. Each code bears few tries and few codes are sent in an hour; over a day these would still be many.
2. After the wrong ones of a day no code is sent to the number or taken for it, not even the right one.
3. The holder hears of it once; a right code before that, or our team, lets the count begin anew.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, select, update

from portal.config.values import WRONG_CODES_PER_DAY, value_of
from portal.identity.attempts import Reason, note_security_event, security_of
from portal.identity.events import codes_closed
from portal.identity.models import (
    AuthIdentity,
    AuthProvider,
    LoginAttempt,
    SecurityEvent,
    Severity,
    User,
    UserSecurity,
    VerificationChannel,
    VerificationToken,
)
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.i18n import ngettext
from portal.kernel.jobs import follow_up

CLOSED_JOB = "identity.tell_of_closed_codes"
_EVENT = "codes_closed"
_A_DAY = timedelta(days=1)
_AN_HOUR = timedelta(hours=1)


def closed_until(number: str) -> datetime | None:
    """Until when codes for this number are neither sent nor taken; None when they are."""
    since = clock.now() - _A_DAY
    reopened = db.session.scalar(
        select(func.max(LoginAttempt.occurred_at)).where(
            LoginAttempt.identifier == number,
            LoginAttempt.reason == Reason.REOPENED,
            LoginAttempt.occurred_at > since,
        )
    )
    sent = db.session.execute(
        select(VerificationToken.created_at, VerificationToken.attempts, VerificationToken.used_at)
        .where(
            VerificationToken.target == number,
            VerificationToken.channel == VerificationChannel.SMS,
            VerificationToken.created_at > (reopened or since),
        )
        .order_by(VerificationToken.created_at.desc(), VerificationToken.id.desc())
    )
    wrong, most = 0, value_of(WRONG_CODES_PER_DAY)
    for created_at, attempts, used_at in sent:
        if used_at is not None:
            return None
        wrong += attempts
        if wrong >= most:
            return created_at + _A_DAY
    return None


def why_closed(until: datetime) -> str:
    """The sentence for whoever asks for a code or types one; the same for every number."""
    return ngettext(
        "Too many wrong codes for this number. You can try again in %(num)s hour, or sign in another way.",
        "Too many wrong codes for this number. You can try again in %(num)s hours, or sign in another way.",
        max(-(-(until - clock.now()) // _AN_HOUR), 1),
    )


def have_told(token_id: UUID, until: datetime) -> None:
    """Have the holder of the number told, if it has any: the same is written for every number."""
    follow_up(
        CLOSED_JOB,
        dedupe_key=f"codes_closed:{token_id}",
        payload={"token_id": str(token_id), "until": until.isoformat()},
    )


def tell_of_closed(token_id: UUID, until: datetime) -> None:
    """Write down and tell that codes for the number of this token are closed, once; to nobody without an account."""
    found = db.session.execute(
        select(User, VerificationToken)
        .join(AuthIdentity, AuthIdentity.user_id == User.id)
        .join(VerificationToken, VerificationToken.target == AuthIdentity.provider_uid)
        .where(VerificationToken.id == token_id, AuthIdentity.provider == AuthProvider.PHONE)
        .with_for_update(of=User)
    ).one_or_none()
    if found is None:
        return
    user, token = found
    known = exists().where(
        SecurityEvent.user_id == user.id,
        SecurityEvent.event_type == _EVENT,
        SecurityEvent.occurred_at >= token.created_at,
    )
    if db.session.execute(select(known)).scalar_one():
        return
    security_of(user.id)
    db.session.flush()
    later = func.greatest(func.coalesce(UserSecurity.locked_until, until), until)
    db.session.execute(update(UserSecurity).where(UserSecurity.user_id == user.id).values(locked_until=later))
    note_security_event(user.id, _EVENT, Severity.WARNING, by=SYSTEM)
    codes_closed.send(user, until=until, by=SYSTEM)
