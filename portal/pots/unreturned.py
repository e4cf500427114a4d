"""Gifts of an ended pot that cannot go back: kept for their donors, apart from all pots (docs/decisions).

One such gift holds up neither the others nor the end of its pot. Its money lies on an account of its payment until
an administrator asks for its refund again; then it goes back from there.
"""

from __future__ import annotations

from portal.kernel.actor import Actor
from portal.ledger import services as ledger
from portal.ledger.accounts import AccountRef, kept_for_payer, pot_funds
from portal.ledger.queries import balance
from portal.ledger.services import Cause
from portal.payments.models import Refund
from portal.payments.refunds import refund_key
from portal.pots import telling
from portal.pots.finding import lock_pot
from portal.pots.models import Donation, Outcome, Pot, PotStatus


def source_of(donation: Donation, amount: int) -> AccountRef:
    """Where the money of a counted gift lies: kept for its donor, or still in its pot."""
    kept = _account_of(donation)
    return kept if balance(kept).available >= amount else pot_funds(donation.pot_id)


def keep_unaskable(donation: Donation, amount: int, why: str, *, by: Actor) -> None:
    """A refund cannot even be asked for, such as a part whose donor's number nobody knows: admins hear of it."""
    _keep(donation, amount, f"donation:{donation.id}:kept", by)
    telling.gift_is_kept(donation, amount, why, by=by)


def keep_refused(donation: Donation, refund: Refund, *, by: Actor) -> None:
    """The provider refused to give back a gift whose pot has ended; payments has told admins already."""
    pot = lock_pot(donation.pot_id)
    if _is_done(pot) and source_of(donation, refund.amount_minor) == pot_funds(pot.id):
        _keep(donation, refund.amount_minor, f"{refund_key(refund)}:kept", by)


def _is_done(pot: Pot) -> bool:
    """Whether the pot has nothing to do with money any more; what its pack left over is the owner's."""
    return pot.status is PotStatus.CLOSED and pot.choose_until is None and pot.outcome != Outcome.PACK


def _keep(donation: Donation, amount: int, key: str, by: Actor) -> None:
    cause = Cause("gift_kept_for_donor", Donation.__tablename__, donation.id, key)
    ledger.move(pot_funds(donation.pot_id), _account_of(donation), amount, cause, by=by)


def _account_of(donation: Donation) -> AccountRef:
    assert donation.payment_transaction_id is not None, "a counted gift was paid"
    return kept_for_payer(donation.payment_transaction_id)
