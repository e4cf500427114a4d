"""Notifications and how they are delivered; their words and what people want stand beside, and are named here (R-54 to R-60)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import clock
from portal.kernel.columns import (
    Count,
    Created,
    Json,
    Key,
    No,
    Ratio,
    Stamped,
    Str10,
    Str20,
    Str50,
    Str100,
    Str255,
    Str500,
    Yes,
    one_of,
)
from portal.kernel.db import Base
from portal.kernel.states import Machine
from portal.notifications.preference_models import DigestFrequency, NotificationPreferences
from portal.notifications.template_models import (
    Category,
    Channel,
    NotificationTemplate,
    NotificationType,
    Priority,
)

__all__ = [
    "BROADCAST_STEPS",
    "DELIVERY_STEPS",
    "BroadcastStatus",
    "Category",
    "Channel",
    "DeliveryStatus",
    "DigestFrequency",
    "Notification",
    "NotificationAnalytics",
    "NotificationBroadcast",
    "NotificationDelivery",
    "NotificationPreferences",
    "NotificationTemplate",
    "NotificationType",
    "Priority",
]


class BroadcastStatus(StrEnum):
    """How far a bulk message is."""

    DRAFT = "draft"
    SENDING = "sending"
    DONE = "done"
    CANCELED = "canceled"


BROADCAST_STEPS = Machine(
    "notification_broadcasts",
    {
        BroadcastStatus.DRAFT: {BroadcastStatus.SENDING, BroadcastStatus.CANCELED},
        BroadcastStatus.SENDING: {BroadcastStatus.DONE, BroadcastStatus.CANCELED},
        BroadcastStatus.DONE: set(),
        BroadcastStatus.CANCELED: set(),
    },
)


class NotificationBroadcast(Stamped, Base):
    """One message to a group of people, sent in portions."""

    __tablename__ = "notification_broadcasts"
    MACHINES: ClassVar = {"status": BROADCAST_STEPS}

    id: Mapped[Key]
    name: Mapped[Str255]
    template_key: Mapped[Str100]
    audience: Mapped[Json]
    status: Mapped[BroadcastStatus] = mapped_column(
        one_of(BroadcastStatus, "status"), default=BroadcastStatus.DRAFT, server_default="draft"
    )
    recipient_count: Mapped[Count]
    cursor: Mapped[Str100 | None]


class Notification(Stamped, Base):
    """One message for one person about one event; reading it is its own life (R-54)."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("user_id", "recipient_identifier", "event_key", postgresql_nulls_not_distinct=True),
        CheckConstraint("user_id IS NOT NULL OR recipient_identifier IS NOT NULL", name="has_recipient"),
        CheckConstraint("read = (read_at IS NOT NULL)", name="read_has_time"),
        CheckConstraint("archived = (archived_at IS NOT NULL)", name="archived_has_time"),
        Index(None, "user_id", "read", text("created_at DESC")),
        Index(None, "user_id", "type", "read"),
        Index(None, "user_id", "id"),
        Index(None, "read"),
        Index(None, "type"),
        Index(None, "priority"),
        Index(None, "created_at"),
        Index(None, "template_id"),
        Index(None, "broadcast_id"),
        Index(
            "uq_notifications_answer_key",
            "answer_key",
            unique=True,
            postgresql_where=text("answer_key IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    recipient_identifier: Mapped[Str255 | None]
    event_key: Mapped[Str255]
    template_id: Mapped[UUID | None] = mapped_column(ForeignKey("notification_templates.id"))
    broadcast_id: Mapped[UUID | None] = mapped_column(ForeignKey("notification_broadcasts.id"))
    title: Mapped[Str255]
    message: Mapped[str]
    type: Mapped[NotificationType] = mapped_column(one_of(NotificationType, "type"))
    category: Mapped[Category] = mapped_column(one_of(Category, "category"))
    priority: Mapped[Priority] = mapped_column(
        one_of(Priority, "priority"), default=Priority.MEDIUM, server_default="medium"
    )
    related_entity_type: Mapped[Str50 | None]
    related_entity_id: Mapped[UUID | None]
    image_url: Mapped[Str500 | None]
    action_link: Mapped[Str500 | None]
    action_text: Mapped[Str100 | None]
    # Listed in the person's message center; guests and people who switched it off have none.
    in_app: Mapped[Yes]
    read: Mapped[No]
    read_at: Mapped[datetime | None]
    archived: Mapped[No]
    archived_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    # Of a question to somebody without an account: what opens the page on which they say no (asking.py).
    answer_key: Mapped[Str20 | None] = mapped_column(sort_order=100)


class DeliveryStatus(StrEnum):
    """How far one attempt on one channel is."""

    PENDING = "pending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    BOUNCED = "bounced"


DELIVERY_STEPS = Machine(
    "notification_deliveries",
    {
        DeliveryStatus.PENDING: {
            DeliveryStatus.SENT,
            DeliveryStatus.DELIVERED,
            DeliveryStatus.FAILED,
        },
        DeliveryStatus.SENT: {
            DeliveryStatus.DELIVERED,
            DeliveryStatus.BOUNCED,
            DeliveryStatus.FAILED,
        },
        DeliveryStatus.DELIVERED: set(),
        DeliveryStatus.FAILED: set(),
        DeliveryStatus.BOUNCED: set(),
    },
)


class NotificationDelivery(Created, Base):
    """One attempt on one channel; a retry is a new row (R-55)."""

    __tablename__ = "notification_deliveries"
    MACHINES: ClassVar = {"status": DELIVERY_STEPS}
    __table_args__ = (
        UniqueConstraint("notification_id", "channel", "attempt_no"),
        CheckConstraint("attempt_no BETWEEN 1 AND max_retries + 1", name="attempt_within_retries"),
        Index(
            "uq_notification_deliveries_provider_message",
            "provider",
            "provider_message_id",
            unique=True,
            postgresql_where=text("provider_message_id IS NOT NULL"),
        ),
        Index(None, "status"),
        Index(
            "ix_notification_deliveries_due",
            text("is_urgent DESC"),
            "scheduled_at",
            "id",
            postgresql_where=text("status = 'pending'"),
        ),
        Index(
            "ix_notification_deliveries_retry",
            "next_retry_at",
            postgresql_where=text("status = 'failed' AND next_retry_at IS NOT NULL"),
        ),
        Index(
            "ix_notification_deliveries_user_id",
            "user_id",
            postgresql_where=text("user_id IS NOT NULL"),
        ),
        Index(
            "ix_notification_deliveries_digest_id",
            "digest_id",
            postgresql_where=text("digest_id IS NOT NULL"),
        ),
        Index(None, "created_at", "id"),
    )

    id: Mapped[Key]
    notification_id: Mapped[UUID] = mapped_column(ForeignKey("notifications.id", ondelete="CASCADE"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    recipient_identifier: Mapped[Str255]
    channel: Mapped[Channel] = mapped_column(one_of(Channel, "channel"))
    attempt_no: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    max_retries: Mapped[int] = mapped_column(default=3, server_default=text("3"))
    template_key: Mapped[Str100]
    locale: Mapped[Str10]
    subject: Mapped[Str500 | None]
    body: Mapped[str]
    body_html: Mapped[str | None]
    template_data: Mapped[Json]
    status: Mapped[DeliveryStatus] = mapped_column(
        one_of(DeliveryStatus, "status"), default=DeliveryStatus.PENDING, server_default="pending"
    )
    # A sign-in code does not queue behind a mailing.
    is_urgent: Mapped[No]
    # Waits for the digest of its day or week; `digest_id` is the first delivery of the mail that carries it.
    awaits_digest: Mapped[No]
    digest_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("notification_deliveries.id", ondelete="SET NULL")
    )
    # Taken by a worker until then; a killed worker's rows fall due again.
    claimed_until: Mapped[datetime | None]
    scheduled_at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    next_retry_at: Mapped[datetime | None]
    is_dead: Mapped[No]
    provider: Mapped[Str50 | None]
    provider_message_id: Mapped[Str255 | None]
    provider_response: Mapped[Json]
    error_code: Mapped[Str50 | None]
    error_message: Mapped[str | None]


class NotificationAnalytics(Stamped, Base):
    """Counts and rates of one day, template and channel."""

    __tablename__ = "notification_analytics"
    __table_args__ = (
        UniqueConstraint("date", "template_key", "channel"),
        CheckConstraint(
            "sent_count >= 0 AND delivered_count >= 0 AND failed_count >= 0 AND bounce_count >= 0"
            " AND opened_count >= 0 AND clicked_count >= 0",
            name="counts_not_negative",
        ),
    )

    id: Mapped[Key]
    date: Mapped[date]
    template_key: Mapped[Str100]
    channel: Mapped[Str20]
    sent_count: Mapped[Count]
    delivered_count: Mapped[Count]
    failed_count: Mapped[Count]
    bounce_count: Mapped[Count]
    opened_count: Mapped[Count]
    clicked_count: Mapped[Count]
    delivery_rate: Mapped[Ratio] = mapped_column(default=Decimal(0), server_default=text("0"))
    open_rate: Mapped[Ratio] = mapped_column(default=Decimal(0), server_default=text("0"))
    click_rate: Mapped[Ratio] = mapped_column(default=Decimal(0), server_default=text("0"))
