"""What operators hear when something the portal stands on fails."""

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
        key="health_alert",
        category=Category.SECURITY,
        type=NotificationType.SYSTEM,
        priority=Priority.URGENT,
        channels=(IN_APP, EMAIL),
        variables={"check": "string", "detail": "string"},
        texts={
            "fr": Text(
                subject="Quelque chose ne va pas : {check}",
                body="Le contrôle « {check} » a échoué deux fois de suite.\n\n{detail}",
                action="Voir l'état du portail",
            ),
            "en": Text(
                subject="Something is wrong: {check}",
                body="The check “{check}” failed twice in a row.\n\n{detail}",
                action="See the portal's health",
            ),
            "wo": Text(
                subject="Am na lu baaxul: {check}",
                body="Saytu « {check} » lajj na ñaari yoon topp-toppante.\n\n{detail}",
                action="Xool ni portail bi demee",
            ),
        },
    )
]
