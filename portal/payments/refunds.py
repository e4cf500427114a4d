"""Giving money back.

The story of a refund (DON-25 to DON-28, R-40; Wave contract §4 to §6):

1. `request_refund` writes the refund under the payment's lock and sends `refund_requested`: whoever holds the
   money sets it aside in the same transaction, or refuses and nothing was requested.
2. A follow-up tells a worker after the commit. `claim_refund` turns the refund to processing and commits;
   only then is Wave asked (`refunding.py`). A whole payment goes back through its checkout session, which is
   safe to repeat. Wave knows no partial refund: a part is sent to the payer's own number as a payout, with a
   key made of the refund and its attempt.
3. `complete_refund` writes the movement as a payment of type refund, raises what the payment has given
   back, and sends `refund_completed`. `fail_refund` records a clear refusal and sends `refund_failed`.
4. No usable answer means nothing: the refund stays in processing and is asked for again with the same words,
   first by its follow-up and then by `refunding.ask_open` on a timer, until Wave says yes or no. The
   provider's daily list (`matching.py`) ends what no answer ever ended.
5. A refused refund waits for a person: `retry_refund` starts anew, with a new key, from step 1's signal.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from portal.audit.services import record
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.i18n import _
from portal.kernel.ids import new_id
from portal.kernel.jobs import follow_up
from portal.kernel.money import Money, francs
from portal.kernel.states import advance, remember
from portal.ledger import services as ledger
from portal.payments import alerts, apart
from portal.payments.events import refund_completed, refund_failed, refund_requested
from portal.payments.fees import book_fee
from portal.payments.models import (
    PaymentStatus,
    PaymentTransaction,
    Refund,
    RefundReason,
    RefundStatus,
    TransactionType,
)
from portal.payments.policies import RUNNING, is_refundable
from portal.payments.rows import locked_payment, locked_refund

REFUND_JOB = "payments.refund"
_SENT_TO = "refunded_to"


def request_refund(
    payment_id: UUID,
    reason: RefundReason,
    description: str | None,
    amount: Money | None = None,
    donation_id: UUID | None = None,
    *,
    by: Actor,
) -> Refund:
    """Ask for `amount` (by default all that is left) of a payment to go back (DON-25, DON-26, PAY-23).

    Raises `NotFound`; `Conflict` when the payment is not paid, or a refund of it is under way;
    `InvalidInput` for an amount that is not left, or a part that has no number to go to. A receiver of
    `refund_requested` may raise, such as `InsufficientFunds` when the money is spent.
    """
    payment = locked_payment(payment_id)
    _check_refundable(payment)
    amount = payment.left_to_refund if amount is None else amount
    _check_amount(payment, amount)
    refund = Refund(
        id=new_id(),
        payment_transaction_id=payment.id,
        donation_id=donation_id or (payment.source_id if payment.source_type == "donations" else None),
        refunded_by=by.user_id,
        amount_minor=amount.minor,
        currency=amount.currency,
        reason=reason,
        reason_description=description,
        status=RefundStatus.PENDING,
        attempts=1,
    )
    db.session.add(refund)
    if not is_whole(refund, payment):
        _fix_number(payment)
    db.session.flush()
    remember("refunds", refund.id, "status", None, RefundStatus.PENDING, by=by, reason=reason)
    record(
        "refund_requested",
        ("refunds", refund.id),
        by=by,
        new={"amount_minor": amount.minor, "reason": reason, "payment_id": str(payment.id)},
        reason=description,
    )
    _set_out(refund, payment, by)
    return refund


def retry_refund(refund_id: UUID, *, by: Actor) -> Refund:
    """Start a refused refund anew, or ask again for one whose outcome is open. Raises `NotFound`, `Conflict`."""
    refund, payment = locked_refund(refund_id)
    if refund.status is RefundStatus.PROCESSING:
        record("refund_asked_again", ("refunds", refund.id), by=by)
        _ask_soon(refund, f"again:{clock.now().isoformat()}")
        return refund
    if refund.status is not RefundStatus.FAILED:
        raise Conflict(_("This refund needs no new try."))
    _check_refundable(payment)
    _check_amount(payment, refund.money)
    if not is_whole(refund, payment):
        _fix_number(payment)
    advance(refund, RefundStatus.PROCESSING, by=by, reason="retry")
    refund.attempts += 1
    refund.processed_at = clock.now()
    refund.last_error = refund.provider_refund_id = None
    db.session.flush()
    record("refund_retried", ("refunds", refund.id), by=by, new={"attempts": refund.attempts})
    _set_out(refund, payment, by)
    return refund


def claim_refund(refund_id: UUID, *, by: Actor) -> tuple[Refund, PaymentTransaction] | None:
    """Take a refund to the provider: it turns to processing; None when it has ended. Raises `NotFound`."""
    refund, payment = locked_refund(refund_id)
    if refund.status not in RUNNING:
        return None
    if refund.status is RefundStatus.PENDING:
        advance(refund, RefundStatus.PROCESSING, by=by)
        refund.processed_at = clock.now()
    return refund, payment


def complete_refund(refund_id: UUID, reference: str | None, *, fee: int = 0, by: Actor) -> None:
    """The money is back with the payer: record it everywhere, once (DON-28, R-40).

    `reference` is the provider's own, where it gave one; `fee` (minor units) what it took from us on top.
    """
    refund, payment = locked_refund(refund_id)
    if refund.status is RefundStatus.COMPLETED:
        _name_movement(refund, reference)
        return
    if refund.status is RefundStatus.PENDING:
        advance(refund, RefundStatus.PROCESSING, by=by)
    advance(refund, RefundStatus.COMPLETED, by=by)
    refund.provider_refund_id = reference
    refund.completed_at = clock.now()
    refund.last_error = None
    refund.refund_transaction_id = _movement(refund, payment, by).id
    _give_back(payment, refund.money, by)
    book_fee(refund_key(refund), fee, ("refunds", refund.id), currency=refund.currency, by=by)
    if apart.is_apart(payment) and refund.transfer_id is not None:
        ledger.settle(refund.transfer_id, by=by)
    record("refund_completed", ("refunds", refund.id), by=by, new={"amount_minor": refund.amount_minor})
    db.session.flush()
    refund_completed.send(refund, by=by)


def fail_refund(refund_id: UUID, why: str, *, by: Actor) -> None:
    """A clear refusal: the money is free again, and operators are told. Harmless twice."""
    refund, payment = locked_refund(refund_id)
    if refund.status not in RUNNING:
        return
    if refund.status is RefundStatus.PENDING:
        advance(refund, RefundStatus.PROCESSING, by=by)
    advance(refund, RefundStatus.FAILED, by=by, reason=why[:200])
    refund.last_error = why[:2000]
    payment.provider_data = {name: kept for name, kept in payment.provider_data.items() if name != _SENT_TO}
    record("refund_failed", ("refunds", refund.id), by=by, reason=why[:500])
    db.session.flush()
    alerts.refund_failed(refund, by=by)
    if apart.is_apart(payment) and refund.transfer_id is not None:
        ledger.void(refund.transfer_id, by=by)
    refund_failed.send(refund, by=by)


def note_unsettled(refund_id: UUID, why: str, *, reference: str | None = None) -> None:
    """No usable answer, or not settled yet: keep what is known; the refund stays in processing."""
    refund, _payment = locked_refund(refund_id)
    if refund.status is RefundStatus.PROCESSING:
        refund.last_error = why[:2000]
        refund.provider_refund_id = reference or refund.provider_refund_id
        refund.updated_at = clock.now()


def running_refund(payment_id: UUID) -> Refund | None:
    """The refund of a payment that is under way, if there is one."""
    return db.session.execute(
        select(Refund).where(Refund.payment_transaction_id == payment_id, Refund.status.in_(RUNNING))
    ).scalar_one_or_none()


def number_to_refund(payment: PaymentTransaction) -> str | None:
    """Where a part can be sent: as before, else to who paid where Wave has named it, else to the number typed."""
    known = payment.provider_data
    number: str | None = known.get(_SENT_TO) or known.get("paid_from") or known.get("payer_phone")
    return number


def refund_key(refund: Refund) -> str:
    """What this attempt is called: at Wave when it goes by payout, and in the books."""
    return f"refund-{refund.id.hex}-{refund.attempts}"


def is_whole(refund: Refund, payment: PaymentTransaction) -> bool:
    """Whether the refund takes back all that was paid, which alone Wave can undo by itself."""
    return refund.amount_minor == payment.amount_minor


def _check_refundable(payment: PaymentTransaction) -> None:
    if not is_refundable(payment):
        raise Conflict(_("Only a payment that has arrived and is not refunded yet can be refunded."))
    if running_refund(payment.id) is not None:
        raise Conflict(_("A refund of this payment is already under way."))


def _check_amount(payment: PaymentTransaction, amount: Money) -> None:
    if amount.currency != payment.currency or not 0 < amount.minor <= payment.left_to_refund.minor:
        raise InvalidInput(
            _(
                "At most %(left)s can be refunded.",
                left=francs(payment.left_to_refund.minor),
            ),
            field="amount",
        )
    if amount.minor < payment.amount_minor and number_to_refund(payment) is None:
        raise InvalidInput(
            _("Wave gives back whole payments only, and we know no number to send a part to."),
            field="amount",
        )


def _fix_number(payment: PaymentTransaction) -> None:
    """A part that is asked for again must be asked for with the same words, whatever we learn meanwhile."""
    payment.provider_data = payment.provider_data | {_SENT_TO: number_to_refund(payment)}


def _set_out(refund: Refund, payment: PaymentTransaction, by: Actor) -> None:
    """Have the money set aside and the provider asked after the commit."""
    if apart.is_apart(payment):
        apart.promise_back(refund, payment, refund_key(refund), by)
    refund_requested.send(refund, by=by)
    _ask_soon(refund, str(refund.attempts))


def _ask_soon(refund: Refund, occasion: str) -> None:
    follow_up(
        REFUND_JOB,
        dedupe_key=f"refund:{refund.id}:{occasion}",
        payload={"refund_id": str(refund.id)},
        entity=("refunds", refund.id),
    )


def _movement(refund: Refund, payment: PaymentTransaction, by: Actor) -> PaymentTransaction:
    """The money's way back as a payment of its own, born succeeded."""
    movement = PaymentTransaction(
        id=new_id(),
        transaction_type=TransactionType.REFUND,
        status=PaymentStatus.SUCCEEDED,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        payer_user_id=payment.payer_user_id,
        provider_id=payment.provider_id,
        provider_reference=refund.provider_refund_id,
        source_type="refunds",
        source_id=refund.id,
        parent_transaction_id=payment.id,
        idempotency_key=f"refund:{refund.id}",
        transfer_id=refund.transfer_id,
        succeeded_at=refund.completed_at,
        created_by=by.user_id,
    )
    db.session.add(movement)
    db.session.flush()
    return movement


def _name_movement(refund: Refund, reference: str | None) -> None:
    """Wave names a refund in its list only, long after it was made."""
    if refund.provider_refund_id is None and reference is not None:
        refund.provider_refund_id = reference
        movement = db.session.get_one(PaymentTransaction, refund.refund_transaction_id)
        movement.provider_reference = reference


def _give_back(payment: PaymentTransaction, amount: Money, by: Actor) -> None:
    back = payment.refunded_minor + amount.minor
    wanted = PaymentStatus.REFUNDED if back == payment.amount_minor else PaymentStatus.PARTIALLY_REFUNDED
    if payment.status is not wanted:
        advance(payment, wanted, by=by)
    payment.refunded_minor = back
