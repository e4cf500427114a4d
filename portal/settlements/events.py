"""What the room tells others, inside the same transaction."""

from __future__ import annotations

from blinker import signal

settlement_computed = signal("settlement_computed")
settlement_approved = signal("settlement_approved")
settlement_paid = signal("settlement_paid")
settlement_disputed = signal("settlement_disputed")
settlement_resolved = signal("settlement_resolved")
