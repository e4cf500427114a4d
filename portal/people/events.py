"""What the people's room tells the others, inside the same transaction."""

from __future__ import annotations

from blinker import signal

# Signals with one name are one signal in the whole process: each name carries its room.

# Sent with the Profile when its holder's day of birth becomes known, `by`.
birthday_set = signal("people.birthday_set")

# Sent with the minor's Profile: somebody was named, has agreed, or has refused or stepped back; `by`.
guardian_asked = signal("people.guardian_asked")
guardian_confirmed = signal("people.guardian_confirmed")
guardian_refused = signal("people.guardian_refused")

# Sent with a user's id after a change of what every page shows of them (name, language, zone, theme), `by`.
person_changed = signal("people.person_changed")

# Sent with the id of somebody to whom their sponsor has written; `sponsor_id`, `words`, `by`.
letter_sent = signal("people.letter_sent")

# Sent with a user's id the first time that nothing of their profile is missing; `points` given for it, `by`.
profile_completed = signal("people.profile_completed")

# Sent with a user's id when their calendar has a new secret link, or none any more; `is_on`, `by`.
calendar_changed = signal("people.calendar_changed")

# Sent with an IdentityDocument that was handed in, and with one that staff have decided about; `by`.
paper_submitted = signal("people.paper_submitted")
paper_decided = signal("people.paper_decided")

# Sent with the Profile of somebody who has turned 18 and had named a guardian; `guardian_id` if that adult had
# agreed, `by`.
adulthood_reached = signal("people.adulthood_reached")
