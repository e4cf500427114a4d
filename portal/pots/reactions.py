"""What pots do when payments have news of a gift's money."""

from __future__ import annotations

from typing import Any

from portal.kernel.actor import Actor
from portal.payments.events import (
    payment_failed,
    payment_succeeded,
    refund_completed,
    refund_failed,
    refund_requested,
)
from portal.payments.models import PaymentTransaction, Refund
from portal.pots import counting, leftover, returning
from portal.pots.models import Donation


@payment_succeeded.connect
def count_gift(payment: PaymentTransaction, *, by: Actor, **_more: Any) -> None:
    """The money of a gift has arrived."""
    if payment.source_type == Donation.__tablename__:
        counting.gift_paid(payment, by=by)


@payment_failed.connect
def note_failure(payment: PaymentTransaction, *, by: Actor, **_more: Any) -> None:
    """A gift was not paid."""
    if payment.source_type == Donation.__tablename__:
        counting.gift_failed(payment, by=by)


@refund_requested.connect
def set_money_aside(refund: Refund, *, by: Actor, **_more: Any) -> None:
    """A gift is asked back."""
    returning.set_aside(refund, by=by)


@refund_completed.connect
def take_money_out(refund: Refund, *, by: Actor, **_more: Any) -> None:
    """A gift is back with its donor."""
    returning.money_is_back(refund, by=by)


@refund_failed.connect
def free_money(refund: Refund, *, by: Actor, **_more: Any) -> None:
    """A gift could not be given back."""
    returning.money_stays(refund, by=by)
    leftover.take_refused_share(refund, by=by)
