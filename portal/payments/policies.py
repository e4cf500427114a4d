"""What may be done with a payment, as one sees it on a page; the services decide again under the lock."""

from __future__ import annotations

from collections.abc import Iterable

from portal.payments.models import PaymentStatus, PaymentTransaction, Refund, RefundStatus, TransactionType

PAID = frozenset({PaymentStatus.SUCCEEDED, PaymentStatus.PARTIALLY_REFUNDED})
RUNNING = frozenset({RefundStatus.PENDING, RefundStatus.PROCESSING})


def is_refundable(payment: PaymentTransaction) -> bool:
    """Whether some of its money is with us and could go back."""
    return payment.transaction_type is not TransactionType.REFUND and payment.status in PAID


def may_be_refunded(payment: PaymentTransaction, refunds: Iterable[Refund]) -> bool:
    """Whether a refund can be asked for now: one at a time."""
    return is_refundable(payment) and all(refund.status not in RUNNING for refund in refunds)
