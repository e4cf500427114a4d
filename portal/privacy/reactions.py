"""What privacy does when another room's signal arrives."""

from __future__ import annotations

from portal.identity.events import user_registered, user_returned
from portal.identity.models import User
from portal.kernel.actor import Actor
from portal.privacy.leaving import take_back
from portal.privacy.terms import agree


@user_returned.connect
def stay(user: User, *, by: Actor, **_more: object) -> None:
    """Whoever signs in again in time keeps the account."""
    take_back(user, by=by)


@user_registered.connect
def agree_by_opening(user: User, *, page: str | None, by: Actor, **_more: object) -> None:
    """Opening an account is agreeing to the terms on the page of the door, and to no offers (PRV-03, PRV-04).

    Whoever opens one for somebody else agrees to nothing in their name: they are asked when they sign in.
    """
    if page is not None:
        agree(user.id, page=page, by=by)
