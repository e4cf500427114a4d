"""Money of the house that enters a pot: points that a sponsor converted (REF-63, reconciliation §6)."""

from __future__ import annotations

from uuid import UUID

from portal.kernel.actor import Actor
from portal.kernel.errors import Conflict
from portal.kernel.i18n import _
from portal.pots.finding import lock_pot
from portal.pots.models import Pot
from portal.pots.policies import collects
from portal.pots.totals import recount


def pot_taking_credit(pot_id: UUID) -> Pot:
    """The pot, locked, if it still takes money. Raises `NotFound` and `Conflict`."""
    pot = lock_pot(pot_id)
    if not collects(pot):
        raise Conflict(_("This pot takes no money any more."))
    return pot


def credit(pot: Pot, francs: int, *, by: Actor) -> None:
    """Count `francs` that the caller has posted to the locked pot's funds; it may reach its target."""
    pot.credited_minor += francs
    recount(pot, by=by)
