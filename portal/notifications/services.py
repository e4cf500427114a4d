"""Telling people: one notification for each recipient and event, one delivery for each channel.

1. `notify` writes both inside the caller's transaction, so a message exists exactly when its cause does.
2. After the commit `notifications.deliver` (jobs.py) hands the due deliveries to the providers.
3. A failure is a new delivery, later; after the last one the delivery is dead and waits for an operator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.types import Text as SqlText

from portal.identity.models import User, UserStatus
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.kernel.jobs import wake
from portal.kernel.pages import public_url
from portal.kernel.roles import ADMIN_ROLES
from portal.notifications import recipients
from portal.notifications.asking import KEY, new_key, where_wanted
from portal.notifications.catalog import IN_APP, SMS, MessageTemplate, template_for
from portal.notifications.channels import Planned, plan
from portal.notifications.history import handed_over, is_history
from portal.notifications.models import (
    DeliveryStatus,
    Notification,
    NotificationDelivery,
)
from portal.notifications.recipients import Recipient
from portal.notifications.rendering import Rendered, render
from portal.notifications.wording import words_in_force

DRAIN = "notifications.deliver"


def notify(
    template_key: str,
    *,
    event_key: str,
    data: Mapping[str, Any],
    user_id: UUID | None = None,
    email: str | None = None,
    phone: str | None = None,
    locale: str | None = None,
    related: tuple[str, UUID] | None = None,
    action_link: str | None = None,
    expires_at: datetime | None = None,
    by: Actor,
) -> None:
    """Tell one person about one event, on every channel the template, the preferences and the hour allow.

    A person with an account is named by `user_id`; `email` or `phone` then replace the account's addresses.
    A guest is named by `email`, `phone` or both. A second call with the same recipient and `event_key` does
    nothing. `action_link` is a path of this portal, of a question to a guest with the place of its key. Whoever does not
    want to be asked is not (asking.py). After `expires_at` nothing is sent or listed any more.
    Raises `WordsError` when the template is unknown or `data` does not fit its variables. (R-54, NTF-08)
    """
    message = template_for(template_key)
    person = (
        recipients.account(user_id, message.category, email=email, phone=phone, locale=locale)
        if user_id is not None
        else recipients.guest(email, phone, locale)
    )
    if message.asks is not None:
        person = where_wanted(person, message.asks)
        if person.user_id is None and not person.addresses:
            return
    answer_key = new_key() if message.asks is not None and person.user_id is None else None
    if answer_key is not None and action_link is not None:
        action_link = action_link.replace(KEY, answer_key)
    words = words_in_force(message, person.language)
    moment = clock.now()
    enter(
        message,
        render(message, words, _with_link(message, data, action_link), person.zone),
        person,
        plan(person, words.channels, message.category, message.priority, moment),
        {
            "event_key": event_key,
            "template_id": words.template_id,
            "related_entity_type": related[0] if related else None,
            "related_entity_id": related[1] if related else None,
            "action_link": action_link,
            "expires_at": expires_at,
            "answer_key": answer_key,
            "created_by": by.user_id,
        },
    )


def enter(
    message: MessageTemplate,
    text: Rendered,
    person: Recipient,
    planned: Sequence[Planned],
    event: dict[str, Any],
) -> None:
    """Write a rendered message and its planned deliveries; nothing when the person knows of the event."""
    notification_id = _insert_notification(message, text, person, planned, event)
    if notification_id is None or not planned:
        return
    moment = clock.now()
    secret = {"action_link": event["action_link"]} if message.confidential else {}
    rows = [_delivery_row(notification_id, person, one, text, moment, secret) for one in planned]
    if is_history():
        rows = [handed_over(row, moment, confidential=message.confidential) for row in rows]
    elif any(one.channel is not IN_APP and one.scheduled_at <= moment for one in planned):
        wake(DRAIN)
    db.session.execute(insert(NotificationDelivery), rows)


def alert_admins(
    template_key: str,
    *,
    event_key: str,
    data: Mapping[str, Any],
    related: tuple[str, UUID] | None = None,
    action_link: str | None = None,
    by: Actor,
) -> None:
    """Tell every active admin once for each `event_key`; the template decides channels and urgency."""
    admins = db.session.scalars(
        select(User.id)
        .where(
            User.roles.overlap(array(sorted(ADMIN_ROLES), type_=SqlText)),
            User.status == UserStatus.ACTIVE,
        )
        .order_by(User.id)
    ).all()
    for admin_id in admins:
        notify(
            template_key,
            event_key=event_key,
            data=data,
            user_id=admin_id,
            related=related,
            action_link=action_link,
            by=by,
        )


def _with_link(message: MessageTemplate, data: Mapping[str, Any], path: str | None) -> Mapping[str, Any]:
    """The data of a question with the address to answer at, whose key is known only now."""
    if message.asks is None or path is None or "link" not in message.variables:
        return data
    return {**data, "link": public_url(path)}


def _insert_notification(
    message: MessageTemplate,
    text: Rendered,
    person: Recipient,
    planned: Sequence[Planned],
    event: dict[str, Any],
) -> UUID | None:
    """The new row's id; None when this recipient already knows of this event."""
    row = {
        "id": new_id(),
        "user_id": person.user_id,
        "recipient_identifier": person.identifier,
        "title": text.title,
        "message": text.kept,
        "action_text": text.action if event["action_link"] else None,
        "type": message.type,
        "category": message.category,
        "priority": message.priority,
        "in_app": any(one.channel is IN_APP for one in planned),
        **event,
    }
    if message.confidential:
        # A link that opens an account is as secret as a code: only the delivery has it, until it is sent.
        row["action_link"] = None
    statement = (
        upsert(Notification)
        .values(row)
        .on_conflict_do_nothing(index_elements=["user_id", "recipient_identifier", "event_key"])
        .returning(Notification.id)
    )
    return db.session.execute(statement).scalar()


def _delivery_row(
    notification_id: UUID,
    person: Recipient,
    planned: Planned,
    text: Rendered,
    moment: datetime,
    secret: dict[str, Any],
) -> dict[str, Any]:
    is_done = planned.channel is IN_APP
    return {
        "id": new_id(),
        "notification_id": notification_id,
        "user_id": person.user_id,
        "recipient_identifier": planned.address,
        "channel": planned.channel,
        "template_key": text.key,
        "locale": text.locale,
        "subject": None if planned.channel is SMS else text.title,
        "body": text.sms if planned.channel is SMS else text.body,
        "body_html": None if planned.channel is SMS else text.html,
        "template_data": text.data | secret,
        "status": DeliveryStatus.DELIVERED if is_done else DeliveryStatus.PENDING,
        "is_urgent": planned.is_urgent,
        "awaits_digest": planned.awaits_digest,
        "scheduled_at": planned.scheduled_at,
        "sent_at": moment if is_done else None,
        "delivered_at": moment if is_done else None,
    }
