"""How the values of this room read on a page; states have their words in one table for all rooms."""

from __future__ import annotations

from portal.kernel.i18n import lazy
from portal.payments.confirmation import ABANDONED, EXPIRED, NOT_COUNTED
from portal.payments.models import RefundReason, Review, TransactionType

KIND_LABELS: dict[str, str] = {
    TransactionType.DONATION: lazy("Gift of money"),
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

# Why a payment did not arrive: Wave's own codes, then ours.
FAILURE_LABELS: dict[str, str] = {
    "insufficient-funds": lazy("There was not enough money on the Wave account."),
    "blocked-account": lazy("The Wave account is blocked."),
    "cross-border-payment-not-allowed": lazy("Wave does not allow this payment from another country."),
    "customer-age-restricted": lazy("Wave does not allow this payment at the payer's age."),
    "kyb-limits-exceeded": lazy("Our Wave account has reached its limit."),
    "payer-mobile-mismatch": lazy("Another number than the one announced tried to pay."),
    "payment-failure": lazy("Wave could not carry out the payment."),
    "checkout-refund-failed": lazy("Wave could not give the money back."),
    "no payment of ours belongs to this money": lazy("No payment of ours belongs to this money."),
    EXPIRED: lazy("The time to pay ran out."),
    ABANDONED: lazy("The payer never went to Wave."),
    NOT_COUNTED: lazy("The money that came could not be counted."),
}

# What every page of this room may need.
PAGE_WORDS: dict[str, object] = {
    "kind_labels": KIND_LABELS,
    "reason_labels": REASON_LABELS,
    "review_labels": REVIEW_LABELS,
    "failure_labels": FAILURE_LABELS,
}
