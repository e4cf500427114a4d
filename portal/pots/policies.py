"""Who may see a pot, and what may be done with it now."""

from __future__ import annotations

from uuid import UUID

from portal.kernel import clock
from portal.people.queries import are_connected
from portal.pots.models import Pot, PotStatus, Visibility

LIVE = (PotStatus.OPEN, PotStatus.FUNDED)


def collects(pot: Pot) -> bool:
    """Whether gifts are taken: open or funded, and before the birthday (POT-18, G-14)."""
    return pot.status in LIVE and clock.today() < pot.birthday_date


def has_ended(pot: Pot) -> bool:
    """Whether the pot will never collect again."""
    return pot.status in (PotStatus.EXPIRED, PotStatus.CLOSED)


def may_see(pot: Pot, viewer_id: UUID | None) -> bool:
    """Whether somebody who has the link may open the pot (POT-07, POT-21).

    A private pot is for those who have its link, which cannot be guessed; one for friends is for the owner and
    the owner's connections.
    """
    if pot.visibility is not Visibility.FRIENDS_ONLY or viewer_id == pot.owner_user_id:
        return True
    return viewer_id is not None and are_connected(viewer_id, pot.owner_user_id)
