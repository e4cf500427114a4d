"""What the room tells others, inside the same transaction."""

from __future__ import annotations

from blinker import signal

# Sent with the payout and `by`. A receiver of `payout_retry_requested` may raise, and nothing is tried again. After
# `payout_replaced` the payout sent stands in the place of a canceled one of the same source.
payout_retry_requested = signal("payouts.payout_retry_requested")
payout_replaced = signal("payouts.payout_replaced")
payout_completed = signal("payouts.payout_completed")
# The payout had completed; its source is not paid any more, and owed.
payout_reversed = signal("payouts.payout_reversed")
