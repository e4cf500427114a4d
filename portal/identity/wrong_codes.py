"""What many wrong codes for one number lead to, whoever types them, and whether or not it has an account (G-19).

Codes that are sent to an address, so that gifts are forgotten, are counted and guarded in the same way.

1. Each code bears few tries and few codes are sent in an hour; over a day these would still be hundreds.
2. After the wrong ones of a day the number is guarded: codes of the usual length are taken no more, not even the right one,
   and those that are sent are longer. So nobody can keep its holder out by typing wrong codes; they type some digits more.
3. The holder hears of it, once a day at most.

What a stranger can guess is bounded. As it is set: 20 tries a day of one in a million, and, with nine codes an hour (six
to strangers, three to known devices) and five tries each, 1,080 a day of one in ten thousand million. That is 0.002 % a
day for one number, or one success in some 49,700 days of trying.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Integer, cast, exists, func, select

from portal.config.values import CODE_DIGITS, GUARDED_DIGITS, WRONG_CODES_PER_DAY, value_of
from portal.identity.attempts import note_security_event
from portal.identity.events import codes_guarded
from portal.identity.models import (
    AuthIdentity,
    AuthProvider,
    SecurityEvent,
    Severity,
    User,
    VerificationToken,
)
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.jobs import follow_up

GUARDED_JOB = "identity.tell_of_guarded_codes"
_EVENT = "codes_guarded"
_A_DAY = timedelta(days=1)


def is_guarded(contact: str) -> bool:
    """Whether only long codes are sent to this number or address and taken for it."""
    is_right = cast(VerificationToken.used_at.is_not(None), Integer)
    wrong = db.session.execute(
        select(func.coalesce(func.sum(func.greatest(VerificationToken.attempts - is_right, 0)), 0)).where(
            VerificationToken.target == contact,
            VerificationToken.created_at > clock.now() - _A_DAY,
        )
    ).scalar_one()
    return bool(wrong >= value_of(WRONG_CODES_PER_DAY))


def length_for(contact: str) -> int:
    """How many digits a code has that is sent to this number or address now."""
    return value_of(GUARDED_DIGITS if is_guarded(contact) else CODE_DIGITS)


def is_length_of_code(digits: int) -> bool:
    """Whether a code can have as many digits now."""
    return digits in {value_of(CODE_DIGITS), value_of(GUARDED_DIGITS)}


def have_told(token_id: UUID) -> None:
    """Have the holder of the number told, if it has any: the same is written for every number."""
    follow_up(GUARDED_JOB, dedupe_key=f"codes_guarded:{token_id}", payload={"token_id": str(token_id)})


def tell_of_guarded(token_id: UUID) -> None:
    """Write down and tell that the number of this token is guarded, once a day; to nobody without an account."""
    user = db.session.execute(
        select(User)
        .join(AuthIdentity, AuthIdentity.user_id == User.id)
        .join(VerificationToken, VerificationToken.target == AuthIdentity.provider_uid)
        .where(VerificationToken.id == token_id, AuthIdentity.provider == AuthProvider.PHONE)
        .with_for_update(of=User, key_share=True)
    ).scalar_one_or_none()
    if user is None:
        return
    known = exists().where(
        SecurityEvent.user_id == user.id,
        SecurityEvent.event_type == _EVENT,
        SecurityEvent.occurred_at > clock.now() - _A_DAY,
    )
    if db.session.execute(select(known)).scalar_one():
        return
    note_security_event(user.id, _EVENT, Severity.WARNING, by=SYSTEM)
    codes_guarded.send(user, cause=token_id, by=SYSTEM)
