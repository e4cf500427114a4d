"""What other rooms do with a pot: make one from an accepted invitation, spend its money, settle its rest."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from portal.config.values import POT_TARGET_DEFAULT, value_of
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict
from portal.kernel.i18n import _
from portal.people.services import require_birthday
from portal.pots.birthdays import next_birthday
from portal.pots.closing import close
from portal.pots.finding import available_minor, live_pot, lock_pot, owned_pot
from portal.pots.leftover import settle_rest
from portal.pots.making import Wishes, create_pot
from portal.pots.models import Outcome, Pot, PotStatus
from portal.pots.queries import first_name_of
from portal.pots.words import usual_title

__all__ = ["available_minor", "pot_for_issuing", "pot_from_referral", "settle_leftover"]


def pot_from_referral(referral_id: UUID, owner_user_id: UUID, *, by: Actor) -> Pot:
    """The pot that an accepted invitation gives to the person invited (POT-14).

    Asking again finds the first; somebody who has a pot for the next birthday keeps that one. Raises what
    people say about a missing birth date (R-08) or guardian.
    """
    made = db.session.execute(
        select(Pot).where(Pot.created_from_referral_id == referral_id)
    ).scalar_one_or_none()
    if made is not None:
        return made
    born = require_birthday(owner_user_id)
    birthday = next_birthday(born, clock.today())
    own = live_pot(owner_user_id, birthday)
    if own is not None:
        return own
    wishes = Wishes(
        title=usual_title(first_name_of(owner_user_id), born, birthday),
        target_minor=value_of(POT_TARGET_DEFAULT),
    )
    return create_pot(owner_user_id, wishes, referral_id=referral_id, by=by)


def pot_for_issuing(pot_id: UUID, owner_user_id: UUID, *, lock: bool = True) -> Pot:
    """The owner's pot whose money may become a pack now (G-10, G-11).

    That is a funded pot, and an ended one whose choice is still open. Raises `NotFound` for a stranger and
    `Conflict`, with the reason, in every other state.
    """
    pot = lock_pot(pot_id, owner_user_id=owner_user_id) if lock else owned_pot(pot_id, owner_user_id)
    if pot.status is not PotStatus.FUNDED and pot.choose_until is None:
        raise Conflict(_why_no_pack(pot))
    return pot


def settle_leftover(pot_id: UUID, *, by: Actor) -> int:
    """After a code was issued: close the ended pot and send what is left where it goes (G-12).

    Answers what the owner's wallet got, in XOF; 0 while the pot still collects. Again moves nothing.
    """
    pot = lock_pot(pot_id)
    if pot.status not in (PotStatus.EXPIRED, PotStatus.CLOSED):
        return 0
    pot.choose_until = None
    if pot.status is PotStatus.EXPIRED:
        close(pot, Outcome.PACK, by=by)
    else:
        pot.outcome = Outcome.PACK
    return settle_rest(pot, by=by)


def _why_no_pack(pot: Pot) -> str:
    if pot.status in (PotStatus.SCHEDULED, PotStatus.OPEN):
        return _("A pack can be chosen once the pot has reached its target, or when it has ended.")
    return _("This pot has been settled. Nothing is left to choose from.")
