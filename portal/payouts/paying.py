"""Asking Wave for a payout, never with a transaction open (Wave contract §4 and §6)."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import select

from portal import gateways
from portal.gateways.wave import Payout as WavePayout
from portal.gateways.wave import (
    PayoutOrder,
    PayoutStatus,
    WaveGateway,
    WaveRefused,
    WaveThrottled,
    WaveUnknownOutcome,
)
from portal.kernel import clock
from portal.kernel.db import db, in_transaction, transaction
from portal.payments.methods import destination_phone
from portal.payments.models import PaymentMethod
from portal.payouts import models, outcomes

_LOST_AFTER = timedelta(minutes=5)
_CHUNK = 200
_BUDGET_SECONDS = 120.0
_PATIENCE = 3
_MISMATCH = "idempotency-mismatch"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Errand:
    """All that is needed to ask Wave, read before the call and free of the session."""

    payout_id: UUID
    order: PayoutOrder
    key: str
    known_reference: str | None
    tried_before: bool


def pay(payout_id: UUID) -> str:
    """Claim, ask, record; what came of it. Killed anywhere, it is found again and asks with the same key."""
    errand = in_transaction(lambda: _claimed(payout_id))
    if errand is None:
        return "passed"
    try:
        answer = _ask(gateways.wave(current_app.config["SETTINGS"]), errand)
    except WaveRefused as refusal:
        return _take_refusal(errand, refusal)
    except WaveThrottled as throttled:
        _note_unknown(errand, str(throttled), wait=timedelta(seconds=throttled.retry_after or 0))
        return "throttled"
    except WaveUnknownOutcome as unknown:
        _note_unknown(errand, str(unknown))
        return "unanswered"
    return _take_answer(errand, answer)


def pay_due() -> dict[str, int]:
    """Ask about every payout that is due; counts by what came of each (STL-11).

    Stops early when Wave does not answer or asks to slow down: what is left falls due again.
    """
    with transaction():
        due = due_payouts()
    counts: Counter[str] = Counter()
    deadline = time.monotonic() + _BUDGET_SECONDS
    for payout_id in due:
        if counts["throttled"] or counts["unanswered"] >= _PATIENCE or time.monotonic() > deadline:
            break
        try:
            counts[pay(payout_id)] += 1
        except Exception:
            # One payout that cannot be asked for must not keep the others waiting.
            log.exception("payout_broken", payout_id=str(payout_id))
            counts["broken"] += 1
    return dict(counts)


def due_payouts() -> list[UUID]:
    """Payouts whose outcome is to be asked for (again), and pending ones that no worker took."""
    moment = clock.now()
    row, status = models.Payout, models.PayoutStatus
    is_open = (row.status == status.PROCESSING) & (row.next_check_at <= moment)
    is_lost = (row.status == status.PENDING) & (row.updated_at <= moment - _LOST_AFTER)
    statement = select(row.id).where(is_open | is_lost).order_by(row.next_check_at, row.id).limit(_CHUNK)
    return list(db.session.execute(statement).scalars())


def _claimed(payout_id: UUID) -> _Errand | None:
    payout = outcomes.claim(payout_id)
    if payout is None:
        return None
    method = db.session.get_one(PaymentMethod, payout.payment_method_id)
    order = PayoutOrder(
        receive_amount=payout.amount_minor,
        mobile=destination_phone(method),
        client_reference=payout.idempotency_key,
        currency=payout.currency,
        name=method.holder_name,
        payment_reason=payout.payment_reason,
    )
    return _Errand(
        payout.id,
        order,
        payout.idempotency_key,
        payout.provider_data.get("payout_id"),
        tried_before=payout.check_count > 1,
    )


def _ask(wave: WaveGateway, errand: _Errand) -> WavePayout:
    if errand.known_reference is not None:
        return wave.get_payout(errand.known_reference)
    return wave.create_payout(errand.order, idempotency_key=errand.key)


def _take_refusal(errand: _Errand, refusal: WaveRefused) -> str:
    log.warning("payout_refused", payout_id=str(errand.payout_id), code=refusal.code)
    if _says_nothing_of_it(errand, refusal):
        _note_unknown(errand, str(refusal))
        return "unanswered"
    in_transaction(lambda: outcomes.fail(errand.payout_id, errand.key, refusal.code, str(refusal)))
    return "refused"


def _says_nothing_of_it(errand: _Errand, refusal: WaveRefused) -> bool:
    """Whether Wave refused our question and not the payout, which an earlier try may have made."""
    return (
        errand.known_reference is not None
        or refusal.code == _MISMATCH
        or (errand.tried_before and refusal.is_about_access)
    )


def _take_answer(errand: _Errand, answer: WavePayout) -> str:
    if answer.status is PayoutStatus.SUCCEEDED:
        paid = outcomes.Paid(answer.id, answer.fee or 0)
        in_transaction(lambda: outcomes.complete(errand.payout_id, errand.key, paid))
        return "paid"
    if answer.status in (PayoutStatus.FAILED, PayoutStatus.REVERSED):
        code = answer.error.code if answer.error else f"payout-{answer.status}"
        message = answer.error.message if answer.error else code
        in_transaction(lambda: outcomes.fail(errand.payout_id, errand.key, code, message))
        return "refused"
    _note_unknown(errand, answer.status, reference=answer.id)
    return "waiting"


def _note_unknown(
    errand: _Errand, why: str, *, reference: str | None = None, wait: timedelta = timedelta(0)
) -> None:
    in_transaction(
        lambda: outcomes.note_unknown(errand.payout_id, errand.key, why, reference=reference, wait=wait)
    )
