"""What the room tells others, inside the same transaction. A scan sends nothing: nobody waits at the till."""

from __future__ import annotations

from blinker import signal

code_issued = signal("redemptions.code_issued")
# Also given: `to_pot`, whether the price went back to the pot or to the owner's wallet.
code_canceled = signal("redemptions.code_canceled")
code_expired = signal("redemptions.code_expired")
