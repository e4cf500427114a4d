"""One-time codes by SMS: six digits, few tries, few sends, kept as a keyed hash (G-19, ID-38, ID-50).

A code is asked for, sent and checked in the same way whether or not the number has an account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import func, select

from portal.config.values import (
    CODE_COUNTRIES,
    CODE_MINUTES,
    CODE_SENDS,
    CODE_TRIES,
    CODES_PER_DAY,
    EVERY_COUNTRY,
    PROOF_MINUTES,
    value_of,
)
from portal.identity.attempts import one_at_a_time
from portal.identity.events import code_issued
from portal.identity.models import VerificationChannel, VerificationPurpose, VerificationToken
from portal.identity.wrong_codes import closed_until, have_told, why_closed
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.crypto import keyed_hash, same
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput, TooMany
from portal.kernel.i18n import _, ngettext
from portal.kernel.ids import new_id, random_digits
from portal.kernel.phones import country_of, to_mobile

LENGTH = 6
_AN_HOUR = timedelta(hours=1)
log = structlog.get_logger(__name__)


class CodeResult(StrEnum):
    """What came of typing a code."""

    RIGHT = "right"
    WRONG = "wrong"
    USED_UP = "used_up"
    EXPIRED = "expired"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class CodeCheck:
    """The result, the number it is about (None when the code is unknown), and the tries that are left.

    `closed_until` says when the number may be tried again.
    """

    result: CodeResult
    phone: str | None
    tries_left: int = 0
    closed_until: datetime | None = None


def issue_code(phone: str, *, locale: str, replaces: UUID | None = None, by: Actor) -> VerificationToken:
    """Make a code for a number and have it sent; the code it `replaces` no longer works.

    Raises `InvalidInput` for a number that is none or gets no codes, `TooMany` after the sends of an hour to it, the
    wrong codes of a day, and the codes of a day to everybody.
    """
    number = to_mobile(phone)
    _refuse_foreign(number)
    one_at_a_time(number)
    _refuse_closed(number)
    _refuse_too_many_sends(number)
    _refuse_past_the_day()
    if replaces is not None:
        _expire(replaces, number)
    code = random_digits(LENGTH)
    token_id = new_id()
    token = VerificationToken(
        id=token_id,
        channel=VerificationChannel.SMS,
        purpose=VerificationPurpose.SIGN_IN,
        target=number,
        token_hash=code_hash(token_id, code),
        attempts=0,
        expires_at=clock.now() + timedelta(minutes=value_of(CODE_MINUTES)),
    )
    db.session.add(token)
    db.session.flush()
    code_issued.send(token, code=code, locale=locale, by=by)
    return token


def check_code(token_id: UUID, typed: str) -> CodeCheck:
    """Count one try and compare. Tries for one number are counted one by one, also at the same moment."""
    known = db.session.get(VerificationToken, token_id)
    if known is None:
        return CodeCheck(CodeResult.EXPIRED, None)
    one_at_a_time(known.target)
    token = db.session.get_one(VerificationToken, token_id, with_for_update=True, populate_existing=True)
    if token.used_at is not None or token.expires_at <= clock.now():
        return CodeCheck(CodeResult.EXPIRED, token.target)
    until = closed_until(token.target)
    if until is not None:
        return CodeCheck(CodeResult.CLOSED, token.target, closed_until=until)
    allowed = value_of(CODE_TRIES)
    if token.attempts >= allowed:
        return CodeCheck(CodeResult.USED_UP, token.target)
    token.attempts += 1
    if same(token.token_hash, code_hash(token.id, typed)):
        token.used_at = clock.now()
        return CodeCheck(CodeResult.RIGHT, token.target)
    db.session.flush()
    until = closed_until(token.target)
    if until is not None:
        have_told(token.id, until)
    left = allowed - token.attempts
    return CodeCheck(CodeResult.WRONG if left else CodeResult.USED_UP, token.target, left)


def take_proof(token_id: UUID) -> VerificationToken:
    """The right code that proves a number, locked; the caller sets its `user_id`, which uses it up.

    Raises `Conflict` when the code was never right, is too old, or has opened an account already.
    """
    token = _proof(token_id, lock=True)
    if token is None:
        raise Conflict(_("Too much time has passed. Please ask for a new code."))
    return token


def proven_phone(token_id: UUID) -> str | None:
    """The number that this code has proved, while it may still open an account."""
    token = _proof(token_id, lock=False)
    return token.target if token else None


def _proof(token_id: UUID, *, lock: bool) -> VerificationToken | None:
    statement = select(VerificationToken).where(
        VerificationToken.id == token_id,
        VerificationToken.channel == VerificationChannel.SMS,
        VerificationToken.used_at > clock.now() - timedelta(minutes=value_of(PROOF_MINUTES)),
        VerificationToken.user_id.is_(None),
    )
    return db.session.execute(statement.with_for_update() if lock else statement).scalar_one_or_none()


def _refuse_closed(number: str) -> None:
    until = closed_until(number)
    if until is not None:
        seconds = max(int((until - clock.now()).total_seconds()), 1)
        raise TooMany(why_closed(until), retry_after=seconds)


def _refuse_foreign(number: str) -> None:
    countries = value_of(CODE_COUNTRIES)
    if countries != EVERY_COUNTRY and country_of(number) not in countries.split():
        raise InvalidInput(
            _("We send no codes to numbers of this country. Please sign in another way."), field="phone"
        )


def _refuse_past_the_day() -> None:
    """Whoever asks for codes to many numbers spends our money: there is an end to it."""
    sent = db.session.scalar(
        select(func.count()).where(
            VerificationToken.created_at > clock.now() - timedelta(days=1),
            VerificationToken.channel == VerificationChannel.SMS,
        )
    )
    if (sent or 0) >= value_of(CODES_PER_DAY):
        log.warning("codes_of_the_day_used_up", sent=sent)
        raise TooMany(
            _("We cannot send codes just now. Please sign in another way, or try again in an hour."),
            retry_after=int(_AN_HOUR.total_seconds()),
        )


def _refuse_too_many_sends(number: str) -> None:
    sent = db.session.scalars(
        select(VerificationToken.created_at)
        .where(VerificationToken.target == number, VerificationToken.created_at > clock.now() - _AN_HOUR)
        .order_by(VerificationToken.created_at.desc())
        .limit(value_of(CODE_SENDS))
    ).all()
    if len(sent) < value_of(CODE_SENDS):
        return
    seconds = max(int((sent[-1] + _AN_HOUR - clock.now()).total_seconds()), 1)
    message = ngettext(
        "We have sent enough codes to this number for now. You can ask for another in %(num)s minute.",
        "We have sent enough codes to this number for now. You can ask for another in %(num)s minutes.",
        -(-seconds // 60),
    )
    raise TooMany(message, retry_after=seconds)


def _expire(token_id: UUID, number: str) -> None:
    token = db.session.get(VerificationToken, token_id, with_for_update=True)
    if token is not None and token.target == number and token.used_at is None:
        token.expires_at = clock.now()


def code_hash(token_id: UUID, code: str) -> str:
    """What is kept of a code; bound to its row, so that the same digits sent twice are two hashes."""
    key: str = current_app.config["SETTINGS"].secret_key
    return keyed_hash(f"{token_id}:{code}", key, "verification_tokens")
