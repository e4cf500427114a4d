"""What the room tells others, inside the same transaction."""

from __future__ import annotations

from blinker import signal

# Sent with the Referral, `by`.
referral_accepted = signal("referrals.referral_accepted")
