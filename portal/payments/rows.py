"""Payments and refunds under their locks, always the payment before its refund."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.payments.models import PaymentTransaction, Refund


def locked_payment(payment_id: UUID) -> PaymentTransaction:
    """The payment as it is now, for this transaction alone. Raises `NotFound`."""
    payment = db.session.get(PaymentTransaction, payment_id, with_for_update=True, populate_existing=True)
    if payment is None:
        raise NotFound
    return payment


def locked_refund(refund_id: UUID) -> tuple[Refund, PaymentTransaction]:
    """The refund and its payment as they are now, for this transaction alone. Raises `NotFound`."""
    payment_id = db.session.execute(
        select(Refund.payment_transaction_id).where(Refund.id == refund_id)
    ).scalar_one_or_none()
    if payment_id is None:
        raise NotFound
    payment = locked_payment(payment_id)
    return db.session.get_one(Refund, refund_id, with_for_update=True, populate_existing=True), payment
