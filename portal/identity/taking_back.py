"""Changes of addresses and numbers that may still be taken back, and what goes with one that is (ID-51)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, update

from portal.config.values import TAKE_BACK_DAYS, value_of
from portal.identity.models import ContactChange, ContactKind, User, UserStatus
from portal.identity.returning import MAY_SIGN_IN
from portal.kernel import clock
from portal.kernel.crypto import token_hash
from portal.kernel.db import db

#: A suspended account too: staff may have closed it because of the thief, and open it for whoever reads its address then.
_MAY_TAKE_BACK = MAY_SIGN_IN | {UserStatus.SUSPENDED}


def taken_by(token: str, *, lock: bool) -> ContactChange | None:
    """The change that the link of this token takes back, while it may."""
    statement = (
        select(ContactChange)
        .join(User, User.id == ContactChange.user_id)
        .where(
            ContactChange.take_back_hash == token_hash(token),
            _may_be_taken_back(),
            User.status.in_(_MAY_TAKE_BACK),
        )
    )
    if lock:
        statement = statement.with_for_update(of=ContactChange)
    return db.session.execute(statement).scalar_one_or_none()


def goes_with(change: ContactChange) -> Select[ContactChange]:
    """The change, later ones of its kind, and those of the other kind since a thief may have been there."""
    is_same = ContactChange.kind == change.kind
    return (
        select(ContactChange)
        .where(
            ContactChange.user_id == change.user_id,
            ContactChange.taken_back_at.is_(None),
            or_(
                is_same & (ContactChange.id >= change.id),
                ~is_same & (ContactChange.created_at >= earliest(change)),
            ),
        )
        .order_by(ContactChange.id)
    )


def earliest(change: ContactChange) -> datetime:
    """Since when a thief may have been there."""
    return change.created_at - timedelta(days=value_of(TAKE_BACK_DAYS))


def goes_back_to(user_id: UUID, kind: ContactKind, new: str) -> bool:
    """Whether this one may still be taken back; then nothing that came after it may any more."""
    of_kind = (ContactChange.user_id == user_id) & (ContactChange.kind == kind)
    since = db.session.scalar(
        select(ContactChange.id)
        .where(of_kind, ContactChange.old_value == new, _may_be_taken_back())
        .order_by(ContactChange.id)
        .limit(1)
    )
    if since is None:
        return False
    # Its own change stays open: the link undoes whatever else was made meanwhile.
    between = of_kind & (ContactChange.id > since) & ContactChange.taken_back_at.is_(None)
    db.session.execute(update(ContactChange).where(between).values(taken_back_at=clock.now()))
    return True


def _may_be_taken_back() -> ColumnElement[bool]:
    return ContactChange.taken_back_at.is_(None) & (ContactChange.take_back_until > clock.now())
