"""What a person does with their messages and their wishes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as upsert

from portal.audit.services import record
from portal.consent.services import consents_of, decide
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.notifications.models import (
    Category,
    Channel,
    DigestFrequency,
    Notification,
    NotificationPreferences,
)
from portal.notifications.recipients import OFFERS


@dataclass(frozen=True, slots=True)
class Wishes:
    """Everything the preferences page asks."""

    channels: dict[Channel, bool]
    topics: dict[Category, bool]
    digest_frequency: DigestFrequency
    quiet_hours_enabled: bool
    quiet_from: time
    quiet_until: time
    overrides: dict[str, dict[str, bool]]


def open_notification(notification_id: UUID, *, user_id: UUID) -> Notification:
    """The person's own message, now read (NTF-08). Raises `NotFound` for anybody else's."""
    notification = db.session.get(Notification, notification_id)
    if notification is None or notification.user_id != user_id:
        raise NotFound
    if not notification.read:
        notification.read = True
        notification.read_at = clock.now()
    return notification


def mark_all_read(user_id: UUID) -> int:
    """Mark every message of the person as read; how many were not."""
    moment = clock.now()
    return len(
        db.session.execute(
            update(Notification)
            .where(Notification.user_id == user_id, Notification.read.is_(False))
            .values(read=True, read_at=moment, updated_at=moment)
            .returning(Notification.id)
            .execution_options(synchronize_session=False)
        ).all()
    )


def archive(notification_id: UUID, *, user_id: UUID) -> None:
    """Put a message away; it counts as read (NTF-05). Raises `NotFound` for anybody else's."""
    notification = open_notification(notification_id, user_id=user_id)
    if not notification.archived:
        notification.archived = True
        notification.archived_at = clock.now()


def ensure_preferences(user_id: UUID) -> None:
    """Every account has its one row of preferences, with the defaults (NTF-40)."""
    db.session.execute(upsert(NotificationPreferences).values(user_id=user_id).on_conflict_do_nothing())


def save_preferences(user_id: UUID, wishes: Wishes, *, by: Actor) -> None:
    """Replace what the person wants to hear, where and when (NTF-47); consent to marketing is recorded."""
    preferences = _locked(user_id)
    for channel, on in wishes.channels.items():
        setattr(preferences, f"{channel}_enabled", on)
    for topic, on in wishes.topics.items():
        if topic is Category.MARKETING:
            _decide_marketing(preferences, on, page="/settings/notifications", by=by)
        else:
            setattr(preferences, f"{topic}_notifications", on)
    preferences.digest_frequency = wishes.digest_frequency
    preferences.quiet_hours_enabled = wishes.quiet_hours_enabled
    preferences.quiet_from = wishes.quiet_from
    preferences.quiet_until = wishes.quiet_until
    preferences.overrides = wishes.overrides


def unsubscribe(user_id: UUID, category: Category, *, by: Actor) -> None:
    """No more mails of this topic (one click in a mail); other channels stay as they are."""
    preferences = _locked(user_id)
    if category is Category.MARKETING:
        _decide_marketing(preferences, False, page="/unsubscribe", by=by)
    chosen: dict[str, Any] = {topic: dict(by_channel) for topic, by_channel in preferences.overrides.items()}
    chosen.setdefault(category, {})[Channel.EMAIL] = False
    preferences.overrides = chosen


def _locked(user_id: UUID) -> NotificationPreferences:
    ensure_preferences(user_id)
    return db.session.get_one(NotificationPreferences, user_id, with_for_update=True)


def choose_offers(user_id: UUID, wanted: Mapping[Channel, bool], *, page: str, by: Actor) -> bool:
    """Agree to offers channel by channel, or take it back; whether anything changed (PRV-04)."""
    preferences = _locked(user_id)
    changed = [
        channel
        for channel, granted in wanted.items()
        if decide(user_id, OFFERS[channel], granted, page=page, by=by)
    ]
    given = consents_of(user_id)
    preferences.marketing_notifications = any(purpose in given for purpose in OFFERS.values())
    preferences.overrides = {
        topic: by_channel
        for topic, by_channel in preferences.overrides.items()
        if topic != Category.MARKETING
    }
    return bool(changed)


def _decide_marketing(preferences: NotificationPreferences, wanted: bool, *, page: str, by: Actor) -> None:
    """Consent and its withdrawal are acts that must be provable (R-59): one word for every channel."""
    if preferences.marketing_notifications is wanted:
        return
    choose_offers(preferences.user_id, dict.fromkeys(OFFERS, wanted), page=page, by=by)
    record(
        "marketing_consent_given" if wanted else "marketing_consent_withdrawn",
        ("users", preferences.user_id),
        by=by,
        old={"marketing_notifications": not wanted},
        new={"marketing_notifications": wanted},
    )
