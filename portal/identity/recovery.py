"""Links sent by mail: a new password, and the proof of an e-mail address. Each works once (ID-46 to ID-49)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from portal.config.values import CONFIRM_HOURS, LINKS_PER_HOUR, RESET_HOURS, value_of
from portal.identity import passwords
from portal.identity.attempts import Reason, note_attempt, note_security_event, one_at_a_time, start_afresh
from portal.identity.directory import account_at, plain_email
from portal.identity.events import (
    contact_proved,
    email_confirmation_issued,
    password_changed,
    password_reset_issued,
)
from portal.identity.holding import hold
from portal.identity.loose_ends import end_loose_ends
from portal.identity.mailed_links import link_and_holder, make_link, read_again
from portal.identity.models import (
    PasswordResetToken,
    Severity,
    User,
    UserStatus,
    VerificationPurpose,
    VerificationToken,
)
from portal.identity.returning import MAY_SIGN_IN, come_back, may_sign_in
from portal.identity.sessions import end_all_sessions
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.crypto import token_hash
from portal.kernel.db import db
from portal.kernel.errors import Conflict, TooMany
from portal.kernel.i18n import _
from portal.kernel.ids import new_id, random_token
from portal.kernel.jobs import follow_up
from portal.people.calendars import switch_off
from portal.people.completion import refresh_completion
from portal.people.models import Profile, UserPreferences

RESET_JOB = "identity.send_password_reset"
_AN_HOUR = timedelta(hours=1)


def ask_for_new_password(email: str) -> None:
    """Have a link sent if the address has an account; the same is written if not, so nothing tells (ID-48)."""
    plain = plain_email(email)
    user_id = account_at(plain, also_leaving=True) if "@" in plain else None
    reset_id = new_id()
    follow_up(
        RESET_JOB,
        dedupe_key=f"password_reset:{reset_id}",
        payload={"user_id": str(user_id) if user_id else None, "reset_id": str(reset_id)},
    )


def issue_password_reset(user_id: UUID, *, reset_id: UUID | None = None, by: Actor) -> str | None:
    """Make a link's token and have it sent; None after the links of an hour (the person has them already).

    The same `reset_id` again makes no second link.
    """
    user = hold(user_id)
    if user is None or user.email is None or not may_sign_in(user):
        return None
    if reset_id is not None and db.session.get(PasswordResetToken, reset_id) is not None:
        return None
    recent = select(func.count()).where(
        PasswordResetToken.user_id == user_id, PasswordResetToken.created_at > clock.now() - _AN_HOUR
    )
    if db.session.execute(recent).scalar_one() >= value_of(LINKS_PER_HOUR):
        return None
    token = random_token()
    row = PasswordResetToken(
        id=reset_id or new_id(),
        user_id=user_id,
        token_hash=token_hash(token),
        expires_at=clock.now() + timedelta(hours=value_of(RESET_HOURS)),
    )
    db.session.add(row)
    db.session.flush()
    locale = db.session.scalar(select(UserPreferences.locale).where(UserPreferences.user_id == user_id))
    password_reset_issued.send(row, email=user.email, token=token, locale=locale or "fr-SN", by=by)
    return token


def reset_works(token: str) -> bool:
    """Whether the link still leads to a new password."""
    return _reset_row(token, lock=False) is not None


def set_new_password(token: str, password: str, *, by: Actor) -> User:
    """Choose a new password with a link: once, in time; every session ends, and so does the
    secret link of the calendar (ID-47, ID-48).

    The link came by mail, so the address is proved too, and a lock is opened. Somebody who was leaving stays. Raises `InvalidInput` for a
    password that cannot be one, `Conflict` for a link that was used or is too old.
    """
    known = _reset_row(token, lock=False)
    if known is not None:
        one_at_a_time(known[1].email or "")
    found = _reset_row(token, lock=True) if known else None
    if found is None:
        raise Conflict(_("This link has been used or is too old. Please ask for a new one."))
    _row, user = found
    check_new_password(user, password)
    # Before anything is told: nobody who is leaving is written to.
    come_back(user, by=by)
    replace_password(user, password, by=by)
    user.email_verified_at = user.email_verified_at or clock.now()
    end_all_sessions(user.id)
    switch_off(user.id, by=by)
    contact_proved.send(user, by=by)
    note_attempt(user.email or "", Reason.REOPENED, user_id=user.id, by=by)
    start_afresh(user.id)
    refresh_completion(user.id)
    return user


def check_new_password(user: User, password: str) -> None:
    """Raise `InvalidInput` for a password that cannot be this person's, as `check_password`."""
    name = db.session.scalar(select(Profile.full_name).where(Profile.user_id == user.id))
    passwords.check_password(password, owner=(user.email, user.phone, name))


