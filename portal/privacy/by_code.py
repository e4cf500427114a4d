"""A donor without an account asks to be forgotten by a code to the contact they left (G-34), receipt or not.

1. Asking writes the same row for every contact, so that neither words nor time tell whether anything is known of it.
2. A job looks: only a contact with gifts that were given without an account is sent a code.
3. The right code has every gift of the contact forgotten, each as its receipt's link would; the amounts stay.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert

from portal.config.values import CODE_MINUTES, CODE_SENDS, value_of
from portal.identity.codes import CodeCheck, CodeResult, check_code, code_hash
from portal.identity.directory import normal_email
from portal.identity.models import VerificationChannel, VerificationPurpose, VerificationToken
from portal.identity.wrong_codes import length_for
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.ids import new_id, random_digits
from portal.kernel.jobs import follow_up, wake
from portal.kernel.phones import to_e164
from portal.notifications.services import notify
from portal.pots.models import Donation
from portal.privacy.models import PrivacyRequest, RequestKind

CODE_JOB = "privacy.send_forget_code"
ERASE_JOB = "privacy.erase_due"
# No hash of a code looks like this, so that nothing is right before a code was sent.
_UNSENT = "unsent:"
_AN_HOUR = timedelta(hours=1)


def ask_to_be_forgotten(contact: str, *, locale: str) -> UUID:
    """Have a code sent to an address or a number, if it has gifts; what to type it for. Raises `InvalidInput`."""
    is_email = "@" in contact
    token_id = new_id()
    token = VerificationToken(
        id=token_id,
        channel=VerificationChannel.EMAIL if is_email else VerificationChannel.SMS,
        purpose=VerificationPurpose.FORGET_GIFTS,
        target=normal_email(contact) if is_email else to_e164(contact),
        token_hash=f"{_UNSENT}{token_id}",
        attempts=0,
        expires_at=clock.now() + timedelta(minutes=value_of(CODE_MINUTES)),
    )
    db.session.add(token)
    db.session.flush()
    follow_up(
        CODE_JOB, dedupe_key=f"forget:{token_id}", payload={"token_id": str(token_id), "locale": locale}
    )
    return token_id


def send_code(token_id: UUID, *, locale: str) -> None:
    """Send the code, once, where it can forget something and not too often."""
    token = db.session.get(VerificationToken, token_id, with_for_update=True)
    if token is None or not token.token_hash.startswith(_UNSENT) or token.expires_at <= clock.now():
        return
    if db.session.scalar(_gifts(token).limit(1)) is None or _is_flooded(token):
        return
    code = random_digits(length_for(token.target))
    token.token_hash = code_hash(token.id, code)
    is_email = token.channel is VerificationChannel.EMAIL
    notify(
        "forget_code",
        event_key=f"forget_code:{token.id}",
        data={"code": code, "minutes": value_of(CODE_MINUTES)},
        email=token.target if is_email else None,
        phone=None if is_email else token.target,
        locale=locale,
        expires_at=token.expires_at,
        by=SYSTEM,
    )


def forget_by_code(token_id: UUID, typed: str) -> CodeCheck:
    """Count a try; the right code has every gift of its contact forgotten, by the job that erases."""
    token = db.session.get(VerificationToken, token_id)
    if token is None or token.purpose is not VerificationPurpose.FORGET_GIFTS:
        return CodeCheck(CodeResult.EXPIRED, None)
    check = check_code(token_id, typed)
    if check.result is CodeResult.RIGHT:
        for gift_id in db.session.scalars(_gifts(token)).all():
            db.session.execute(
                insert(PrivacyRequest)
                .values(id=new_id(), kind=RequestKind.ERASURE, donation_id=gift_id)
                .on_conflict_do_nothing(index_elements=["donation_id"])
            )
        wake(ERASE_JOB)
    return check


def _gifts(token: VerificationToken) -> Select[UUID]:
    """What was given without an account by whoever reads this contact."""
    reached = (
        func.lower(Donation.donor_email) == token.target
        if token.channel is VerificationChannel.EMAIL
        else Donation.donor_phone == token.target
    )
    return select(Donation.id).where(Donation.donor_user_id.is_(None), reached).order_by(Donation.id)


def _is_flooded(token: VerificationToken) -> bool:
    """Whether the contact has been sent enough for an hour."""
    sent = db.session.execute(
        select(func.count())
        .select_from(VerificationToken)
        .where(
            VerificationToken.target == token.target,
            VerificationToken.purpose == VerificationPurpose.FORGET_GIFTS,
            VerificationToken.token_hash.not_like(f"{_UNSENT}%"),
            VerificationToken.created_at > clock.now() - _AN_HOUR,
        )
    ).scalar_one()
    return sent >= value_of(CODE_SENDS)
