"""What the partners' room tells the others, inside the same transaction."""

from __future__ import annotations

from blinker import signal

# Sent with a user's id and `is_member`: whether the person has a place in any team, `by`.
member_changed = signal("partners.member_changed")

# Sent with the row of somebody's place, the `partner`, and `what` became of it: given, changed or ended; `by`.
place_changed = signal("partners.place_changed")

# Sent with the partner after its status moved, `reason`, `by`.
partner_status_changed = signal("partners.partner_status_changed")
