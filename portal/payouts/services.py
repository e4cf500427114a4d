"""Setting money aside for somebody, and what becomes of it.

The story of a payout (wall 2; Wave contract §4 and §6):

1. `order_payout` writes the payout and a pending transfer in one transaction: the amount is set aside.
   A follow-up tells a worker after the commit.
2. `claim` takes the payout under its lock, turns it to processing and commits. Only then is Wave asked,
   with the payout's own idempotency key and with the very same words each time (`paying.py`).
3. `complete` posts the transfer and books the fee that Wave returned; `fail` gives the amount back.
4. No usable answer means nothing: the payout stays in processing, falls due again, and is asked for with
   the same key. Only a clear refusal fails it, and only a person or a rule starts a new attempt, with a
   new key and a new transfer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from portal.audit.services import record
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.i18n import _
from portal.kernel.ids import new_id
from portal.kernel.jobs import follow_up
from portal.kernel.money import Money
from portal.kernel.states import advance, remember
from portal.ledger import services as ledger
from portal.ledger.accounts import AccountRef, platform, provider_clearing
from portal.ledger.models import Purpose
from portal.ledger.services import Cause
from portal.payments.models import WAVE_PROVIDER_ID, PaymentMethod
from portal.payouts.events import payout_completed, payout_failed
from portal.payouts.models import Payout, PayoutStatus

PAY_JOB = "payouts.pay"
_FIRST_CHECK = timedelta(seconds=60)
_LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Payee:
    """Whose money leaves, from which account, to which saved destination."""

    account: AccountRef
    method: PaymentMethod
    user_id: UUID | None = None
    partner_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Paid:
    """What the provider said of a payout that succeeded; `fee` in minor units."""

    reference: str
    fee: int


def order_payout(payee: Payee, amount: Money, source: tuple[str, UUID], *, by: Actor) -> Payout:
    """Set `amount` aside and have it paid; a repeat for the same `source` finds the first (PAY-22).

    Raises `InsufficientFunds` when the account holds less.
    """
    key = f"payout:{source[0]}:{source[1]}"
    existing = db.session.execute(
        select(Payout).where(Payout.source_type == source[0], Payout.source_id == source[1]).with_for_update()
    ).scalar_one_or_none()
    if existing is not None:
        return existing
    payout = Payout(
        id=new_id(),
        user_id=payee.user_id,
        partner_id=payee.partner_id,
        amount_minor=amount.minor,
        currency=amount.currency,
        method=payee.method.method,
        payment_method_id=payee.method.id,
        idempotency_key=f"{key}:1",
        source_type=source[0],
        source_id=source[1],
        status=PayoutStatus.PENDING,
    )
    db.session.add(payout)
    db.session.flush()
    remember("payouts", payout.id, "status", None, PayoutStatus.PENDING, by=by)
    _set_aside(payout, payee.account, by)
    record("payout_ordered", ("payouts", payout.id), by=by, new={"amount_minor": amount.minor})
    return payout


def retry_payout(payout_id: UUID, account: AccountRef, method: PaymentMethod, *, by: Actor) -> Payout:
    """Start a new attempt of a failed payout, with a new key, to the destination in force now."""
    payout = _locked(payout_id)
    advance(payout, PayoutStatus.PENDING, by=by)
    payout.attempt += 1
    payout.idempotency_key = f"payout:{payout.source_type}:{payout.source_id}:{payout.attempt}"
    payout.payment_method_id = method.id
    payout.transaction_reference = None
    payout.failure_code = payout.last_error = payout.failed_at = None
    payout.check_count = 0
    db.session.flush()
    _set_aside(payout, account, by)
    record("payout_retried", ("payouts", payout.id), by=by, new={"attempt": payout.attempt})
    return payout


def cancel_payout(payout_id: UUID, *, reason: str, by: Actor) -> None:
    """Stop a payout that no worker has taken yet; the amount is free again."""
    payout = _locked(payout_id)
    if payout.status is not PayoutStatus.PENDING:
        raise Conflict(_("This payout is already on its way and cannot be stopped."))
    advance(payout, PayoutStatus.CANCELED, by=by, reason=reason)
    _void(payout, by)
    record("payout_canceled", ("payouts", payout.id), by=by, reason=reason)


def claim(payout_id: UUID) -> Payout | None:
    """Take a payout that is due, under its lock; None when there is nothing to do (any more)."""
    payout = _locked(payout_id)
    moment = clock.now()
    if payout.status is PayoutStatus.PENDING:
        advance(payout, PayoutStatus.PROCESSING, by=SYSTEM)
        payout.processing_at = moment
    elif payout.status is not PayoutStatus.PROCESSING or not _is_due(payout):
        return None
    payout.check_count += 1
    payout.next_check_at = moment + min(_FIRST_CHECK * 2 ** (payout.check_count - 1), _LONGEST_WAIT)
    return payout


def complete(payout_id: UUID, paid: Paid) -> None:
    """The money has arrived: post the transfer, book the fee, tell whoever ordered it. Harmless twice."""
    payout = _locked(payout_id)
    if payout.status is PayoutStatus.COMPLETED:
        return
    advance(payout, PayoutStatus.COMPLETED, by=SYSTEM)
    payout.completed_at = clock.now()
    payout.transaction_reference = paid.reference
    payout.fee_minor = paid.fee
    payout.next_check_at = None
    assert payout.transfer_id is not None
    ledger.settle(payout.transfer_id, by=SYSTEM)
    if paid.fee:
        ledger.move(
            platform(Purpose.FEES, payout.currency),
            provider_clearing(WAVE_PROVIDER_ID, payout.currency),
            paid.fee,
            Cause("payout_fee", "payouts", payout.id, f"{payout.idempotency_key}:fee"),
            by=SYSTEM,
        )
    record("payout_completed", ("payouts", payout.id), by=SYSTEM, new={"fee_minor": paid.fee})
    payout_completed.send(payout, by=SYSTEM)


def fail(payout_id: UUID, code: str, message: str) -> None:
    """A clear refusal: the amount is free again and a person decides what next. Harmless twice."""
    payout = _locked(payout_id)
    if payout.status is PayoutStatus.FAILED:
        return
    advance(payout, PayoutStatus.FAILED, by=SYSTEM, reason=code)
    payout.failed_at = clock.now()
    payout.failure_code = code[:100]
    payout.last_error = message[:2000]
    payout.next_check_at = None
    _void(payout, SYSTEM)
    record("payout_failed", ("payouts", payout.id), by=SYSTEM, reason=code)
    payout_failed.send(payout, by=SYSTEM)


def note_unknown(payout_id: UUID, why: str, *, reference: str | None = None) -> None:
    """No usable answer, or not settled yet: keep what is known and leave the payout in processing."""
    payout = _locked(payout_id)
    payout.last_error = why[:2000]
    if reference is not None:
        payout.provider_data = payout.provider_data | {"payout_id": reference}


def _is_due(payout: Payout) -> bool:
    return payout.next_check_at is not None and payout.next_check_at <= clock.now()


def _set_aside(payout: Payout, account: AccountRef, by: Actor) -> None:
    moved = ledger.move(
        account,
        provider_clearing(WAVE_PROVIDER_ID, payout.currency),
        payout.amount_minor,
        Cause("payout", "payouts", payout.id, payout.idempotency_key),
        by=by,
        pending=True,
    )
    payout.transfer_id = moved.transfer_id
    follow_up(
        PAY_JOB,
        dedupe_key=payout.idempotency_key,
        payload={"payout_id": str(payout.id)},
        entity=("payouts", payout.id),
    )


def _void(payout: Payout, by: Actor) -> None:
    assert payout.transfer_id is not None
    ledger.void(payout.transfer_id, by=by)


def _locked(payout_id: UUID) -> Payout:
    payout = db.session.get(Payout, payout_id, with_for_update=True, populate_existing=True)
    if payout is None:
        raise NotFound
    return payout
