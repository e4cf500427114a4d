"""The portal's own messages: to the people who steer it."""

from __future__ import annotations

from portal.notifications.catalog import (
    EMAIL,
    IN_APP,
    Category,
    MessageTemplate,
    NotificationType,
    Priority,
    Text,
)

MESSAGES = [
    MessageTemplate(
        key="operations_alert",
        category=Category.SECURITY,
        type=NotificationType.SYSTEM,
        priority=Priority.URGENT,
        channels=(IN_APP, EMAIL),
        variables={"subject": "string", "detail": "string"},
        texts={
            "fr": Text(
                subject="À vérifier : {subject}",
                body="{detail}",
                action="Ouvrir l’administration",
            ),
            "en": Text(subject="Please check: {subject}", body="{detail}", action="Open administration"),
            "wo": Text(subject="Xoolal: {subject}", body="{detail}", action="Ubbi saytu bi"),
        },
    ),
    MessageTemplate(
        key="digest",
        category=Category.COMMUNITY,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.HIGH,
        channels=(EMAIL,),
        variables={"count": "number", "news": "string"},
        texts={
            "fr": Text(
                subject="Vos nouvelles Teranga ({count})",
                body="Bonjour, voici ce qui s’est passé depuis notre dernier message.\n\n{news}",
                action="Ouvrir mes messages",
            ),
            "en": Text(
                subject="Your news from Teranga ({count})",
                body="Hello, here is what happened since our last message.\n\n{news}",
                action="Open my messages",
            ),
            "wo": Text(
                subject="Sa xibaari Teranga ({count})",
                body="Salaamaalekum, lii moo xew ginnaaw sunu bataaxal bu mujj.\n\n{news}",
                action="Ubbi samay bataaxal",
            ),
        },
    ),
]
