"""What the room tells others, inside the same transaction."""

from __future__ import annotations

from blinker import signal

payout_completed = signal("payout_completed")
payout_failed = signal("payout_failed")
