"""What admins can ask of payments: lists with a bounded number of statements, and one matter in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select

from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.ids import parse_id
from portal.kernel.models import StatusHistory
from portal.kernel.money import MAX_AMOUNT_MINOR
from portal.kernel.paging import Filter, Page, SortKey, paginate
from portal.ledger.accounts import kept_for_payer
from portal.ledger.queries import balance
from portal.payments.models import (
    PaymentStatus,
    PaymentTransaction,
    PaymentWebhookEvent,
    Refund,
    RefundStatus,
    TransactionType,
    WebhookStatus,
)

MOST_EXPORTED = 10_000
_MOST_SHOWN = 100
_NUMBERS = ("payer_phone", "paid_from")


@dataclass(frozen=True, slots=True)
class PaymentFilter(Filter):
    """What an admin looks for: a state, a kind, what waits for a check, a reference or an amount."""

    status: PaymentStatus | None = None
    kind: TransactionType | None = None
    only_review: bool = False
    words: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentDetail:
    """One payment with all that happened to it, newest first; what is kept for its payer in minor units."""

    payment: PaymentTransaction
    kept_minor: int
    history: Sequence[StatusHistory]
    messages: Sequence[PaymentWebhookEvent]
    refunds: Sequence[Refund]
    relatives: Sequence[PaymentTransaction]


def payments_page(wanted: PaymentFilter, cursor: str | None) -> Page[PaymentTransaction]:
    """Payments and refund movements, newest first (PAY-24)."""
    row = PaymentTransaction
    return paginate(_payments(wanted), [SortKey(row.created_at), SortKey(row.id)], cursor)


def payments_rows(wanted: PaymentFilter) -> list[PaymentTransaction]:
    """The same list as one file, at most `MOST_EXPORTED` rows."""
    row = PaymentTransaction
    ordered = _payments(wanted).order_by(row.created_at.desc(), row.id.desc()).limit(MOST_EXPORTED)
    return list(db.session.execute(ordered).scalars())


def payment_detail(payment_id: UUID) -> PaymentDetail:
    """One payment in full, in six statements. Raises `NotFound`."""
    row = PaymentTransaction
    payment = db.session.get(row, payment_id)
    if payment is None:
        raise NotFound
    kept_apart = (row.source_type == row.__tablename__) & (row.source_id == payment_id)
    return PaymentDetail(
        payment=payment,
        kept_minor=balance(kept_for_payer(payment_id, payment.currency)).posted,
        history=_history("payment_transactions", payment_id),
        messages=_newest(
            select(PaymentWebhookEvent)
            .where(PaymentWebhookEvent.payment_transaction_id == payment_id)
            .order_by(PaymentWebhookEvent.id.desc())
        ),
        refunds=_newest(
            select(Refund).where(Refund.payment_transaction_id == payment_id).order_by(Refund.id.desc())
        ),
        relatives=_newest(
            select(row)
            .where(or_(row.parent_transaction_id == payment_id, kept_apart))
            .order_by(row.id.desc())
        ),
    )


def refunds_page(status: RefundStatus | None, cursor: str | None) -> Page[Refund]:
    """Refunds, newest first (DON-29)."""
    return paginate(_refunds(status), [SortKey(Refund.id)], cursor)


def refunds_rows(status: RefundStatus | None) -> Sequence[Any]:
    """The same list as one file, each with the account that had paid, if one did."""
    paid = PaymentTransaction.id == Refund.payment_transaction_id
    rows = _refunds(status).join(PaymentTransaction, paid).add_columns(PaymentTransaction.payer_user_id)
    return db.session.execute(rows.order_by(Refund.id.desc()).limit(MOST_EXPORTED)).all()


def webhooks_page(
    status: WebhookStatus | None, words: str | None, cursor: str | None
) -> Page[PaymentWebhookEvent]:
    """Messages of the provider, newest first; `words` is a type or the provider's id (DON-24)."""
    row = PaymentWebhookEvent
    return paginate(_webhooks(status, words), [SortKey(row.created_at), SortKey(row.id)], cursor)


def webhooks_rows(status: WebhookStatus | None, words: str | None) -> list[PaymentWebhookEvent]:
    """The same list as one file."""
    row = PaymentWebhookEvent
    ordered = _webhooks(status, words).order_by(row.created_at.desc(), row.id.desc()).limit(MOST_EXPORTED)
    return list(db.session.execute(ordered).scalars())


def webhook_detail(event_id: UUID) -> tuple[PaymentWebhookEvent, Sequence[StatusHistory]]:
    """One message and what became of it. Raises `NotFound`."""
    event = db.session.get(PaymentWebhookEvent, event_id)
    if event is None:
        raise NotFound
    return event, _history("payment_webhook_events", event_id)


def payer_of(event: PaymentWebhookEvent) -> tuple[UUID | None, list[str]]:
    """The account of whoever paid what a message tells of; for a payer without one, the numbers that are known."""
    payment_id = event.payment_transaction_id
    payment = db.session.get(PaymentTransaction, payment_id) if payment_id else None
    if payment is not None and payment.payer_user_id is not None:
        return payment.payer_user_id, []
    told = event.raw_payload.get("data")
    numbers = [told.get("sender_mobile")] if isinstance(told, dict) else []
    numbers += [payment.provider_data.get(name) for name in _NUMBERS] if payment is not None else []
    return None, [number for number in numbers if isinstance(number, str)]


def _payments(wanted: PaymentFilter) -> Select[PaymentTransaction]:
    row = PaymentTransaction
    statement = select(row)
    if wanted.status is not None:
        statement = statement.where(row.status == wanted.status)
    if wanted.kind is not None:
        statement = statement.where(row.transaction_type == wanted.kind)
    if wanted.only_review:
        statement = statement.where(row.needs_review)
    if wanted.words:
        statement = statement.where(_named(wanted.words))
    return statement


def _named(words: str) -> ColumnElement[bool]:
    """An exact reference, session, id of ours, or amount: each of these a person may hold in hand."""
    row = PaymentTransaction
    names: list[ColumnElement[bool]] = [row.provider_reference == words, row.provider_session_id == words]
    ours = parse_id(words)
    if ours is not None:
        names += [row.id == ours, row.source_id == ours, row.parent_transaction_id == ours]
    digits = "".join(words.split())
    if digits.isascii() and digits.isdigit() and int(digits[:15]) <= MAX_AMOUNT_MINOR:
        names.append(row.amount_minor == int(digits[:15]))
    return or_(*names)


def _refunds(status: RefundStatus | None) -> Select[Refund]:
    statement = select(Refund)
    return statement if status is None else statement.where(Refund.status == status)


def _webhooks(status: WebhookStatus | None, words: str | None) -> Select[PaymentWebhookEvent]:
    row = PaymentWebhookEvent
    statement = select(row)
    if status is not None:
        statement = statement.where(row.status == status)
    if words:
        statement = statement.where(or_(row.event_type == words, row.provider_event_id == words))
    return statement


def _history(entity: str, entity_id: UUID) -> list[StatusHistory]:
    return _newest(
        select(StatusHistory)
        .where(StatusHistory.entity_type == entity, StatusHistory.entity_id == entity_id)
        .order_by(StatusHistory.occurred_at.desc(), StatusHistory.id.desc())
    )


def _newest(statement: Select[*tuple[Any, ...]]) -> list[Any]:
    return list(db.session.execute(statement.limit(_MOST_SHOWN)).scalars())
