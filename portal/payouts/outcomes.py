"""What a worker takes in hand, and what it writes down of Wave's answer.

Every function names the attempt it speaks of by its key: a worker that comes back late, after the payout has
been tried anew, changes nothing of the new attempt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from portal.audit.services import record
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.states import advance
from portal.ledger import services as ledger
from portal.ledger.models import Transfer
from portal.ledger.queries import standing_of
from portal.ledger.services import Cause
from portal.payments.fees import book_fee
from portal.payouts import alerts
from portal.payouts.events import payout_completed, payout_reversed
from portal.payouts.models import Payout, PayoutStatus
from portal.payouts.services import free_amount, locked_payout

# Longer than a call to Wave can take, so that nobody else asks meanwhile.
_FIRST_CHECK = timedelta(seconds=60)
_LONGEST_WAIT = timedelta(minutes=15)
_ANSWERS_KEPT = 20
# As an answer to a question about the payout would put it (paying.py).
TAKEN_BACK = "payout-reversed"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Paid:
    """What the provider said of a payout that succeeded; `fee` in minor units."""

    reference: str
    fee: int


def claim(payout_id: UUID) -> Payout | None:
    """Take a payout that is due, under its lock; None when there is nothing to do (any more)."""
    payout = locked_payout(payout_id)
    moment = clock.now()
    if payout.status is PayoutStatus.PENDING:
        advance(payout, PayoutStatus.PROCESSING, by=SYSTEM)
        payout.processing_at = moment
        record(
            "payout_started", (Payout.__tablename__, payout.id), by=SYSTEM, new={"attempt": payout.attempt}
        )
    elif payout.status is not PayoutStatus.PROCESSING or not _is_due(payout):
        return None
    payout.check_count += 1
    payout.next_check_at = moment + min(_FIRST_CHECK * 2 ** min(payout.check_count - 1, 10), _LONGEST_WAIT)
    return payout


def complete(payout_id: UUID, key: str, paid: Paid) -> None:
    """The money has arrived: post the transfer, book the fee, tell whoever ordered it. Harmless twice."""
    payout = locked_payout(payout_id)
    if payout.status is PayoutStatus.COMPLETED and payout.idempotency_key == key:
        return
    if not _is_asking(payout, key):
        # The books have given this amount back: a person must look before anything is tried again.
        log.error("payout_paid_after_its_end", payout_id=str(payout_id), key=key, reference=paid.reference)
        alerts.paid_after_its_end(payout, paid.reference)
        return
    _note(payout, "succeeded", paid.reference)
    payout.completed_at = clock.now()
    payout.transaction_reference = paid.reference
    payout.fee_minor = paid.fee
    payout.next_check_at = payout.last_error = None
    advance(payout, PayoutStatus.COMPLETED, by=SYSTEM)
    assert payout.transfer_id is not None
    ledger.settle(payout.transfer_id, by=SYSTEM)
    book_fee(key, paid.fee, (Payout.__tablename__, payout.id), currency=payout.currency, by=SYSTEM)
    record("payout_completed", (Payout.__tablename__, payout.id), by=SYSTEM, new={"fee_minor": paid.fee})
    payout_completed.send(payout, by=SYSTEM)


def fail(payout_id: UUID, key: str, code: str, message: str) -> None:
    """A clear refusal: the amount is free again and a person decides what next. Harmless twice."""
    payout = locked_payout(payout_id)
    if not _is_asking(payout, key):
        return
    _note(payout, code)
    payout.failed_at = clock.now()
    payout.failure_code = code[:100]
    payout.last_error = message[:2000]
    payout.next_check_at = None
    advance(payout, PayoutStatus.FAILED, by=SYSTEM, reason=code)
    free_amount(payout, SYSTEM)
    record("payout_failed", (Payout.__tablename__, payout.id), by=SYSTEM, reason=code)
    alerts.payout_failed(payout)


def take_back(key: str, amount: int, reference: str) -> bool:
    """The provider has taken the payout of this key back after it had arrived: its payee is owed it again.

    False when no attempt of ours moved that much under this key. Harmless twice, and for an attempt that has
    been followed by another.
    """
    payout = _locked_by_transfer(key)
    if payout is None or payout.amount_minor != amount:
        return False
    undoing = f"{key}:taken-back"
    if undoing in standing_of([undoing]):
        return True
    if payout.status is not PayoutStatus.COMPLETED or payout.idempotency_key != key:
        return False
    assert payout.transfer_id is not None
    cause = Cause("payout_taken_back", Payout.__tablename__, payout.id, undoing)
    ledger.reverse(payout.transfer_id, cause, by=SYSTEM)
    advance(payout, PayoutStatus.FAILED, by=SYSTEM, reason=TAKEN_BACK)
    _note(payout, TAKEN_BACK, reference)
    payout.failed_at = clock.now()
    payout.failure_code = TAKEN_BACK
    payout.completed_at = payout.transaction_reference = None
    record("payout_reversed", (Payout.__tablename__, payout.id), by=SYSTEM, reason=reference)
    alerts.payout_taken_back(payout, reference)
    payout_reversed.send(payout, by=SYSTEM)
    return True


def note_unknown(
    payout_id: UUID,
    key: str,
    why: str,
    *,
    reference: str | None = None,
    wait: timedelta = timedelta(0),
) -> None:
    """No usable answer, or not settled yet: keep what is known; the payout stays in processing.

    `wait` is how long Wave asked us to keep still.
    """
    payout = locked_payout(payout_id)
    if not _is_asking(payout, key):
        return
    _note(payout, why, reference)
    payout.last_error = why[:2000]
    if payout.next_check_at is not None:
        payout.next_check_at = max(payout.next_check_at, clock.now() + wait)
    if reference is not None:
        payout.provider_data = payout.provider_data | {"payout_id": reference}


def _is_asking(payout: Payout, key: str) -> bool:
    return payout.status is PayoutStatus.PROCESSING and payout.idempotency_key == key


def _locked_by_transfer(key: str) -> Payout | None:
    """The payout that had its money set aside under this key, whichever attempt it was."""
    payout_id = db.session.execute(
        select(Transfer.source_id).where(
            Transfer.idempotency_key == key, Transfer.source_type == Payout.__tablename__
        )
    ).scalar()
    return locked_payout(payout_id) if payout_id is not None else None


def _is_due(payout: Payout) -> bool:
    return payout.next_check_at is not None and payout.next_check_at <= clock.now()


def _note(payout: Payout, said: str, reference: str | None = None) -> None:
    """Keep the provider's last answers for the people who look at the payout (PO-12)."""
    answer = {
        "at": clock.now().isoformat(),
        "attempt": payout.attempt,
        "said": said[:500],
        "reference": reference,
    }
    answers = [*payout.provider_data.get("answers", []), answer][-_ANSWERS_KEPT:]
    payout.provider_data = payout.provider_data | {"answers": answers}
