"""What identity tells the other rooms, inside the same transaction."""

from __future__ import annotations

from blinker import signal

# Sent with the new User, `invitation_code`, `utm`, `by`; receivers may call `tie_to_sponsor` (ID-32).
user_registered = signal("identity.user_registered")

# Sent with the User and `reason`, `by`.
user_suspended = signal("identity.user_suspended")
user_reopened = signal("identity.user_reopened")

# Sent with the User, `by`: somebody who had asked to be erased has come back in time.
user_returned = signal("identity.user_returned")

# What must reach a person now. Sent with the row that keeps the hash, the clear `code` or `token` (which
# exists nowhere else), `locale`, `by`.
code_issued = signal("identity.code_issued")
address_link_issued = signal("identity.address_link_issued")  # with the whole `link`
email_confirmation_issued = signal("identity.email_confirmation_issued")
password_reset_issued = signal("identity.password_reset_issued")

# Sent with the User, `by`; `account_locked` also with `until`, and the `token` and row of the link that opens it.
password_changed = signal("identity.password_changed")
account_locked = signal("identity.account_locked")
# Sent with the User, `cause` (the id of the code), `by`: many wrong codes were typed for their number.
codes_guarded = signal("identity.codes_guarded")

# Sent with the User, `by`; `second_step_locked` also with `until`, `second_factor_changed` with `is_on`.
second_step_locked = signal("identity.second_step_locked")
# Sent with the User who has the `address` that somebody else has named, `cause`, `by`.
address_tried = signal("identity.address_tried")
# Sent with the User, `by`: an address that the account had is proved now.
contact_proved = signal("identity.contact_proved")
# Sent with the User, the `change`, the `token` by which the old one takes it back (None without an old one), `by`.
contact_changed = signal("identity.contact_changed")
# Sent with the User, the `change`, what each kind of contact was until now where it is `lost`, `by`.
contact_reverted = signal("identity.contact_reverted")
# Sent with the User whose staff work went on in another browser and was ended, the `work`, `by`.
staff_work_moved = signal("identity.staff_work_moved")
# Sent with the User, `device`, `by`.
new_device_seen = signal("identity.new_device_seen")
second_factor_changed = signal("identity.second_factor_changed")

# Sent with the User, `name`, `is_new`, `by`: a passkey, and a provider that opens the account.
passkey_changed = signal("identity.passkey_changed")
way_in_changed = signal("identity.way_in_changed")
