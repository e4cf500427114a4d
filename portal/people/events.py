"""What the people's room tells the others, inside the same transaction."""

from __future__ import annotations

from blinker import signal

# Sent with the Profile when its holder's day of birth becomes known, `by`.
birthday_set = signal("birthday_set")

# Sent with the minor's Profile: somebody was named, has agreed, or has refused or stepped back; `by`.
guardian_asked = signal("guardian_asked")
guardian_confirmed = signal("guardian_confirmed")
guardian_refused = signal("guardian_refused")

# Sent with a user's id after a change of what every page shows of them (name, language, zone, theme), `by`.
person_changed = signal("person_changed")
