"""Who may sign in, and how somebody who had asked to be erased comes back in time (PRV-14)."""

from __future__ import annotations

from portal.identity.events import user_returned
from portal.identity.models import User, UserStatus
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.states import advance_held

#: Whoever waits for the end of their account may change their mind until it has come.
MAY_SIGN_IN = frozenset({UserStatus.ACTIVE, UserStatus.PENDING_DELETION})


def may_sign_in(user: User) -> bool:
    """Whether the doors open for this account."""
    is_leaving = user.status is UserStatus.PENDING_DELETION
    return is_leaving or (user.status is UserStatus.ACTIVE and user.deleted_at is None)


def come_back(user: User, *, reason: str | None = None, by: Actor) -> None:
    """Keep an account, which is held, whose end was asked for; nothing happens to any other."""
    if user.status is not UserStatus.PENDING_DELETION:
        return
    advance_held(user, UserStatus.ACTIVE, by=by, reason=reason)
    user.deleted_at = None
    db.session.flush()
    user_returned.send(user, by=by)
