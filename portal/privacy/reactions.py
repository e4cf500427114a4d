"""What privacy does when another room's signal arrives."""

from __future__ import annotations

from portal.identity.events import user_registered, user_returned
from portal.identity.models import User
from portal.kernel.actor import Actor, ActorKind
from portal.privacy.leaving import take_back
from portal.privacy.terms import agree

_SIGN_UP = "/sign-up"


@user_returned.connect
def stay(user: User, *, by: Actor, **_more: object) -> None:
    """Whoever signs in again in time keeps the account."""
    take_back(user, by=by)


@user_registered.connect
def agree_by_opening(user: User, *, by: Actor, **_more: object) -> None:
    """Opening an account is agreeing to the terms, by whichever door, and to no offers (PRV-03, PRV-04).

    An operator who opens one for somebody agrees to nothing in their name.
    """
    if by.kind is ActorKind.USER:
        agree(user.id, page=_SIGN_UP, by=by)
