"""What the people's room tells the others, inside the same transaction."""

from __future__ import annotations

from blinker import signal

# Signals with one name are one signal in the whole process: each name carries its room.

# Sent with the Profile when its holder's day of birth becomes known, `by`.
birthday_set = signal("people.birthday_set")

# Sent with the GuardianRequest, `guardian_id` of the account whose holder has proved the address (None: there is
# none), `by`: by the job that lets the address know.
guardian_asked = signal("people.guardian_asked")
# Sent with the GuardianRequest, `by`: whoever was asked has said no, and nobody has answered in time.
guardian_declined = signal("people.guardian_declined")
guardian_unanswered = signal("people.guardian_unanswered")

# Sent with the minor's Profile: the guardian has agreed, and one who had agreed steps back; `by`.
guardian_confirmed = signal("people.guardian_confirmed")
guardian_refused = signal("people.guardian_refused")

# Sent with the minor's Profile whose guardian the team has ended, `guardian_id`, `reason`, `by`; and with the
# GuardianChange that the team has refused, `reason`, `by`.
guardianship_ended = signal("people.guardianship_ended")
guardian_change_refused = signal("people.guardian_change_refused")

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

# Sent with the Profile of somebody who was under 18 here and has turned 18; `guardian_id` of the adult who had
# agreed, if one had, `by`.
adulthood_reached = signal("people.adulthood_reached")
