"""What the room tells others, inside the same transaction."""

from __future__ import annotations

from blinker import signal

# Sent with the payout and `by`. A receiver of `payout_retrying` may raise, and nothing is tried again.
payout_retrying = signal("payout_retrying")
payout_completed = signal("payout_completed")
payout_failed = signal("payout_failed")
