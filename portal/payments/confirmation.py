"""Turning a payment into money received, or into one that never came.

The story of a payment (DON-18 to DON-23, PAY-22; walls 2 and 3; Wave contract §5 and §9):

1. `start_payment` (services.py) writes a pending payment for the row it is for, once.
2. `open_checkout` (checkout.py) claims it, asks Wave for a session that carries the payment's id, and the
   payer is sent there. The way back to our pages proves nothing.
3. News of a session comes from three sides: a signed webhook (webhooks.py), the poll of open payments
   (polling.py), and the provider's daily list (matching.py). It comes doubled, late, out of order, or not at
   all. All three bring a session as Wave shows it to `take_session`, and nowhere else does news mean anything.
4. A paid session is confirmed by `confirm_payment`, under the payment's lock and once for each transaction at
   Wave: the amount is the one asked for, the payment turns to succeeded, and `payment_succeeded` lets the
   room it was for post the money, all in one transaction.
5. When the newest session closes unpaid, the payment fails. Proof that comes later still turns it to
   succeeded.
6. Money that cannot be counted (another amount, a payment already counted or called off) is kept apart as a
   payment of its own (apart.py), which no signal announces and the books show as unexplained. Operators are
   told; what was paid twice is sent back by itself.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from portal.audit.services import record
from portal.gateways.wave import CheckoutStatus, Session
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict
from portal.kernel.i18n import _
from portal.kernel.money import Money
from portal.kernel.states import advance
from portal.payments import alerts
from portal.payments.apart import keep_apart
from portal.payments.events import payment_failed, payment_review_requested, payment_succeeded
from portal.payments.models import (
    PAYMENT_STEPS,
    PaymentStatus,
    PaymentTransaction,
    RefundReason,
    Review,
)
from portal.payments.provider import adopt_session
from portal.payments.refunds import request_refund
from portal.payments.rows import locked_payment

OPEN = frozenset({PaymentStatus.PENDING, PaymentStatus.PROCESSING})
# Why a payment did not arrive, where Wave gives no reason of its own.
EXPIRED = "expired"
ABANDONED = "abandoned"
NOT_COUNTED = "not_counted"

# When an open payment is looked at again; the last wait repeats.
_WAITS = tuple(timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 300, 600))
_AFTER_EXPIRY = timedelta(seconds=30)
_UNCLEAR_AFTER = timedelta(hours=1)


def take_session(payment_id: UUID, session: Session, *, by: Actor) -> None:
    """Apply what Wave shows of one of the payment's sessions, in the caller's transaction. Harmless again.

    Raises `NotFound`.
    """
    if session.is_paid:
        confirm_payment(payment_id, session, by)
        return
    payment = locked_payment(payment_id)
    if payment.status not in OPEN or payment.needs_review:
        return
    if payment.provider_session_id is None:
        adopt_session(payment, session)
    if payment.provider_session_id != session.id:
        return
    if session.checkout_status is CheckoutStatus.EXPIRED:
        _close_unpaid(payment, session, by)
    else:
        _keep_waiting(payment, session, by)


def confirm_payment(payment_id: UUID, session: Session, by: Actor) -> None:
    """Count the money of a paid session, once, in the caller's transaction (DON-20, DON-23, PAY-22).

    Raises `NotFound`, `ValueError` when the session is not paid, and whatever a receiver of
    `payment_succeeded` raises; nothing is counted then.
    """
    if not session.is_paid:
        raise ValueError("only a paid session confirms a payment")
    payment = locked_payment(payment_id)
    if payment.provider_reference == session.transaction_id:
        return
    if Money(session.amount, session.currency) != payment.money:
        _keep_other_amount(payment, session, by)
    elif not PAYMENT_STEPS.allows(payment.status, PaymentStatus.SUCCEEDED):
        _send_back_surplus(payment, session, by)
    else:
        _count(payment, session, by)


def fail_payment(payment_id: UUID, code: str, by: Actor) -> None:
    """End a payment that is still open as not paid; `code` says why. Harmless for one that has ended."""
    payment = locked_payment(payment_id)
    if payment.status not in OPEN:
        return
    advance(payment, PaymentStatus.FAILED, by=by, reason=code[:100])
    payment.failure_code = code[:100]
    payment.failed_at = clock.now()
    payment.next_check_at = payment.claimed_until = None
    db.session.flush()
    payment_failed.send(payment, by=by)


def ask_for_review(payment_id: UUID, review: Review, by: Actor) -> None:
    """Put a payment on the operators' list; nothing more happens to it by itself."""
    payment = locked_payment(payment_id)
    payment.needs_review = True
    payment.review_reason = review
    payment.next_check_at = None
    db.session.flush()
    payment_review_requested.send(payment, reason=review)


