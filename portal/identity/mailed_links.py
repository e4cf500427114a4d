"""Links that come by mail: each made for one purpose, kept as a hash, good once and for some hours."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select

from portal.config.values import Setting, value_of
from portal.identity.holding import hold
from portal.identity.models import (
    PasswordResetToken,
    User,
    UserStatus,
    VerificationChannel,
    VerificationPurpose,
    VerificationToken,
)
from portal.kernel import clock
from portal.kernel.crypto import token_hash
from portal.kernel.db import db
from portal.kernel.ids import new_id, random_token

Link = TypeVar("Link", VerificationToken, PasswordResetToken)


def make_link(
    purpose: VerificationPurpose,
    target: str,
    hours: Setting[int],
    *,
    user_id: UUID | None,
    row_id: UUID | None = None,
) -> tuple[VerificationToken, str]:
    """The row of a new link to an address, and its token, which exists nowhere else."""
    token = random_token()
    row = VerificationToken(
        id=row_id or new_id(),
        user_id=user_id,
        channel=VerificationChannel.EMAIL,
        purpose=purpose,
        target=target,
        token_hash=token_hash(token),
        attempts=0,
        expires_at=clock.now() + timedelta(hours=value_of(hours)),
    )
    db.session.add(row)
    db.session.flush()
    return row, token


def works(token: str, purpose: VerificationPurpose) -> ColumnElement[bool]:
    """For a statement: the link of this token, while it is good for its purpose."""
    return and_(
        VerificationToken.token_hash == token_hash(token),
        VerificationToken.purpose == purpose,
        VerificationToken.channel == VerificationChannel.EMAIL,
        VerificationToken.used_at.is_(None),
        VerificationToken.expires_at > clock.now(),
    )


def link_and_holder(
    token: str, purpose: VerificationPurpose, statuses: Collection[UserStatus], *, lock: bool
) -> tuple[VerificationToken, User] | None:
    """The good link of this token with its account, if that is in one of these states; locked for who uses it up."""
    statement = (
        select(VerificationToken, User)
        .join(User, User.id == VerificationToken.user_id)
        .where(works(token, purpose), User.status.in_(statuses))
    )
    return read_again(statement, VerificationToken, lock=lock)


def read_again(statement: Select[Link, User], kind: type[Link], *, lock: bool) -> tuple[Link, User] | None:
    """What the statement finds; for who uses it up, with the account held and the row locked since."""
    found = db.session.execute(statement).one_or_none()
    if found is not None and lock:
        hold(found[1].id)
        again = statement.with_for_update(of=kind).execution_options(populate_existing=True)
        found = db.session.execute(again).one_or_none()
    return (found[0], found[1]) if found else None
