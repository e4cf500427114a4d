"""Wave's messages: kept as they came, then understood by a worker (DON-19 to DON-24; Wave contract §9).

Only messages signed over their raw bytes are taken (strategy B); one that merely knows a shared secret could
carry any content. What a signed message says is still read again from Wave before money is counted. When
Wave cannot be asked, the signature is proof enough; when Wave says otherwise, the message waits and is tried
again, and in the end a person sees it.
"""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

import structlog
from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert

from portal.audit.services import record
from portal.gateways.wave import (
    Session,
    WaveRefused,
    WaveThrottled,
    WaveUnknownOutcome,
    WebhookEvent,
    read_session,
)
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db, in_transaction, transaction
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.i18n import _
from portal.kernel.jobs import follow_up
from portal.kernel.states import advance
from portal.payments import alerts
from portal.payments.confirmation import take_session
from portal.payments.models import (
    WAVE_PROVIDER_ID,
    PaymentTransaction,
    PaymentWebhookEvent,
    TransactionType,
    WebhookStatus,
)
from portal.payments.provider import payment_named_by, wave

PROCESS_JOB = "payments.process_event"
COMPLETED = "checkout.session.completed"
_ABOUT_SESSIONS = frozenset({COMPLETED, "checkout.session.payment_failed"})
_UNDONE = frozenset({WebhookStatus.RECEIVED, WebhookStatus.FAILED})
_ENTITY = PaymentWebhookEvent.__tablename__

log = structlog.get_logger(__name__)

# Prepared once: this statement and the follow-up's are all that a webhook costs the database.
_STORE = (
    insert(cast(Table, PaymentWebhookEvent.__table__))
    .on_conflict_do_nothing()
    .returning(PaymentWebhookEvent.__table__.c.id)
)


class Contradiction(RuntimeError):
    """Wave does not show what its own message said."""


def store_event(event: WebhookEvent) -> bool:
    """Keep a message whose signature was checked and have it processed; False when it is known (DON-20)."""
    stored_id = _insert_event(event.id, event.type, {"id": event.id, "type": event.type, "data": event.data})
    if stored_id is None:
        return False
    _process_soon(stored_id, "first")
    return True


def store_unknown_line(line_id: str, content: dict[str, Any]) -> bool:
    """Keep a line of the provider's list that belongs to nothing of ours, for a person; False when known."""
    failed = {"status": WebhookStatus.FAILED, "processing_error": "no payment of ours belongs to this money"}
    return _insert_event(line_id, "transaction.unknown", content, **failed) is not None


def process_event(event_id: UUID) -> None:
    """Understand one stored message and do what it asks for, once. Commits.

    Whatever goes wrong is kept with the message and raised again, so that it is tried again later.
    """
    with transaction():
        event = db.session.get(PaymentWebhookEvent, event_id)
        if event is None or event.status not in _UNDONE:
            return
        kind, payload = event.event_type, event.raw_payload
    try:
        _understand(event_id, kind, payload)
    except Exception as error:
        db.session.remove()
        with transaction():
            _record_failure(event_id, error)
        raise


def retry_event(event_id: UUID, *, by: Actor) -> None:
    """Have a message that failed processed again (DON-24). Raises `NotFound`, `Conflict`."""
    event = _locked(event_id)
    if event.status not in _UNDONE:
        raise Conflict(_("This message has been processed."))
    _process_soon(event.id, f"{event.retry_count}:{clock.now().isoformat()}")
    record("webhook_retried", (_ENTITY, event.id), by=by)


def dismiss_event(event_id: UUID, note: str, *, by: Actor) -> None:
    """A person has looked at a message that failed: it is ignored from now on. Raises `NotFound`, `Conflict`."""
    event = _locked(event_id)
    if event.status is not WebhookStatus.FAILED:
        raise Conflict(_("Only a message that failed can be set aside."))
    advance(event, WebhookStatus.IGNORED, by=by, reason=note[:200])
    record("webhook_dismissed", (_ENTITY, event.id), by=by, reason=note)


