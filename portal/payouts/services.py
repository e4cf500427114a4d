"""Setting money aside for somebody, stopping it, trying again.

The story of a payout (wall 2; Wave contract §4 and §6):

1. `order_payout` writes the payout and a pending transfer in one transaction: the amount is set aside.
   A follow-up tells a worker after the commit.
2. `claim` (outcomes.py) takes the payout under its lock, turns it to processing and commits. Only then is
   Wave asked (paying.py), with the payout's own idempotency key and with the very same words each time.
3. `complete` posts the transfer and books the fee that Wave returned; `fail` gives the amount back.
4. No usable answer means nothing: the payout stays in processing, falls due again, and is asked for with
   the same key. Only a clear refusal fails it, and only a person starts a new attempt, with a new key and a
   new transfer. What was canceled stays so: a new attempt is then a payout of its own.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from portal.audit.services import record
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.i18n import _
from portal.kernel.ids import new_id
from portal.kernel.jobs import follow_up
from portal.kernel.money import Money
from portal.kernel.states import advance, remember
from portal.ledger import services as ledger
from portal.ledger.accounts import AccountRef, partner_payable, provider_clearing, user_earnings
from portal.ledger.services import Cause
from portal.payments.models import WAVE_PROVIDER_ID, PaymentMethod
from portal.payouts.destinations import approved_destination
from portal.payouts.events import payout_replaced, payout_retry_requested
from portal.payouts.models import Payout, PayoutStatus

PAY_JOB = "payouts.pay"
_ENDED = frozenset({PayoutStatus.FAILED, PayoutStatus.CANCELED})


def order_payout(
    amount: Money, method: PaymentMethod, source: tuple[str, UUID], reason: str, *, by: Actor
) -> Payout:
    """Set `amount` of the destination's owner aside and have it paid there; `reason` is read in Wave.

    A repeat for the same `source`, at once or later, finds the payout it has (PAY-22); a canceled one is replaced
    by `retry_payout` alone. Raises `InsufficientFunds` when the owner's account holds less (PO-06).
    """
    payout = _new_payout(amount, method, source, reason, attempt=1, by=by)
    return payout or db.session.execute(_newest_of(source).with_for_update()).scalar_one()


def newest_payout(source: tuple[str, UUID]) -> Payout | None:
    """What the source has ordered last, if anything."""
    return db.session.execute(_newest_of(source)).scalar_one_or_none()


def retry_payout(payout_id: UUID, destination_id: UUID | None, *, by: Actor) -> Payout:
    """Start a new attempt of a failed or canceled payout, to the destination that was looked at (PO-09, PO-12).

    Answers the payout that is tried: the failed one, or the one that takes the place of the canceled. Raises
    `NotFound`; `Conflict` when it has not ended, has nowhere to go or elsewhere than was seen, or whoever
    ordered it objects; `Forbidden` as `approved_destination`; `InsufficientFunds`.
    """
    payout = locked_payout(payout_id)
    if payout.status not in _ENDED:
        raise Conflict(_("This payment is already on its way."))
    payout_retry_requested.send(payout, by=by)
    method = approved_destination(destination_id, partner_id=payout.partner_id, user_id=payout.user_id, by=by)
    if payout.status is PayoutStatus.CANCELED:
        return _replace(payout, method, by)
    advance(payout, PayoutStatus.PENDING, by=by)
    payout.attempt += 1
    payout.idempotency_key = _key((payout.source_type, payout.source_id), payout.attempt)
    payout.method, payout.payment_method_id = method.method, method.id
    payout.failure_code = payout.last_error = payout.failed_at = None
    payout.processing_at = payout.next_check_at = None
    payout.check_count = 0
    # What Wave called the last attempt must never answer for this one.
    payout.provider_data = {name: kept for name, kept in payout.provider_data.items() if name == "answers"}
    db.session.flush()
    _set_aside(payout, by)
    record("payout_retried", (Payout.__tablename__, payout.id), by=by, new={"attempt": payout.attempt})
    return payout


def cancel_payout(payout_id: UUID, reason: str, *, by: Actor) -> None:
    """Stop a payout that no worker has taken yet; the amount is free again. Raises `NotFound`, `Conflict`."""
    payout = locked_payout(payout_id)
    if payout.status is not PayoutStatus.PENDING:
        raise Conflict(_("This payment can no longer be stopped."))
    advance(payout, PayoutStatus.CANCELED, by=by, reason=reason)
    free_amount(payout, by)
    record("payout_canceled", (Payout.__tablename__, payout.id), by=by, reason=reason)


def ask_again(payout_id: UUID, *, by: Actor) -> None:
    """Have Wave asked now about a payout whose outcome is open, with its own key. Raises `NotFound`, `Conflict`."""
    payout = locked_payout(payout_id)
    if payout.status is not PayoutStatus.PROCESSING:
        raise Conflict(_("The outcome of this payment is known."))
    payout.next_check_at = clock.now()
    _pay_soon(payout, f"{payout.idempotency_key}:{clock.now().isoformat()}")
    record("payout_asked_again", (Payout.__tablename__, payout.id), by=by)


def locked_payout(payout_id: UUID) -> Payout:
    """The payout as it is now, for this transaction alone. Raises `NotFound`."""
    # Reading anew forgets what has not been written yet.
    db.session.flush()
    payout = db.session.get(Payout, payout_id, with_for_update=True, populate_existing=True)
    if payout is None:
        raise NotFound
    return payout


def free_amount(payout: Payout, by: Actor) -> None:
    """Call off the transfer that held the amount."""
    assert payout.transfer_id is not None
    ledger.void(payout.transfer_id, by=by)


def _replace(canceled: Payout, method: PaymentMethod, by: Actor) -> Payout:
    """Another payout in the place of a canceled one. Raises `Conflict` when there is one already."""
    source = (canceled.source_type, canceled.source_id)
    newest = db.session.execute(_newest_of(source)).scalar_one()
    amount = Money(canceled.amount_minor, canceled.currency)
    payout = _new_payout(amount, method, source, canceled.payment_reason, attempt=newest.attempt + 1, by=by)
    if payout is None:
        raise Conflict(_("This payment is already on its way."))
    payout_replaced.send(payout, by=by)
    return payout


def _newest_of(source: tuple[str, UUID]) -> Select[Payout]:
    ordered = select(Payout).where(Payout.source_type == source[0], Payout.source_id == source[1])
    return ordered.order_by(Payout.attempt.desc()).limit(1)


def _new_payout(
    amount: Money, method: PaymentMethod, source: tuple[str, UUID], reason: str, *, attempt: int, by: Actor
) -> Payout | None:
    """A pending payout with its amount set aside; None when the source has one that is not canceled."""
    payout_id = _insert(amount, method, source, reason, attempt, by)
    if payout_id is None:
        return None
    payout = db.session.get_one(Payout, payout_id)
    remember(Payout.__tablename__, payout.id, "status", None, PayoutStatus.PENDING, by=by)
    _set_aside(payout, by)
    record("payout_ordered", (Payout.__tablename__, payout.id), by=by, new={"amount_minor": amount.minor})
    return payout


def _insert(
    amount: Money, method: PaymentMethod, source: tuple[str, UUID], reason: str, attempt: int, by: Actor
) -> UUID | None:
    statement = insert(Payout).values(
        id=new_id(),
        user_id=method.user_id,
        partner_id=method.partner_id,
        amount_minor=amount.minor,
        currency=amount.currency,
        method=method.method,
        payment_method_id=method.id,
        idempotency_key=_key(source, attempt),
        attempt=attempt,
        source_type=source[0],
        source_id=source[1],
        payment_reason=reason,
        created_by=by.user_id,
    )
    return db.session.execute(statement.on_conflict_do_nothing().returning(Payout.id)).scalar()


def _set_aside(payout: Payout, by: Actor) -> None:
    moved = ledger.move(
        _account(payout),
        provider_clearing(WAVE_PROVIDER_ID, payout.currency),
        payout.amount_minor,
        Cause("payout", Payout.__tablename__, payout.id, payout.idempotency_key),
        by=by,
        pending=True,
    )
    payout.transfer_id = moved.transfer_id
    _pay_soon(payout, payout.idempotency_key)


def _account(payout: Payout) -> AccountRef:
    """What the payout is taken from: a partner's payable, a person's earnings (reconciliation §6)."""
    if payout.partner_id is not None:
        return partner_payable(payout.partner_id)
    assert payout.user_id is not None
    return user_earnings(payout.user_id, payout.currency)


def _pay_soon(payout: Payout, occasion: str) -> None:
    follow_up(
        PAY_JOB,
        dedupe_key=occasion,
        payload={"payout_id": str(payout.id)},
        entity=(Payout.__tablename__, payout.id),
    )


def _key(source: tuple[str, UUID], attempt: int) -> str:
    return f"payout:{source[0]}:{source[1]}:{attempt}"
