"""What can be asked of notifications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.paging import Filter, Page, SortKey, paginate
from portal.notifications.models import (
    Channel,
    DeliveryStatus,
    Notification,
    NotificationAnalytics,
    NotificationDelivery,
    NotificationPreferences,
    NotificationTemplate,
    NotificationType,
)
from portal.notifications.recipients import default_preferences

MOST_EXPORTED = 10_000
UNREAD_SHOWN_AT_MOST = 99


@dataclass(frozen=True, slots=True)
class TypeSummary:
    """How many messages of one type a person has, and how many of them are unread."""

    type: NotificationType
    total: int
    unread: int


def unread_count(user_id: UUID) -> int:
    """Unread messages of a person, counted up to the most that the bell shows (NTF-13)."""
    unread = (
        select(Notification.id)
        .where(*_listed(user_id), Notification.read.is_(False), Notification.archived.is_(False))
        .limit(UNREAD_SHOWN_AT_MOST)
        .subquery()
    )
    return db.session.execute(select(func.count()).select_from(unread)).scalar_one()


def inbox(
    user_id: UUID,
    *,
    type_: NotificationType | None = None,
    unread_only: bool = False,
    archived: bool = False,
    cursor: str | None = None,
) -> Page[Notification]:
    """A person's messages, newest first; expired ones have left (NTF-08, NTF-09, NTF-15)."""
    statement = select(Notification).where(*_listed(user_id), Notification.archived.is_(archived))
    if type_ is not None:
        statement = statement.where(Notification.type == type_)
    if unread_only:
        statement = statement.where(Notification.read.is_(False))
    return paginate(statement, [SortKey(Notification.id)], cursor)


def summary(user_id: UUID) -> list[TypeSummary]:
    """Total and unread by type, archived messages left out (NTF-11)."""
    unread = func.count().filter(Notification.read.is_(False))
    rows = db.session.execute(
        select(Notification.type, func.count(), unread)
        .where(*_listed(user_id), Notification.archived.is_(False))
        .group_by(Notification.type)
        .order_by(Notification.type)
    )
    return [TypeSummary(kind, total, unread_) for kind, total, unread_ in rows]


def preferences_of(user_id: UUID) -> NotificationPreferences:
    """What the person chose, or what counts until they do (not yet a row)."""
    return db.session.get(NotificationPreferences, user_id) or default_preferences()


@dataclass(frozen=True, slots=True)
class DeliveryFilter(Filter):
    """Which deliveries an operator looks for; None means any."""

    channel: Channel | None = None
    status: DeliveryStatus | None = None
    template_key: str | None = None
    recipient: str | None = None
    dead_only: bool = False


def deliveries_page(wanted: DeliveryFilter, cursor: str | None) -> Page[NotificationDelivery]:
    """The deliveries an operator asks for, newest first (ADM-26)."""
    keys = [SortKey(NotificationDelivery.created_at), SortKey(NotificationDelivery.id)]
    return paginate(_deliveries(wanted), keys, cursor)


def deliveries_rows(wanted: DeliveryFilter) -> Sequence[NotificationDelivery]:
    """The same list as one file, at most `MOST_EXPORTED` rows."""
    newest = _deliveries(wanted).order_by(NotificationDelivery.created_at.desc())
    return db.session.scalars(newest.limit(MOST_EXPORTED)).all()


def _deliveries(wanted: DeliveryFilter) -> Select[NotificationDelivery]:
    statement = select(NotificationDelivery)
    if wanted.channel is not None:
        statement = statement.where(NotificationDelivery.channel == wanted.channel)
    if wanted.status is not None:
        statement = statement.where(NotificationDelivery.status == wanted.status)
    if wanted.template_key:
        statement = statement.where(NotificationDelivery.template_key == wanted.template_key)
    if wanted.recipient:
        statement = statement.where(NotificationDelivery.recipient_identifier == wanted.recipient)
    if wanted.dead_only:
        statement = statement.where(NotificationDelivery.is_dead)
    return statement


def template_version(template_id: UUID) -> NotificationTemplate:
    """One version of one message in one language. Raises `NotFound`."""
    found = db.session.get(NotificationTemplate, template_id)
    if found is None:
        raise NotFound
    return found


def active_templates() -> Sequence[NotificationTemplate]:
    """The words in force, by key and language."""
    return db.session.scalars(
        select(NotificationTemplate)
        .where(NotificationTemplate.is_active)
        .order_by(NotificationTemplate.template_key, NotificationTemplate.locale)
    ).all()


def versions(template_key: str, locale: str) -> Sequence[NotificationTemplate]:
    """Every version of one message in one language, newest first."""
    return db.session.scalars(
        select(NotificationTemplate)
        .where(NotificationTemplate.template_key == template_key, NotificationTemplate.locale == locale)
        .order_by(NotificationTemplate.version.desc())
    ).all()


def rates(days: int) -> list[Any]:
    """Counts by template and channel over the last `days` platform days (NTF-52)."""
    first = clock.today().toordinal() - days + 1
    row = NotificationAnalytics
    return list(
        db.session.execute(
            select(
                row.template_key,
                row.channel,
                func.sum(row.sent_count).label("sent"),
                func.sum(row.delivered_count).label("delivered"),
                func.sum(row.failed_count).label("failed"),
                func.sum(row.bounce_count).label("bounced"),
            )
            .where(row.date >= clock.today().fromordinal(first))
            .group_by(row.template_key, row.channel)
            .order_by(row.template_key, row.channel)
        )
    )


def _listed(user_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """What a person's message center holds."""
    return (
        Notification.user_id == user_id,
        Notification.in_app.is_(True),
        (Notification.expires_at.is_(None)) | (Notification.expires_at > clock.now()),
    )
