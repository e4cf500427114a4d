"""The signals this room sends, inside the transaction that makes them true.

| signal | sender | also given |
| --- | --- | --- |
| `pot_opened` | Pot | by |
| `pot_funded` | Pot | by |
| `pot_expired` | Pot | by; `pot.choose_until` says until when a pack may be chosen |
| `pot_closed` | Pot | outcome (an `Outcome`), by |
| `donation_succeeded` | Donation | pot, first (the pot's first gift), by |
| `donation_refunded` | Donation | pot, by |
"""

from __future__ import annotations

from blinker import signal

pot_opened = signal("pots.pot_opened")
pot_funded = signal("pots.pot_funded")
pot_expired = signal("pots.pot_expired")
pot_closed = signal("pots.pot_closed")
donation_succeeded = signal("pots.donation_succeeded")
donation_refunded = signal("pots.donation_refunded")
