"""What payouts do when payments reads of them in the provider's list."""

from __future__ import annotations

from typing import Any

from portal.payments.events import payout_reversed
from portal.payouts import outcomes


@payout_reversed.connect
def _payee_is_owed_again(key: str, amount: int, reference: str, **_more: Any) -> bool:
    return outcomes.take_back(key, amount, reference)
