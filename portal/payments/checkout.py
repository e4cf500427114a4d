"""Sending the payer to Wave: one open session for each payment, whatever is clicked or crashes (DON-18).

1. Claim: under the payment's lock, pending turns to processing and the claim is held for `_LEASE`. A second
   click or tab finds the first one's session, or waits a moment for it, holding nothing. Commit.
2. Call, with no transaction open. If an earlier claim left no session behind, it may have crashed after Wave
   had made one, so sessions with our reference are searched before another is made.
3. Result: the session is written down, or the refusal, or nothing when the outcome is unknown: the claim
   then ends, and whoever comes next (the payer or the poll) finds the session by its reference.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from portal.gateways.wave import (
    CheckoutStatus,
    Session,
    WaveGateway,
    WaveRefused,
    WaveThrottled,
    WaveUnknownOutcome,
)
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import transaction
from portal.kernel.pages import public_url
from portal.kernel.states import advance
from portal.payments.confirmation import OPEN, fail_payment, plan_next_check, take_session
from portal.payments.models import PaymentStatus, PaymentTransaction
from portal.payments.provider import adopt_session, reference_of, wave
from portal.payments.rows import locked_payment

# Longer than the call can take, connecting and reading and searching included.
_LEASE = timedelta(seconds=90)
# How long a second click waits for the session of the first, and how often it looks.
_PATIENCE_SECONDS = 5.0
_LOOK_EVERY_SECONDS = 0.1

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CheckoutAnswer:
    """Where to send the payer, and how far the payment is.

    `processing` without a `url`: a session is still being made, or Wave cannot be asked now; ask again in a moment.
    """

    url: str | None
    state: PaymentStatus


@dataclass(frozen=True, slots=True)
class _Order:
    """All that Wave is asked, read before the call and free of the session."""

    payment_id: UUID
    amount: int
    currency: str
    success_url: str
    error_url: str
    may_exist: bool


def open_checkout(payment_id: UUID, by: Actor) -> CheckoutAnswer:
    """The address of the payment's open Wave session, made if there is none (DON-18, PAY-22).

    Commits, so the caller must have nothing unsaved; makes a call to Wave. A refusal fails the payment.
    Raises `NotFound`.
    """
    claimed = _claim_in_turn(payment_id, by)
    if isinstance(claimed, CheckoutAnswer):
        return claimed
    try:
        session = _find_or_create(wave(), claimed)
    except WaveRefused as refusal:
        return _record_refusal(payment_id, refusal, by)
    except (WaveUnknownOutcome, WaveThrottled) as unknown:
        log.warning("checkout_unanswered", payment_id=str(payment_id), error=type(unknown).__name__)
        return _release(payment_id, by)
    return _record_session(payment_id, session, by)


def _claim_in_turn(payment_id: UUID, by: Actor) -> CheckoutAnswer | _Order:
    """The claim, or what came of the claim that somebody else holds, if that ends soon enough."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        claimed = _claim(payment_id, by)
        if claimed is not None:
            return claimed
        if time.monotonic() >= deadline:
            return CheckoutAnswer(None, PaymentStatus.PROCESSING)
        _let_the_other_go_on()


def _let_the_other_go_on() -> None:
    time.sleep(_LOOK_EVERY_SECONDS)


def _claim(payment_id: UUID, by: Actor) -> CheckoutAnswer | _Order | None:
    """The order to place, or the answer when there is nothing to order; None while another is asking Wave."""
    with transaction(by):
        payment = locked_payment(payment_id)
        moment = clock.now()
        if payment.status not in OPEN or payment.needs_review:
            return CheckoutAnswer(None, payment.status)
        if _is_usable(payment):
            return CheckoutAnswer(payment.payment_url, payment.status)
        if payment.claimed_until is not None and payment.claimed_until > moment:
            return None
        may_exist = payment.status is PaymentStatus.PROCESSING
        if not may_exist:
            advance(payment, PaymentStatus.PROCESSING, by=by)
        payment.claimed_until = payment.next_check_at = moment + _LEASE
        return _Order(
            payment_id=payment.id,
            amount=payment.amount_minor,
            currency=payment.currency,
            success_url=public_url(payment.provider_data["success_path"]),
            error_url=public_url(payment.provider_data["error_path"]),
            may_exist=may_exist,
        )


def _is_usable(payment: PaymentTransaction) -> bool:
    """Whether the payer can still be sent to the session we know."""
    expiry = payment.session_expires_at
    return payment.payment_url is not None and expiry is not None and expiry > clock.now()


def _find_or_create(gateway: WaveGateway, order: _Order) -> Session:
    """A paid session if there is one, else an open one, else a new one."""
    reference = reference_of(order.payment_id)
    made = gateway.search_sessions(reference) if order.may_exist else []
    paid = [session for session in made if session.is_paid]
    if paid:
        return paid[0]
    still_open = [
        session
        for session in made
        if session.checkout_status is CheckoutStatus.OPEN and session.when_expires > clock.now()
    ]
    if still_open:
        return still_open[-1]
    return gateway.create_session(
        amount=order.amount,
        currency=order.currency,
        success_url=order.success_url,
        error_url=order.error_url,
        client_reference=reference,
    )


def _record_session(payment_id: UUID, session: Session, by: Actor) -> CheckoutAnswer:
    with transaction(by):
        if session.is_paid:
            take_session(payment_id, session, by=by)
        payment = locked_payment(payment_id)
        if payment.status not in OPEN or payment.needs_review:
            return CheckoutAnswer(None, payment.status)
        adopt_session(payment, session)
        payment.claimed_until = None
        payment.failure_code = None
        payment.check_count = 0
        plan_next_check(payment)
        return CheckoutAnswer(payment.payment_url, payment.status)


def _record_refusal(payment_id: UUID, refusal: WaveRefused, by: Actor) -> CheckoutAnswer:
    """A refusal of what we ask ends the payment; a refusal of who we are does not."""
    log.error("checkout_refused", payment_id=str(payment_id), code=refusal.code)
    if refusal.is_about_access:
        return _release(payment_id, by)
    with transaction(by):
        fail_payment(payment_id, refusal.code, by)
        return CheckoutAnswer(None, locked_payment(payment_id).status)


def _release(payment_id: UUID, by: Actor) -> CheckoutAnswer:
    """End the claim without a session: the next one to come searches before it makes another."""
    with transaction(by):
        payment = locked_payment(payment_id)
        payment.claimed_until = None
        if payment.status in OPEN:
            plan_next_check(payment)
        return CheckoutAnswer(None, payment.status)
