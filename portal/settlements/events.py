"""What the room tells others, inside the same transaction."""

from __future__ import annotations

from blinker import signal

settlement_computed = signal("settlements.settlement_computed")
settlement_approved = signal("settlements.settlement_approved")
settlement_paid = signal("settlements.settlement_paid")
settlement_disputed = signal("settlements.settlement_disputed")
settlement_resolved = signal("settlements.settlement_resolved")
