"""The rows of deliveries: claimed in batches, and what became of them, both set-based (R-55).

Between `claim` and `record_outcomes` no transaction is open. A worker that dies in between leaves rows whose
claim runs out, so they are handed over again: at most the batch in flight, each mail under the same
Message-ID. The row itself keeps when it was sent, delivered or failed, and `status_history` each step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    Boolean,
    DateTime,
    Table,
    Uuid,
    bindparam,
    case,
    column,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.types import Text

from portal.config.texting import Passage
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.kernel.models import StatusHistory
from portal.notifications.catalog import REGISTRY
from portal.notifications.models import (
    Category,
    Channel,
    DeliveryStatus,
    Notification,
    NotificationDelivery,
)

BATCH = 100
LEASE = timedelta(minutes=5)
RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=25))
EXPIRED = "expired"
# What ends by a rule of ours needs nobody to look at it: no second try would go better.
_ENDED_BY_RULE = frozenset({EXPIRED, *Passage})
WIPED = "•••"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A claimed delivery, as plain values: what to hand over, to whom."""

    id: UUID
    notification_id: UUID
    user_id: UUID | None
    channel: Channel
    address: str
    template_key: str
    locale: str
    subject: str | None
    body: str
    body_html: str | None
    attempt_no: int
    max_retries: int
    category: Category
    action_link: str | None
    action_text: str | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a provider said to one parcel. A failure that is not `is_final` is tried again."""

    parcel: Parcel
    at: datetime
    provider: str
    message_id: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    is_final: bool = False

    @property
    def is_sent(self) -> bool:
        """Whether the provider took it."""
        return self.error_message is None


def claim(limit: int = BATCH) -> list[Parcel]:
    """Take due deliveries for `LEASE`, urgent ones first; rows another worker holds are passed over."""
    moment = clock.now()
    due = (
        select(NotificationDelivery.id)
        .where(
            NotificationDelivery.status == DeliveryStatus.PENDING,
            NotificationDelivery.awaits_digest.is_(False),
            NotificationDelivery.scheduled_at <= moment,
            (NotificationDelivery.claimed_until.is_(None)) | (NotificationDelivery.claimed_until <= moment),
        )
        .order_by(
            NotificationDelivery.is_urgent.desc(), NotificationDelivery.scheduled_at, NotificationDelivery.id
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    statement = (
        update(NotificationDelivery)
        .where(NotificationDelivery.id == due.c.id, Notification.id == NotificationDelivery.notification_id)
        .values(claimed_until=moment + LEASE)
        .returning(*_PARCEL)
        .execution_options(synchronize_session=False)
    )
    return [Parcel(*list(values)) for values in db.session.execute(statement)]


def release(parcels: Sequence[Parcel]) -> None:
    """Give back what was claimed and not tried."""
    db.session.execute(
        update(NotificationDelivery)
        .where(NotificationDelivery.id.in_([parcel.id for parcel in parcels]))
        .values(claimed_until=None)
        .execution_options(synchronize_session=False)
    )


def record_outcomes(outcomes: Sequence[Outcome]) -> int:
    """Write what became of a batch: the states, the next attempts, the history. How many rows changed.

    A row that a receipt has moved on meanwhile is left as it is.
    """
    records = [_record_of(outcome) for outcome in outcomes]
    changed = set(db.session.scalars(_WRITE_OUTCOMES, {"outcomes": records}))
    retried = [record for record in records if record["retry_id"] and UUID(record["id"]) in changed]
    if retried:
        db.session.execute(_INSERT_RETRIES, {"outcomes": retried})
    _remember_steps([outcome for outcome in outcomes if outcome.parcel.id in changed])
    _wipe_confidential(outcomes)
    return len(changed)


def _record_of(outcome: Outcome) -> dict[str, Any]:
    """The outcome as JSON, with the decision whether and when to try again."""
    parcel = outcome.parcel
    retry_at = None
    if not outcome.is_sent and not outcome.is_final and parcel.attempt_no <= parcel.max_retries:
        tries_left = min(parcel.max_retries + 1 - parcel.attempt_no, len(RETRY_AFTER))
        retry_at = outcome.at + RETRY_AFTER[-tries_left]
    return {
        "id": str(parcel.id),
        "retry_id": str(new_id()) if retry_at else None,
        "status": DeliveryStatus.SENT if outcome.is_sent else DeliveryStatus.FAILED,
        "at": outcome.at.isoformat(),
        "retry_at": retry_at.isoformat() if retry_at else None,
        "is_dead": not (outcome.is_sent or retry_at or outcome.error_code in _ENDED_BY_RULE),
        "provider": outcome.provider,
        "message_id": outcome.message_id,
        "error_code": outcome.error_code,
        "error_message": outcome.error_message,
    }


def _remember_steps(outcomes: Sequence[Outcome]) -> None:
    if not outcomes:
        return
    db.session.execute(
        insert(StatusHistory),
        [
            {
                "entity_type": NotificationDelivery.__tablename__,
                "entity_id": outcome.parcel.id,
                "column_name": "status",
                "from_status": DeliveryStatus.PENDING,
                "to_status": DeliveryStatus.SENT if outcome.is_sent else DeliveryStatus.FAILED,
                "actor_kind": SYSTEM.kind,
                "occurred_at": outcome.at,
            }
            for outcome in outcomes
        ],
    )


def _wipe_confidential(outcomes: Sequence[Outcome]) -> None:
    """A code that is on its way is nobody's business any more; a retry has its own copy."""
    ids = [outcome.parcel.id for outcome in outcomes if _is_confidential(outcome.parcel)]
    if ids:
        db.session.execute(
            update(NotificationDelivery)
            .where(NotificationDelivery.id.in_(ids))
            .values(body=WIPED, body_html=None, template_data={})
            .execution_options(synchronize_session=False)
        )


