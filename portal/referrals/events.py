"""What the room tells others, inside the same transaction."""

from __future__ import annotations

from blinker import signal

# Sent with the Referral, `by`.
invitation_sent = signal("referrals.invitation_sent")
referral_accepted = signal("referrals.referral_accepted")

# Sent with the PointAward, `by`.
points_matured = signal("referrals.points_matured")
