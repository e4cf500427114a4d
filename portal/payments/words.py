"""How the values of this room read on a page; states have their words in one table for all rooms."""

from __future__ import annotations

from portal.kernel.i18n import lazy
from portal.payments.models import RefundReason, Review, TransactionType

KIND_LABELS: dict[str, str] = {
    TransactionType.DONATION: lazy("Gift"),
    TransactionType.REFUND: lazy("Refund"),
    TransactionType.CAMPAIGN_BUDGET: lazy("Boost budget"),
    TransactionType.LEAD_CREDITS: lazy("Lead credits"),
    TransactionType.SUBSCRIPTION: lazy("Subscription"),
    TransactionType.CASE_FEE: lazy("Case fee"),
    TransactionType.EVENT_TICKET: lazy("Ticket"),
    TransactionType.SERVICE_BOOKING: lazy("Booking"),
    TransactionType.MARKETPLACE_ORDER: lazy("Order"),
}
REASON_LABELS: dict[str, str] = {
    RefundReason.USER_REQUEST: lazy("The payer asked for it"),
    RefundReason.ADMIN_ACTION: lazy("Our decision"),
    RefundReason.FRAUD: lazy("Fraud"),
    RefundReason.DISPUTE: lazy("Dispute"),
    RefundReason.FAILED_POT: lazy("The pot came to nothing"),
    RefundReason.CANCELED: lazy("What was paid for is canceled"),
}
REVIEW_LABELS: dict[str, str] = {
    Review.AMOUNT_DIFFERS: lazy("Another amount than asked for was received; it is not counted."),
    Review.PAID_TWICE: lazy("Paid although it was counted already; this surplus is sent back."),
    Review.UNCLEAR: lazy("Long after its time, Wave shows neither success nor failure."),
    Review.REFUNDED_OUTSIDE: lazy("Wave shows a refund that could not be recorded here by itself."),
}

# What every page of this room may need.
PAGE_WORDS: dict[str, object] = {
    "kind_labels": KIND_LABELS,
    "reason_labels": REASON_LABELS,
    "review_labels": REVIEW_LABELS,
}
