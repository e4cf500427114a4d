"""What messages hold of people: those they went to, and those they speak of (PRV-05)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select

from portal.kernel.personal import (
    Person,
    Remove,
    Share,
    any_of,
    holds,
    mentions,
    names_guests,
    nothing_personal,
    own,
    reached_at,
)
from portal.notifications.models import (
    Notification,
    NotificationAnalytics,
    NotificationBroadcast,
    NotificationDelivery,
    NotificationPreferences,
    NotificationTemplate,
)


def _about(ids: Collection[UUID]) -> ColumnElement[bool]:
    return or_(Notification.related_entity_id.in_(ids), Notification.user_id.in_(ids))


def _guest_of_gift(person: Person) -> ColumnElement[bool]:
    """What a donor without an account was told about a gift that is proved to be theirs."""
    if not person.gift_ids:
        return false()
    return Notification.user_id.is_(None) & Notification.related_entity_id.in_(person.gift_ids)


holds(
    Notification,
    {
        "recipient_identifier": "where a person without an account is reached",
        "title": "what the person was told",
        "message": "what the person was told",
        "event_key": "to tell nobody the same thing twice",
        "answer_key": "to open the page on which somebody without an account says no",
    },
    Share(
        "messages",
        any_of(
            own(Notification.user_id),
            reached_at(emails=Notification.recipient_identifier, phones=Notification.recipient_identifier),
            _guest_of_gift,
        ),
        Remove(),
        tells=("title", "message", "type", "category", "created_at", "read_at", "archived_at"),
    ),
    plain=("related_entity_type", "image_url", "action_link", "action_text"),
)
holds(
    NotificationDelivery,
    {
        "recipient_identifier": "where the message goes",
        "subject": "what the person was told",
        "body": "what the person was told",
        "body_html": "what the person was told",
        "template_data": "the names and numbers in the message",
        "provider_response": "what the provider said of the delivery",
        "error_message": "why the message did not arrive",
    },
    Share(
        "message_deliveries",
        any_of(
            own(NotificationDelivery.user_id),
            reached_at(
                emails=NotificationDelivery.recipient_identifier,
                phones=NotificationDelivery.recipient_identifier,
            ),
            lambda person: NotificationDelivery.notification_id.in_(
                select(Notification.id).where(_guest_of_gift(person))
            ),
        ),
        Remove(),
        tells=("channel", "recipient_identifier", "subject", "body", "status", "created_at", "sent_at"),
    ),
    plain=("template_key", "locale", "provider", "provider_message_id", "error_code"),
)
holds(
    NotificationPreferences,
    {},
    Share(
        "message_preferences",
        own(NotificationPreferences.user_id),
        Remove(),
        tells=(
            "in_app_enabled",
            "email_enabled",
            "sms_enabled",
            "whatsapp_enabled",
            "push_enabled",
            "referral_notifications",
            "pot_notifications",
            "donation_notifications",
            "marketing_notifications",
            "digest_frequency",
            "quiet_hours_enabled",
            "quiet_from",
            "quiet_until",
            "overrides",
        ),
    ),
    plain=("quiet_from", "quiet_until", "overrides"),
)
nothing_personal(NotificationTemplate, "words without the names that fill them")
nothing_personal(NotificationBroadcast, "a group described by its traits, without the people in it")
nothing_personal(NotificationAnalytics, "counts by day")
mentions(Notification, "title", "message", tie=_about)
mentions(
    NotificationDelivery,
    "subject",
    "body",
    "body_html",
    "template_data",
    "provider_response",
    "error_message",
    tie=lambda ids: NotificationDelivery.notification_id.in_(select(Notification.id).where(_about(ids))),
)


def _questions_to(person: Person) -> ColumnElement[bool]:
    """What was asked of somebody because another has typed their address; not what they were told of their own gifts."""
    return Notification.answer_key.is_not(None) & Notification.recipient_identifier.in_(person.proved)


names_guests(Notification, _questions_to, Remove())
names_guests(
    NotificationDelivery,
    lambda person: NotificationDelivery.notification_id.in_(
        select(Notification.id).where(_questions_to(person))
    ),
    Remove(),
)
