"""Another password, chosen by somebody who is signed in and knows the present one (ASVS 6.2.3)."""

from __future__ import annotations

from uuid import UUID

from portal.identity.confirming import confirm_with_password, ways_of
from portal.identity.entry import Entry
from portal.identity.models import User
from portal.identity.recovery import check_new_password, replace_password
from portal.identity.sessions import end_all_sessions
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.visitor import Visitor


def has_password(user_id: UUID) -> bool:
    """Whether the person signs in with one."""
    return ways_of(user_id).email is not None


def change_password(person: Visitor, present: str, chosen: str, *, by: Actor) -> Entry:
    """Replace the password; every other session ends, and this one goes on under the token that is given.

    A wrong present one is a result, because it is counted as at the door. Raises `InvalidInput` for a new one
    that cannot be one.
    """
    user = db.session.get_one(User, person.user_id)
    check_new_password(user, chosen)
    entry = confirm_with_password(person, present, by=by)
    if entry.session_token is not None:
        replace_password(user, chosen, by=by)
        end_all_sessions(user.id, except_id=person.session_id)
    return entry
