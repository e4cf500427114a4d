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
]
