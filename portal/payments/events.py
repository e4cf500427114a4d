"""What payments tells other rooms, inside the transaction that makes it true.

A receiver that raises undoes that transaction. Sender first, the rest by keyword:

| signal | sender | keywords |
| --- | --- | --- |
| `payment_succeeded` | `PaymentTransaction`, counted once; the receiver posts it and sets `transfer_id` | `by` |
| `payment_failed` | `PaymentTransaction`, with `failure_code`; late proof may still follow | `by` |
| `payment_review_requested` | `PaymentTransaction` whose money came but was not counted | `reason` |
| `refund_requested` | `Refund`, pending or started anew; the receiver sets the money aside or refuses | `by` |
| `refund_completed` | `Refund` whose money is back with the payer | `by` |
| `refund_failed` | `Refund` that the provider refused; the receiver frees the money again | `by` |
| `payout_reversed` | the provider's name of a payout (its key here); a receiver that booked it answers true | `amount`, `reference`, `by` |

A refund without `donation_id` is of money that was never counted: payments posts it itself (apart.py).
"""

from __future__ import annotations

from blinker import signal

payment_succeeded = signal("payments.payment_succeeded")
payment_failed = signal("payments.payment_failed")
payment_review_requested = signal("payments.payment_review_requested")
refund_requested = signal("payments.refund_requested")
refund_completed = signal("payments.refund_completed")
refund_failed = signal("payments.refund_failed")
payout_reversed = signal("payments.payout_reversed")
