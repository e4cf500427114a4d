"""What invitations into teams tell the other rooms, inside the same transaction."""

from __future__ import annotations

from blinker import signal

# Sent with the invitation, the `user_id` whose proved contact it names (None without one), `organisation`, `by`.
invitation_sent = signal("teams.invitation_sent")

# Sent with the invitation after its answer, `organisation`, `told` (who hears of it and by which page), `by`.
invitation_answered = signal("teams.invitation_answered")