def _is_confidential(parcel: Parcel) -> bool:
    message = REGISTRY.get(parcel.template_key)
    return message is not None and message.confidential


_said = Notification
_asked = NotificationDelivery
# What a `Parcel` holds, in its order.
_PARCEL = (
    _asked.id,
    _asked.notification_id,
    _asked.user_id,
    _asked.channel,
    _asked.recipient_identifier,
    _asked.template_key,
    _asked.locale,
    _asked.subject,
    _asked.body,
    _asked.body_html,
    _asked.attempt_no,
    _asked.max_retries,
    _said.category,
    func.coalesce(_said.action_link, _asked.template_data["action_link"].astext),
    _said.action_text,
    _said.expires_at,
)
_outcome = (
    func.jsonb_to_recordset(bindparam("outcomes", type_=JSONB))
    .table_valued(
        column("id", Uuid),
        column("retry_id", Uuid),
        column("status", Text),
        column("at", DateTime(timezone=True)),
        column("retry_at", DateTime(timezone=True)),
        column("is_dead", Boolean),
        column("provider", Text),
        column("message_id", Text),
        column("error_code", Text),
        column("error_message", Text),
    )
    .render_derived(name="outcome", with_types=True)
)
_is_sent = _outcome.c.status == literal(DeliveryStatus.SENT.value)
_table = cast(Table, NotificationDelivery.__table__)
_row = _table.c
_WRITE_OUTCOMES = (
    update(_table)
    .where(_row.id == _outcome.c.id, _row.status == DeliveryStatus.PENDING)
    .values(
        status=_outcome.c.status,
        claimed_until=None,
        sent_at=case((_is_sent, _outcome.c.at)),
        failed_at=case((~_is_sent, _outcome.c.at)),
        next_retry_at=_outcome.c.retry_at,
        is_dead=_outcome.c.is_dead,
        provider=_outcome.c.provider,
        provider_message_id=_outcome.c.message_id,
        error_code=_outcome.c.error_code,
        error_message=_outcome.c.error_message,
    )
    .returning(_row.id)
)
_COPIED = (
    "notification_id",
    "user_id",
    "recipient_identifier",
    "channel",
    "max_retries",
    "template_key",
    "locale",
    "subject",
    "body",
    "body_html",
    "template_data",
    "is_urgent",
)
_INSERT_RETRIES = (
    upsert(_table)
    .from_select(
        [*_COPIED, "id", "attempt_no", "scheduled_at", "created_at"],
        select(
            *[_row[name] for name in _COPIED],
            _outcome.c.retry_id,
            _row.attempt_no + 1,
            _outcome.c.retry_at,
            _outcome.c.at,
        ).where(_row.id == _outcome.c.id),
        include_defaults=False,
    )
    .on_conflict_do_nothing(index_elements=["notification_id", "channel", "attempt_no"])
)
