"""How a pot ends, and what becomes of its money (G-10 to G-13; docs/decisions tells why).

1. At the birthday, or when its owner or an admin ends it earlier, a pot stops collecting (`end_pot`).
2. Target reached: it closes. The preferred pack becomes a code at once (redemptions listens); without one
   the owner has until `choose_until`, and then the money is the owner's, in the wallet.
3. Target not reached, but money in it: it expires. Until `choose_until` the owner may choose a pack that
   the money covers; then every gift goes back to its donor, and the pot closes (`lapse`).
4. Nothing in it: it closes.
5. Gifts still held for an admin go back whenever a pot stops collecting: nobody can count them any more.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from portal.audit.services import record
from portal.config.values import POT_CHOICE_DAYS, value_of
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict
from portal.kernel.i18n import _
from portal.kernel.states import advance
from portal.payments.models import RefundReason
from portal.pots import telling
from portal.pots.events import pot_closed, pot_expired
from portal.pots.finding import available_minor, lock_pot
from portal.pots.leftover import rest_to_wallet
from portal.pots.models import Donation, Outcome, Pot, PotStatus
from portal.pots.returning import gifts_to_return, give_back, return_gift


def close_pot(
    pot_id: UUID,
    *,
    owner_user_id: UUID | None = None,
    everything_back: bool = False,
    reason: str | None = None,
    by: Actor,
) -> Pot:
    """End a pot by hand: its owner, or an admin without `owner_user_id` and with a reason (POT-20).

    The money then follows the rules of the birthday, or with `everything_back` every gift returns to its donor
    now. Raises `Conflict` when the pot has ended and there is nothing left to decide, or when gifts should
    go back that a pack has already taken.
    """
    pot = lock_pot(pot_id, owner_user_id=owner_user_id)
    before = pot.status
    if everything_back:
        _give_everything_back(pot, reason, by)
    elif pot.status in (PotStatus.EXPIRED, PotStatus.CLOSED):
        raise Conflict(_("This pot has already ended."))
    else:
        end_pot(pot, by=by, reason=reason, early=True)
    record(
        "pot_closed",
        ("pots", pot.id),
        by=by,
        old={"status": before},
        new={"status": pot.status, "everything_back": everything_back},
        reason=reason,
    )
    return pot


def end_pot(pot: Pot, *, by: Actor, reason: str | None = None, early: bool = False) -> None:
    """Stop the locked pot from collecting. Raises `IllegalTransition` when it has ended already."""
    _return_held_gifts(pot, by)
    if pot.status is PotStatus.FUNDED:
        pot.choose_until = _end_of_choice()
        close(pot, Outcome.FUNDED, by=by, reason=reason)
        if pot.choose_until is not None:
            telling.choose_a_pack(pot, available_minor(pot), by=by)
    elif pot.status is PotStatus.OPEN and available_minor(pot):
        _expire(pot, by, reason)
    else:
        close(pot, Outcome.CANCELED if early else Outcome.EMPTY, by=by, reason=reason)


def lapse(pot: Pot, *, by: Actor) -> None:
    """The time to choose is over for the locked pot: the wallet of a funded one, the donors of another."""
    if pot.status is PotStatus.EXPIRED:
        _return_to_donors(pot, by)
    elif pot.choose_until is not None:
        pot.choose_until = None
        pot.outcome = Outcome.WALLET
        moved = rest_to_wallet(pot, by=by)
        if moved:
            telling.money_in_wallet(pot, moved, by=by)


def close(pot: Pot, outcome: Outcome, *, by: Actor, reason: str | None = None) -> None:
    """Turn the locked pot to closed and say so. Raises `IllegalTransition` when it is closed already."""
    advance(pot, PotStatus.CLOSED, by=by, reason=reason)
    pot.closed_at = clock.now()
    pot.outcome = outcome
    db.session.flush()
    pot_closed.send(pot, outcome=outcome, by=by)


def _expire(pot: Pot, by: Actor, reason: str | None) -> None:
    advance(pot, PotStatus.EXPIRED, by=by, reason=reason)
    pot.expired_at = clock.now()
    pot.choose_until = _end_of_choice()
    db.session.flush()
    pot_expired.send(pot, by=by)
    telling.choose_or_return(pot, available_minor(pot), by=by)


def _end_of_choice() -> datetime:
    """The owner's full days, also when the portal was down over the birthday."""
    return clock.start_of_day(clock.today() + timedelta(days=value_of(POT_CHOICE_DAYS)))


def _return_to_donors(pot: Pot, by: Actor) -> None:
    """Every gift back, the rest (converted points) to the wallet; a pot that already paid a pack keeps its gifts."""
    pot.choose_until = None
    gifts = gifts_to_return(pot)
    covered = sum(gift.amount_minor for gift in gifts) <= available_minor(pot)
    if covered:
        give_back(gifts, RefundReason.FAILED_POT, by=by)
    outcome = (Outcome.REFUNDED if gifts else Outcome.WALLET) if covered else Outcome.PACK
    close(pot, outcome, by=by)
    rest_to_wallet(pot, by=by)


def _give_everything_back(pot: Pot, reason: str | None, by: Actor) -> None:
    if pot.status is PotStatus.CLOSED:
        raise Conflict(_("This pot has already ended."))
    gifts = gifts_to_return(pot)
    if sum(gift.amount_minor for gift in gifts) > available_minor(pot):
        raise Conflict(_("A pack has already been taken from this pot, so not every gift can go back."))
    _return_held_gifts(pot, by)
    why = RefundReason.FAILED_POT if pot.status is PotStatus.EXPIRED else RefundReason.CANCELED
    give_back(gifts, why, by=by)
    pot.choose_until = None
    close(pot, Outcome.REFUNDED if gifts else Outcome.CANCELED, by=by, reason=reason)
    rest_to_wallet(pot, by=by)


def _return_held_gifts(pot: Pot, by: Actor) -> None:
    held = db.session.scalars(
        select(Donation).where(Donation.pot_id == pot.id, Donation.is_held).order_by(Donation.id)
    ).all()
    for gift in held:
        return_gift(gift, RefundReason.CANCELED, by=by)
