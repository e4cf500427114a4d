"""One-time codes by SMS: few digits, few tries, few sends, kept as a keyed hash (G-19, ID-38, ID-50).

A code is asked for, sent and checked in the same way whether or not the number has an account.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import select

from portal.config.texting import is_served, take_code
from portal.config.values import (
    CODE_MINUTES,
    CODE_SENDS,
    CODE_SENDS_TO_STRANGERS,
    CODE_TRIES,
    GUARDED_DIGITS,
    PROOF_MINUTES,
    value_of,
)
from portal.identity.attempts import one_at_a_time
from portal.identity.events import code_issued
from portal.identity.models import VerificationChannel, VerificationPurpose, VerificationToken
from portal.identity.wrong_codes import have_told, is_guarded, length_for
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.crypto import keyed_hash, same
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput, TooMany
from portal.kernel.i18n import _, ngettext
from portal.kernel.ids import new_id, random_digits
from portal.kernel.limits import network_of
from portal.kernel.phones import to_mobile

_AN_HOUR = timedelta(hours=1)
log = structlog.get_logger(__name__)


class CodeResult(StrEnum):
    """What came of typing a code."""

    RIGHT = "right"
    WRONG = "wrong"
    USED_UP = "used_up"
    EXPIRED = "expired"
    TOO_SHORT = "too_short"


@dataclass(frozen=True, slots=True)
class CodeCheck:
    """The result, the number it is about (None when the code is unknown), and the tries that are left."""

    result: CodeResult
    phone: str | None
    tries_left: int = 0


def issue_code(
    phone: str, *, locale: str, replaces: UUID | None = None, device_id: UUID | None = None, by: Actor
) -> VerificationToken:
    """Make a code for a number and have it sent; the code it `replaces` no longer works.

    `device_id` is the device that asks, where the number's holder has signed in from it: what strangers have sent
    to the number does not count there. Raises `InvalidInput` for a number that is none or gets no codes, `TooMany`
    after the sends of an hour to it, and the codes of a day to everybody.
    """
    number = to_mobile(phone)
    _refuse_foreign(number)
    one_at_a_time(number)
    network = _network_hash(by)
    _refuse_too_many_sends(number, network, is_known=device_id is not None)
    if replaces is not None:
        _expire(replaces, number)
    _refuse_past_the_day(number)
    code = random_digits(length_for(number))
    token_id = new_id()
    token = VerificationToken(
        id=token_id,
        channel=VerificationChannel.SMS,
        purpose=VerificationPurpose.SIGN_IN,
        target=number,
        device_id=device_id,
        network_hash=network,
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
    was_guarded = is_guarded(token.target)
    if was_guarded and len(typed) < value_of(GUARDED_DIGITS):
        # Not compared, so that nobody learns whether it was the right one.
        return CodeCheck(CodeResult.TOO_SHORT, token.target)
    allowed = value_of(CODE_TRIES)
    if token.attempts >= allowed:
        return CodeCheck(CodeResult.USED_UP, token.target)
    token.attempts += 1
    if same(token.token_hash, code_hash(token.id, typed)):
        token.used_at = clock.now()
        return CodeCheck(CodeResult.RIGHT, token.target)
    db.session.flush()
    if not was_guarded and is_guarded(token.target):
        have_told(token.id)
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


def _refuse_foreign(number: str) -> None:
    if not is_served(number):
        raise InvalidInput(
            _("We send no codes to numbers of this country. Please sign in another way."), field="phone"
        )


def _refuse_past_the_day(number: str) -> None:
    """Whoever asks for codes to many numbers spends our money: there is an end to it."""
    if not take_code(number):
        log.warning("codes_of_the_day_used_up")
        raise TooMany(
            _("We can send no more codes today. Please sign in another way, or try again tomorrow."),
            retry_after=_seconds_until(clock.start_of_tomorrow()),
        )


def _refuse_too_many_sends(number: str, network: str, *, is_known: bool) -> None:
    """Devices of the holder count together; strangers each with their network, and all networks together."""
    rows = db.session.execute(
        select(VerificationToken.created_at, VerificationToken.device_id, VerificationToken.network_hash)
        .where(
            VerificationToken.target == number,
            VerificationToken.created_at > clock.now() - _AN_HOUR,
            VerificationToken.purpose == VerificationPurpose.SIGN_IN,
        )
        .order_by(VerificationToken.created_at.desc())
    ).all()
    if is_known:
        _refuse_from([sent.created_at for sent in rows if sent.device_id is not None], value_of(CODE_SENDS))
        return
    by_strangers = [sent for sent in rows if sent.device_id is None]
    _refuse_from(
        [sent.created_at for sent in by_strangers if sent.network_hash == network], value_of(CODE_SENDS)
    )
    _refuse_from([sent.created_at for sent in by_strangers], value_of(CODE_SENDS_TO_STRANGERS))


def _refuse_from(sent: Sequence[datetime], most: int) -> None:
    """Raise `TooMany` where so many were sent, the newest first, until the oldest that counts is an hour old."""
    if len(sent) < most:
        return
    seconds = _seconds_until(sent[most - 1] + _AN_HOUR)
    message = ngettext(
        "We have sent enough codes to this number for now. You can ask for another in %(num)s minute.",
        "We have sent enough codes to this number for now. You can ask for another in %(num)s minutes.",
        -(-seconds // 60),
    )
    raise TooMany(message, retry_after=seconds)


def _seconds_until(moment: datetime) -> int:
    return max(int((moment - clock.now()).total_seconds()), 1)


def _network_hash(by: Actor) -> str:
    """From where a code is asked for, so that it can be counted and not be read."""
    key: str = current_app.config["SETTINGS"].secret_key
    return keyed_hash(network_of(by.ip), key, "networks_of_codes")


def _expire(token_id: UUID, number: str) -> None:
    token = db.session.get(VerificationToken, token_id, with_for_update=True)
    if token is not None and token.target == number and token.used_at is None:
        token.expires_at = clock.now()


def code_hash(token_id: UUID, code: str) -> str:
    """What is kept of a code; bound to its row, so that the same digits sent twice are two hashes."""
    key: str = current_app.config["SETTINGS"].secret_key
    return keyed_hash(f"{token_id}:{code}", key, "verification_tokens")
