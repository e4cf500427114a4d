"""What privacy does when another room's signal arrives."""

from __future__ import annotations

from portal.identity.events import user_came_back
from portal.identity.models import User
from portal.kernel.actor import Actor
from portal.privacy.leaving import take_back


@user_came_back.connect
def stay(user: User, *, by: Actor, **_more: object) -> None:
    """Whoever signs in again in time keeps the account."""
    take_back(user, by=by)