def close_review(payment_id: UUID, note: str, *, by: Actor) -> None:
    """A person has looked: off the list, and a payment that was still open ends as not paid.

    Raises `NotFound`, and `Conflict` when it is not on the list.
    """
    payment = locked_payment(payment_id)
    if not payment.needs_review:
        raise Conflict(_("This payment does not wait for a check."))
    payment.needs_review = False
    record(
        "payment_review_closed",
        ("payment_transactions", payment.id),
        by=by,
        old={"review_reason": payment.review_reason},
        reason=note,
    )
    db.session.flush()
    fail_payment(payment_id, NOT_COUNTED, by)


def plan_next_check(payment: PaymentTransaction) -> None:
    """Say when an open payment is looked at again: ever later, but soon after its session's time is over."""
    at = clock.now() + _WAITS[min(payment.check_count, len(_WAITS) - 1)]
    expiry = payment.session_expires_at
    if expiry is not None and clock.now() < expiry + _AFTER_EXPIRY < at:
        at = expiry + _AFTER_EXPIRY
    payment.next_check_at = at


def _count(payment: PaymentTransaction, session: Session, by: Actor) -> None:
    advance(payment, PaymentStatus.SUCCEEDED, by=by, reason=session.transaction_id)
    adopt_session(payment, session)
    payment.provider_reference = session.transaction_id
    payment.succeeded_at = clock.now()
    payment.failure_code = payment.next_check_at = payment.claimed_until = None
    if payment.review_reason == Review.UNCLEAR:
        payment.needs_review = False
    db.session.flush()
    payment_succeeded.send(payment, by=by)


def _close_unpaid(payment: PaymentTransaction, session: Session, by: Actor) -> None:
    """The newest session is over; unless a new one is being asked for, that was it."""
    if payment.claimed_until is not None and payment.claimed_until > clock.now():
        return
    failure = session.last_payment_error
    fail_payment(payment.id, failure.code if failure else EXPIRED, by)


def _keep_waiting(payment: PaymentTransaction, session: Session, by: Actor) -> None:
    """Neither paid nor closed: the payer may still try; long after its time that is no answer any more."""
    if clock.now() > session.when_expires + _UNCLEAR_AFTER:
        ask_for_review(payment.id, Review.UNCLEAR, by)
        alerts.unclear(payment, by=by)
        return
    payment.failure_code = session.last_payment_error.code if session.last_payment_error else None
    plan_next_check(payment)


def _keep_other_amount(payment: PaymentTransaction, session: Session, by: Actor) -> None:
    if keep_apart(payment, session, Review.AMOUNT_DIFFERS, by) is None:
        return
    ask_for_review(payment.id, Review.AMOUNT_DIFFERS, by)
    alerts.amount_differs(payment, session, by=by)


def _send_back_surplus(payment: PaymentTransaction, session: Session, by: Actor) -> None:
    surplus_id = keep_apart(payment, session, Review.PAID_TWICE, by)
    if surplus_id is None:
        return
    payment_review_requested.send(payment, reason=Review.PAID_TWICE)
    alerts.paid_twice(payment, surplus_id, session, by=by)
    request_refund(surplus_id, RefundReason.ADMIN_ACTION, f"surplus of {payment.id}", by=by)
