"""Opening an account with an e-mail address, and having another one: first the mail, then the rest (ID-48, ID-49).

1. Asking writes the same for every address, so that nothing tells whether it has an account.
2. A job looks: an address without account is sent a link, the holder of an account hears that somebody tried.
3. The link opens one account for the address it was sent to, which is proved by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import func, select

from portal.config.values import CONFIRM_HOURS, LINKS_PER_HOUR, value_of
from portal.identity.directory import contacts_of, normal_email
from portal.identity.events import address_link_issued, address_tried
from portal.identity.mailed_links import works
from portal.identity.models import (
    ContactChange,
    User,
    VerificationChannel,
    VerificationPurpose,
    VerificationToken,
)
from portal.identity.services import NewAccount, register_user
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.crypto import token_hash
from portal.kernel.db import db
from portal.kernel.errors import Conflict
from portal.kernel.i18n import _
from portal.kernel.ids import new_id, random_token
from portal.kernel.jobs import follow_up

LINK_JOB = "identity.send_address_link"
# No hash of a token looks like this, so that nothing opens a link that was never sent.
_UNSENT = "unsent:"
_PATHS = {
    VerificationPurpose.SIGN_UP: "/sign-up/mail/",
    VerificationPurpose.CHANGE_CONTACT: "/security/email/",
}


def ask_to_sign_up(email: str, *, locale: str, brought: Mapping[str, str]) -> None:
    """Have the address written to, whoever it is; `brought` comes back with the link. Raises `InvalidInput`."""
    _have_written(normal_email(email), VerificationPurpose.SIGN_UP, None, locale, brought)


def ask_for_new_address(user_id: UUID, email: str, *, locale: str) -> None:
    """Have the address that a person wants from now on written to. Raises `InvalidInput`, `Conflict` for their own."""
    address = normal_email(email)
    if address == contacts_of(user_id).email:
        raise Conflict(_("Your account has this already."), field="email")
    _have_written(address, VerificationPurpose.CHANGE_CONTACT, user_id, locale, {})


def send_link(token_id: UUID, *, locale: str, brought: Mapping[str, str], by: Actor) -> str | None:
    """Send what was asked for, once; gives the token of the link, None where none is sent."""
    row = db.session.get(VerificationToken, token_id, with_for_update=True)
    if row is None or not row.token_hash.startswith(_UNSENT) or _is_flooded(row):
        return None
    holder = holder_of(row.target)
    token = random_token()
    row.token_hash = token_hash(token)
    if holder is not None and holder.id != row.user_id:
        row.used_at = clock.now()
        address_tried.send(holder, address=row.target, cause=row.id, by=by)
        return None
    link = _PATHS[row.purpose] + token + (f"?{urlencode(brought)}" if brought else "")
    db.session.flush()
    address_link_issued.send(row, link=link, locale=locale, by=by)
    return token


def holder_of(email: str) -> User | None:
    """The account that has this address, or had it until a change that may still be taken back."""
    found = db.session.scalars(select(User).where(func.lower(User.email) == email)).one_or_none()
    if found is not None:
        return found
    earlier = (
        select(User)
        .join(ContactChange, ContactChange.user_id == User.id)
        .where(
            ContactChange.old_value == email,
            ContactChange.taken_back_at.is_(None),
            ContactChange.take_back_until > clock.now(),
        )
        .limit(1)
    )
    return db.session.scalars(earlier).one_or_none()


def _have_written(
    target: str,
    purpose: VerificationPurpose,
    user_id: UUID | None,
    locale: str,
    brought: Mapping[str, str],
) -> None:
    row_id = new_id()
    row = VerificationToken(
        id=row_id,
        user_id=user_id,
        channel=VerificationChannel.EMAIL,
        purpose=purpose,
        target=target,
        token_hash=f"{_UNSENT}{row_id}",
        attempts=0,
        expires_at=clock.now() + timedelta(hours=value_of(CONFIRM_HOURS)),
    )
    db.session.add(row)
    follow_up(
        LINK_JOB,
        dedupe_key=f"address_link:{row_id}",
        payload={"token_id": str(row_id), "locale": locale, "brought": dict(brought)},
    )


def address_of(token: str) -> str | None:
    """The address that the link was sent to, while it may open an account."""
    row = _row(token, lock=False)
    return row.target if row else None


def register_by_mail(token: str, account: NewAccount, *, by: Actor) -> User:
    """Open an account for the address that the link has proved: once, in time.

    Raises `Conflict` for a link that was used or is too old, and as `register_user`.
    """
    row = _row(token, lock=True)
    if row is None:
        raise Conflict(_("This link has been used or is too old. Please ask for a new one."))
    user = register_user(replace(account, email=row.target, email_is_proved=True), by=by)
    row.used_at = clock.now()
    row.user_id = user.id
    return user


def _is_flooded(row: VerificationToken) -> bool:
    """Whether the address was written to often enough in the hour before."""
    earlier = select(func.count()).where(
        VerificationToken.target == row.target,
        VerificationToken.purpose == row.purpose,
        VerificationToken.created_at > row.created_at - timedelta(hours=1),
        VerificationToken.id < row.id,
    )
    return db.session.execute(earlier).scalar_one() >= value_of(LINKS_PER_HOUR)


def _row(token: str, *, lock: bool) -> VerificationToken | None:
    statement = select(VerificationToken).where(works(token, VerificationPurpose.SIGN_UP))
    return db.session.execute(statement.with_for_update() if lock else statement).scalar_one_or_none()
