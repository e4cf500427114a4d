"""Looking at open payments again, because a webhook may never come (DON-23, wall 2).

Each look is planned in the row (`next_check_at`), so nothing depends on when or how often this runs: after
three days of downtime everything is due, and every answer that Wave gives then still counts.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select, update

from portal.gateways.wave import (
    CheckoutStatus,
    Session,
    WaveGateway,
    WaveRefused,
    WaveThrottled,
    WaveUnknownOutcome,
)
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import in_transaction, transaction
from portal.payments.confirmation import ABANDONED, OPEN, fail_payment, plan_next_check, take_session
from portal.payments.models import PaymentStatus, PaymentTransaction
from portal.payments.provider import adopt_session, reference_of, wave
from portal.payments.rows import locked_payment
from portal.payments.services import ABANDONED_AFTER

_CHUNK = 20
_LEASE = timedelta(minutes=2)
_BUDGET_SECONDS = 90.0
_PATIENCE = 3

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Due:
    """An open payment whose time has come, read when it was claimed."""

    id: UUID
    status: PaymentStatus
    session_id: str | None
    created_at: datetime


def poll_open() -> dict[str, int]:
    """Ask Wave about every open payment that is due; counts by what became of each.

    Stops early when Wave does not answer or asks to slow down: what is left falls due again.
    """
    counts: Counter[str] = Counter()
    deadline = time.monotonic() + _BUDGET_SECONDS
    gateway = wave()
    for due in _due_payments():
        try:
            counts[_check(gateway, due)] += 1
        except WaveThrottled:
            counts["throttled"] += 1
            break
        except WaveUnknownOutcome as unknown:
            log.warning("poll_unanswered", payment_id=str(due.id), error=str(unknown))
            counts["unanswered"] += 1
        except Exception:
            # One payment that cannot be settled must not keep the others waiting.
            log.exception("poll_failed", payment_id=str(due.id))
            counts["broken"] += 1
        if time.monotonic() > deadline or counts["unanswered"] == _PATIENCE:
            break
    return dict(counts)


def _due_payments() -> Iterator[_Due]:
    """Claim what is due, a few at a time, until nothing is."""
    while chunk := _claim_due(_CHUNK):
        yield from chunk


def _claim_due(limit: int) -> list[_Due]:
    """Take the payments that have waited the longest, for as long as looking at them may take."""
    moment = clock.now()
    waiting = (
        select(PaymentTransaction.id)
        .where(PaymentTransaction.status.in_(OPEN), PaymentTransaction.next_check_at <= moment)
        .order_by(PaymentTransaction.next_check_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claim = (
        update(PaymentTransaction)
        .where(PaymentTransaction.id.in_(waiting.scalar_subquery()))
        .values(next_check_at=moment + _LEASE, check_count=PaymentTransaction.check_count + 1)
        .returning(
            PaymentTransaction.id,
            PaymentTransaction.status,
            PaymentTransaction.provider_session_id,
            PaymentTransaction.created_at,
        )
        .execution_options(synchronize_session=False)
    )
    with transaction() as session:
        return [_Due(*row) for row in session.execute(claim)]


def _check(gateway: WaveGateway, due: _Due) -> str:
    """Look at one payment and apply what is seen; the state it is in afterwards."""
    sessions = [] if due.status is PaymentStatus.PENDING else _look_up(gateway, due)
    return in_transaction(lambda: _apply(due, sessions))


def _look_up(gateway: WaveGateway, due: _Due) -> list[Session]:
    """The known session while it is open or paid; else every session made for the payment, oldest first."""
    if due.session_id is not None:
        try:
            known = gateway.get_session(due.session_id)
        except WaveRefused as refusal:
            if refusal.status != 404:
                raise
        else:
            if known.is_paid or known.checkout_status is not CheckoutStatus.EXPIRED:
                return [known]
    found = gateway.search_sessions(reference_of(due.id))
    return sorted(found, key=lambda session: session.when_created)


def _apply(due: _Due, sessions: list[Session]) -> str:
    for paid in (session for session in sessions if session.is_paid):
        take_session(due.id, paid, by=SYSTEM)
    payment = locked_payment(due.id)
    if payment.status in OPEN and not payment.needs_review:
        if sessions:
            _take_newest(payment, sessions[-1])
        elif due.created_at + ABANDONED_AFTER < clock.now() and payment.status is due.status:
            fail_payment(payment.id, ABANDONED, SYSTEM)
        else:
            plan_next_check(payment)
    return payment.status


def _take_newest(payment: PaymentTransaction, newest: Session) -> None:
    """Also a session whose making we never heard the end of is the payment's own (DON-18)."""
    if payment.provider_session_id != newest.id:
        adopt_session(payment, newest)
        payment.claimed_until = None
    take_session(payment.id, newest, by=SYSTEM)
