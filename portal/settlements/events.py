"""What the room tells others, inside the same transaction."""

from __future__ import annotations

from blinker import signal

settlement_computed = signal("settlements.settlement_computed")
settlement_paid = signal("settlements.settlement_paid")
# It had been paid, and the provider took the money back.
settlement_payment_reversed = signal("settlements.settlement_payment_reversed")
settlement_disputed = signal("settlements.settlement_disputed")
settlement_resolved = signal("settlements.settlement_resolved")
