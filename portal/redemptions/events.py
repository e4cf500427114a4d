"""What the room tells others, inside the same transaction. A scan sends nothing: nobody waits at the till."""

from __future__ import annotations

from blinker import signal

code_issued = signal("code_issued")
code_canceled = signal("code_canceled")
code_expired = signal("code_expired")
