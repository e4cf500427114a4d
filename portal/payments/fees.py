"""What Wave takes for its work: in the books once for each movement, as Wave names it (docs/decisions).

Of a payment Wave keeps its fee, and gives it back with the refund; for a payout it takes one on top.
"""

from __future__ import annotations

from uuid import UUID

from portal.kernel.actor import Actor
from portal.kernel.money import XOF
from portal.ledger import services as ledger
from portal.ledger.accounts import platform, provider_clearing
from portal.ledger.models import Purpose
from portal.ledger.services import Cause
from portal.payments.models import WAVE_PROVIDER_ID


def fee_key(movement: str) -> str:
    """The key under which the fee of `movement` is booked: a payout's own key, else a line's."""
    return f"{movement}:fee"


def book_fee(movement: str, fee: int, source: tuple[str, UUID], *, currency: str = XOF, by: Actor) -> None:
    """Book the fee of one movement, in minor units, below zero when it comes back; a repeat changes nothing.

    Raises `IdempotencyMismatch` when another fee was booked for the same movement.
    """
    if not fee:
        return
    costs, held = platform(Purpose.FEES, currency), provider_clearing(WAVE_PROVIDER_ID, currency)
    paid_from, paid_to = (costs, held) if fee > 0 else (held, costs)
    ledger.move(paid_from, paid_to, abs(fee), Cause("provider_fee", *source, fee_key(movement)), by=by)
