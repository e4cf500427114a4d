"""Asking Wave to give money back, never with a transaction open; the story is in `refunds.py`."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from portal.gateways.wave import (
    Payout,
    PayoutOrder,
    PayoutStatus,
    WaveGateway,
    WaveRefused,
    WaveThrottled,
    WaveUnknownOutcome,
)
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, in_transaction, transaction
from portal.payments.models import PaymentTransaction, Refund
from portal.payments.policies import RUNNING
from portal.payments.provider import wave
from portal.payments.refunds import (
    claim_refund,
    complete_refund,
    fail_refund,
    is_whole,
    note_unsettled,
    number_to_refund,
    refund_key,
)

_REASON = "Remboursement Teranga"
# Until then a refund is its follow-up's; after that `ask_open` asks, for as long as it takes.
_LEFT_ALONE_FOR = timedelta(minutes=15)
_CHUNK = 200
_BUDGET_SECONDS = 120.0

log = structlog.get_logger(__name__)


class NotSettled(RuntimeError):
    """Wave has not said yes or no: the refund is asked for again, with the same words."""


@dataclass(frozen=True, slots=True)
class _Errand:
    """What to ask Wave, read before the call and free of the session: a session or a payout."""

    refund_id: UUID
    session_id: str | None
    payout: PayoutOrder | None
    key: str
    payout_id: str | None


def refund(refund_id: UUID) -> None:
    """Claim, ask, record (DON-27, DON-28). Killed anywhere, it is found again and asks the same.

    Raises `NotSettled` while the outcome is open, so that it is tried again.
    """
    with transaction():
        claimed = claim_refund(refund_id, by=SYSTEM)
        errand = _errand(*claimed) if claimed is not None else None
    if errand is None:
        return
    try:
        _ask(wave(), errand)
    except WaveRefused as refusal:
        _take_refusal(errand, refusal)
    except (WaveUnknownOutcome, WaveThrottled) as unknown:
        _wait(errand, f"{type(unknown).__name__}: {unknown}")


def ask_open() -> dict[str, int]:
    """Ask again about every refund that has waited for long; counts by what came of each (DON-28, wall 2).

    A follow-up gives up after some hours, and no message of Wave ever tells of a refund.
    """
    with transaction():
        waiting = _waiting_for_long()
    counts: Counter[str] = Counter()
    deadline = time.monotonic() + _BUDGET_SECONDS
    for refund_id in waiting:
        if time.monotonic() > deadline:
            break
        try:
            refund(refund_id)
            counts["settled"] += 1
        except NotSettled:
            counts["waiting"] += 1
        except Exception:
            # One refund that cannot be asked for must not keep the others waiting.
            log.exception("refund_broken", refund_id=str(refund_id))
            counts["broken"] += 1
    return dict(counts)


def _waiting_for_long() -> list[UUID]:
    """Refunds under way that nothing has been heard of for a while, the longest silent first."""
    silent = Refund.updated_at <= clock.now() - _LEFT_ALONE_FOR
    statement = select(Refund.id).where(Refund.status.in_(RUNNING), silent)
    return list(db.session.execute(statement.order_by(Refund.updated_at, Refund.id).limit(_CHUNK)).scalars())


def _errand(refund: Refund, payment: PaymentTransaction) -> _Errand:
    key = refund_key(refund)
    if is_whole(refund, payment):
        return _Errand(refund.id, payment.provider_session_id, None, key, None)
    number = number_to_refund(payment)
    assert number is not None, "fixed when the refund was asked for"
    order = PayoutOrder(
        receive_amount=refund.amount_minor,
        mobile=number,
        client_reference=key,
        currency=refund.currency,
        payment_reason=_REASON,
    )
    return _Errand(refund.id, None, order, key, refund.provider_refund_id)


def _ask(gateway: WaveGateway, errand: _Errand) -> None:
    if errand.payout is None:
        assert errand.session_id is not None
        gateway.refund_session(errand.session_id)
        in_transaction(lambda: complete_refund(errand.refund_id, None, by=SYSTEM))
        return
    if errand.payout_id is not None:
        answer = gateway.get_payout(errand.payout_id)
    else:
        answer = gateway.create_payout(errand.payout, idempotency_key=errand.key)
    _take_payout(errand, answer)


def _take_payout(errand: _Errand, payout: Payout) -> None:
    if payout.status is PayoutStatus.SUCCEEDED:
        fee = payout.fee or 0
        in_transaction(lambda: complete_refund(errand.refund_id, payout.id, fee=fee, by=SYSTEM))
    elif payout.status in (PayoutStatus.FAILED, PayoutStatus.REVERSED):
        why = payout.error.code if payout.error else f"payout {payout.status}"
        in_transaction(lambda: fail_refund(errand.refund_id, why, by=SYSTEM))
    else:
        _wait(errand, f"payout {payout.status}", reference=payout.id)


def _take_refusal(errand: _Errand, refusal: WaveRefused) -> None:
    """A refusal of us says nothing of the refund; a refusal of the refund ends it."""
    log.warning("refund_refused", refund_id=str(errand.refund_id), code=refusal.code)
    if refusal.is_about_access:
        _wait(errand, refusal.code)
    else:
        in_transaction(lambda: fail_refund(errand.refund_id, refusal.code, by=SYSTEM))


def _wait(errand: _Errand, why: str, *, reference: str | None = None) -> None:
    in_transaction(lambda: note_unsettled(errand.refund_id, why, reference=reference))
    db.session.remove()
    raise NotSettled(why)
