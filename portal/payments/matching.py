"""Comparing Wave's own list of transactions with ours (Wave contract §8).

The list is the only record that shows refunds and payments whose news never reached us. Line by line, oldest
first: a payment we have counted needs nothing but Wave's fee in the books; one we have not is read again and
confirmed; a refund ends the refund that asked for it, or is recorded as one; money that belongs to nothing is
shown to people, once. What each line means for the ledger is in `booking.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import cast
from uuid import UUID

import structlog
from sqlalchemy import Table, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB

from portal.gateways.wave import Transaction, TransactionType, WaveError, WaveRefused
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, in_transaction, transaction
from portal.kernel.errors import DomainError
from portal.payments import alerts, booking
from portal.payments.booking import Standing
from portal.payments.confirmation import ask_for_review, take_session
from portal.payments.models import (
    WAVE_PROVIDER_ID,
    PaymentStatus,
    PaymentTransaction,
    Refund,
    RefundReason,
    RefundStatus,
    Review,
)
from portal.payments.provider import payment_named_by, reference_of, wave
from portal.payments.refunds import complete_refund, is_whole, request_refund, running_refund
from portal.payments.rows import locked_payment
from portal.payments.webhooks import store_unknown_line

_CHUNK = 500
_REFUNDS = frozenset({TransactionType.API_CHECKOUT_REFUND, TransactionType.MERCHANT_PAYMENT_REFUND})
# What becomes of lines whose money is in the books as a payment or its refund; only the fee is missing.
_OF_PAYMENTS = frozenset({"known", "confirmed", "refunded", "review"})
_payments = cast(Table, PaymentTransaction.__table__)
_LEARN_PAYER = (
    update(_payments)
    .where(_payments.c.id == bindparam("payment"))
    .values(provider_data=_payments.c.provider_data.op("||")(bindparam("learned", type_=JSONB)))
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Known:
    """A payment of ours that a line may belong to, read before any call."""

    id: UUID
    session_id: str | None
    reference: str | None
    knows_payer: bool


@dataclass(slots=True)
class Matched:
    """What became of the lines, and what Wave has moved for payouts that are open here (signed, XOF)."""

    counts: Counter[str] = field(default_factory=Counter)
    on_its_way: int = 0


def match_transactions(days: int = 2) -> dict[str, int]:
    """Compare the last `days` days (UTC, today included); counts by what was done (DON-23, DON-28)."""
    return dict(match_lines(days).counts)


def match_lines(days: int) -> Matched:
    """As `match_transactions`, with what is on its way."""
    matched = Matched()
    for day in days_back(days):
        lines = iter(wave().transactions(day))
        while chunk := list(islice(lines, _CHUNK)):
            _match_chunk(chunk, matched)
    return matched


def days_back(days: int) -> Iterator[date]:
    """The last so many days in UTC, the oldest first."""
    today = clock.now().date()
    return (today - timedelta(days=back) for back in reversed(range(days)))


def _match_chunk(chunk: Sequence[Transaction], matched: Matched) -> None:
    with transaction():
        known, standing = _known_by_name(chunk), booking.read_standing(chunk)
        _learn_payers(chunk, known)
    fees: list[tuple[Transaction, UUID]] = []
    for line in sorted(chunk, key=lambda line: line.timestamp):
        owner = _owner(line, known)
        try:
            word = _match(line, owner, standing)
        except WaveError:
            raise
        except Exception:
            # One line that cannot be settled must not hide the ones after it.
            log.exception("line_not_matched", line=line.transaction_id)
            word = "broken"
        matched.counts[word] += 1
        if word == "on_its_way":
            matched.on_its_way += booking.gross(line)
        elif owner is not None and word in _OF_PAYMENTS and not booking.fee_is_booked(line, standing):
            fees.append((line, owner.id))
    if fees:
        in_transaction(lambda: booking.book_fees(fees))


def _known_by_name(lines: Sequence[Transaction]) -> dict[str, _Known]:
    """The payments the lines may belong to, under every name a line can use; one statement."""
    ids = {payment_named_by(line.client_reference) for line in lines} - {None}
    sessions = {line.checkout_session_id for line in lines} - {None}
    references = {line.transaction_id for line in lines}
    row = PaymentTransaction
    found = db.session.execute(
        select(
            row.id, row.provider_session_id, row.provider_reference, row.provider_data.has_key("paid_from")
        ).where(
            row.provider_id == WAVE_PROVIDER_ID,
            row.parent_transaction_id.is_(None),
            or_(
                row.id.in_(ids), row.provider_session_id.in_(sessions), row.provider_reference.in_(references)
            ),
        )
    )
    known = [_Known(*values) for values in found]
    names = ((name, one) for one in known for name in (reference_of(one.id), one.session_id, one.reference))
    return {name: one for name, one in names if name is not None}


def _owner(line: Transaction, known: dict[str, _Known]) -> _Known | None:
    """The payment a line belongs to; a session we know says more than a reference, which sessions share."""
    names = (line.checkout_session_id, line.transaction_id, line.client_reference)
    return next((known[name] for name in names if name in known), None)


def _learn_payers(lines: Sequence[Transaction], known: dict[str, _Known]) -> None:
    """Keep the number that really paid: a part of the money may have to go back there (PAY-23)."""
    learned = [
        {"payment": owner.id, "learned": {"paid_from": line.counterparty_mobile}}
        for line in lines
        if (owner := _owner(line, known)) is not None
        and line.counterparty_mobile
        and owner.reference == line.transaction_id
        and not owner.knows_payer
    ]
    if learned:
        db.session.execute(_LEARN_PAYER, learned)


def _match(line: Transaction, owner: _Known | None, standing: Standing) -> str:
    """Do what one line asks for; says what that was."""
    if line.transaction_type in _REFUNDS:
        if owner is None:
            in_transaction(lambda: booking.book_unexplained(line))
            return "passed"
        return in_transaction(lambda: _take_refund(line, owner.id, standing))
    if line.transaction_type in booking.OUTGOING or line.amount <= 0:
        return in_transaction(lambda: booking.take_outgoing(line, standing))
    if owner is not None and owner.reference == line.transaction_id:
        return "known"
    if owner is not None and _confirm_missed(line, owner.id):
        return "confirmed"
    return in_transaction(lambda: _show_unknown(line))


def _confirm_missed(line: Transaction, payment_id: UUID) -> bool:
    """Read the session of a payment we have not counted, and apply it; False when there is none."""
    try:
        session = wave().get_session_by_transaction(line.transaction_id)
    except WaveRefused as refusal:
        if refusal.status != 404:
            raise
        return False
    in_transaction(lambda: take_session(payment_id, session, by=SYSTEM))
    return True


def _take_refund(line: Transaction, payment_id: UUID, standing: Standing) -> str:
    """Wave shows that the whole payment went back: end the refund that asked for it, or record one."""
    payment = locked_payment(payment_id)
    asked = running_refund(payment_id) or _completed_refund(payment_id)
    if asked is not None and is_whole(asked, payment):
        was_known = asked.status is RefundStatus.COMPLETED
        booking.take_back_unexplained(line, standing)
        complete_refund(asked.id, line.transaction_id, by=SYSTEM)
        return "known" if was_known else "refunded"
    if payment.review_reason == Review.REFUNDED_OUTSIDE:
        return "known"
    if asked is None and payment.status is PaymentStatus.SUCCEEDED and _record_outside(payment, line):
        return "refunded"
    booking.book_unexplained(line)
    ask_for_review(payment_id, Review.REFUNDED_OUTSIDE, SYSTEM)
    alerts.refunded_outside(payment, line.transaction_id, by=SYSTEM)
    return "review"


def _completed_refund(payment_id: UUID) -> Refund | None:
    return db.session.execute(
        select(Refund)
        .where(Refund.payment_transaction_id == payment_id, Refund.status == RefundStatus.COMPLETED)
        .order_by(Refund.id)
        .limit(1)
    ).scalar_one_or_none()


def _record_outside(payment: PaymentTransaction, line: Transaction) -> bool:
    """Record a refund that was made in Wave's own portal; False when the money is not there any more."""
    try:
        with db.session.begin_nested():
            refund = request_refund(payment.id, RefundReason.ADMIN_ACTION, "made in Wave's portal", by=SYSTEM)
            complete_refund(refund.id, line.transaction_id, by=SYSTEM)
    except DomainError as refused:
        log.warning("refund_outside_refused", payment_id=str(payment.id), error=refused.message)
        return False
    return True


def _show_unknown(line: Transaction) -> str:
    """Money that belongs to nothing of ours goes to the operators' list, once."""
    booking.book_unexplained(line)
    if not store_unknown_line(line.transaction_id, booking.shown(line)):
        return "known"
    alerts.unknown_money(line.amount + line.fee, line.transaction_id, by=SYSTEM)
    return "unknown"