def replace_password(user: User, password: str, *, by: Actor) -> None:
    """Put another password in force: what was begun before it leads nowhere, and the holder hears of it."""
    end_loose_ends(user.id)
    user.password_hash = passwords.hash_password(password)
    note_security_event(user.id, "password_changed", Severity.INFO, by=by)
    password_changed.send(user, by=by)


def send_confirmation(user: User, *, locale: str, by: Actor) -> None:
    """Have a link sent that proves the e-mail address (ID-49).

    Raises `Conflict` when there is nothing to prove, `TooMany` after the links of an hour.
    """
    if user.email is None or user.email_verified_at is not None:
        raise Conflict(_("There is nothing to confirm."))
    _refuse_too_many_links(user.email)
    row, token = make_link(VerificationPurpose.CONFIRM_CONTACT, user.email, CONFIRM_HOURS, user_id=user.id)
    email_confirmation_issued.send(row, token=token, locale=locale, by=by)


def send_confirmation_again(user_id: UUID, *, locale: str, by: Actor) -> None:
    """As `send_confirmation`, for the person who is signed in."""
    user = hold(user_id)
    if user is not None:
        send_confirmation(user, locale=locale, by=by)


def confirmation_works(token: str) -> bool:
    """Whether the link still proves an address."""
    return _confirmation_row(token, lock=False) is not None


def confirm_email(token: str, *, by: Actor) -> User:
    """Take an e-mail address for proved: once, in time, while it is still the account's own (ID-14).

    Raises `Conflict` otherwise.
    """
    found = _confirmation_row(token, lock=True)
    if found is None:
        raise Conflict(_("This link has been used or is too old. Please ask for a new one."))
    row, user = found
    row.used_at = clock.now()
    user.email_verified_at = clock.now()
    refresh_completion(user.id)
    contact_proved.send(user, by=by)
    return user


def _reset_row(token: str, *, lock: bool) -> tuple[PasswordResetToken, User] | None:
    statement = (
        select(PasswordResetToken, User)
        .join(User, User.id == PasswordResetToken.user_id)
        .where(
            PasswordResetToken.token_hash == token_hash(token),
            PasswordResetToken.used_at.is_(None),
            PasswordResetToken.expires_at > clock.now(),
            User.status.in_(MAY_SIGN_IN),
        )
    )
    return read_again(statement, PasswordResetToken, lock=lock)


def _confirmation_row(token: str, *, lock: bool) -> tuple[VerificationToken, User] | None:
    found = link_and_holder(token, VerificationPurpose.CONFIRM_CONTACT, {UserStatus.ACTIVE}, lock=lock)
    return found if found and found[0].target == found[1].email else None


def _refuse_too_many_links(email: str) -> None:
    sent = select(func.count()).where(
        VerificationToken.target == email,
        VerificationToken.purpose == VerificationPurpose.CONFIRM_CONTACT,
        VerificationToken.created_at > clock.now() - _AN_HOUR,
    )
    if db.session.execute(sent).scalar_one() >= value_of(LINKS_PER_HOUR):
        raise TooMany(
            _(
                "We have sent you several links already. Please look through your mail, or ask again in an hour."
            ),
            retry_after=int(_AN_HOUR.total_seconds()),
        )
