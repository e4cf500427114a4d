"""What the partners' room tells the others, inside the same transaction."""

from __future__ import annotations

from blinker import signal

# Sent with a user's id and `is_member`: whether the person has a place in any team, `by`.
member_changed = signal("partners.member_changed")

# Sent with the partner after its status moved, `reason`, `by`.
partner_status_changed = signal("partners.partner_status_changed")