def find_payment(session: Session) -> UUID | None:
    """The payment a session belongs to: by the session we know, else by our reference (DON-23)."""
    by_session = select(PaymentTransaction.id).where(
        PaymentTransaction.provider_id == WAVE_PROVIDER_ID,
        PaymentTransaction.provider_session_id == session.id,
    )
    found = db.session.execute(by_session).scalar()
    named = payment_named_by(session.client_reference)
    if found is not None or named is None:
        return found
    by_reference = select(PaymentTransaction.id).where(
        PaymentTransaction.id == named, PaymentTransaction.transaction_type != TransactionType.REFUND
    )
    return db.session.execute(by_reference).scalar()


def _understand(event_id: UUID, kind: str, payload: dict[str, Any]) -> None:
    if kind not in _ABOUT_SESSIONS:
        in_transaction(lambda: _finish(event_id, WebhookStatus.IGNORED, None))
        return
    told = read_session(payload["data"])
    with transaction():
        payment_id = find_payment(told)
    if payment_id is None:
        in_transaction(lambda: _ignore_unknown_session(event_id, kind, told))
        return
    session = _as_wave_shows_it(told)
    in_transaction(lambda: _apply(event_id, payment_id, session))


def _as_wave_shows_it(told: Session) -> Session:
    """The session read again. Raises `Contradiction` when a payment that was told of cannot be seen."""
    try:
        shown = wave().get_session(told.id)
    except (WaveUnknownOutcome, WaveThrottled) as unanswered:
        log.warning("webhook_taken_at_its_word", session=told.id, error=type(unanswered).__name__)
        return told
    except WaveRefused as refusal:
        if refusal.is_about_access:
            return told
        raise Contradiction(f"Wave does not know session {told.id}: {refusal.code}") from refusal
    if told.is_paid and not shown.is_paid:
        raise Contradiction(f"Wave does not show session {told.id} as paid")
    return shown


def _apply(event_id: UUID, payment_id: UUID, session: Session) -> None:
    take_session(payment_id, session, by=SYSTEM)
    _finish(event_id, WebhookStatus.PROCESSED, payment_id)


def _ignore_unknown_session(event_id: UUID, kind: str, session: Session) -> None:
    if kind == COMPLETED:
        alerts.unknown_money(session.amount, session.transaction_id or session.id, by=SYSTEM)
    _finish(event_id, WebhookStatus.IGNORED, None)


def _finish(event_id: UUID, outcome: WebhookStatus, payment_id: UUID | None) -> None:
    event = _locked(event_id)
    if event.status not in _UNDONE:
        return
    advance(event, outcome, by=SYSTEM)
    event.payment_transaction_id = payment_id
    event.processed_at = clock.now()
    event.processing_error = None


def _record_failure(event_id: UUID, error: Exception) -> None:
    event = _locked(event_id)
    if event.status is WebhookStatus.RECEIVED:
        advance(event, WebhookStatus.FAILED, by=SYSTEM, reason=type(error).__name__)
    event.retry_count += 1
    event.processing_error = f"{type(error).__name__}: {error}"[:2000]


def _insert_event(
    provider_event_id: str, event_type: str, payload: dict[str, Any], **more: object
) -> UUID | None:
    row = {
        "provider_id": WAVE_PROVIDER_ID,
        "provider_event_id": provider_event_id,
        "idempotency_key": f"wave:{provider_event_id}",
        "event_type": event_type,
        "raw_payload": payload,
        **more,
    }
    stored: UUID | None = db.session.execute(_STORE, row).scalar()
    return stored


def _process_soon(event_id: UUID, occasion: str) -> None:
    follow_up(
        PROCESS_JOB,
        dedupe_key=f"webhook:{event_id}:{occasion}",
        payload={"event_id": str(event_id)},
        entity=(_ENTITY, event_id),
    )


def _locked(event_id: UUID) -> PaymentWebhookEvent:
    event = db.session.get(PaymentWebhookEvent, event_id, with_for_update=True, populate_existing=True)
    if event is None:
        raise NotFound
    return event
