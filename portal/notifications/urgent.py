"""The shapes of messages about the safety of an account, somebody's rights or their standing: no switch stops them."""

from __future__ import annotations

from portal.consent.models import Asked
from portal.notifications.catalog import (
    Category,
    MessageTemplate,
    NotificationType,
    Priority,
    Text,
)
from portal.notifications.models import Channel


def security_message(
    key: str,
    channels: tuple[Channel, ...],
    variables: dict[str, str],
    texts: dict[str, Text],
    *,
    confidential: bool = False,
    counts_when_asked: bool = False,
) -> MessageTemplate:
    """One of them, on these channels, in these words."""
    return MessageTemplate(
        key=key,
        category=Category.SECURITY,
        type=NotificationType.SYSTEM,
        priority=Priority.URGENT,
        channels=channels,
        variables=variables,
        texts=texts,
        confidential=confidential,
        counts_when_asked=counts_when_asked,
    )


def standing_message(
    key: str,
    channels: tuple[Channel, ...],
    variables: dict[str, str],
    texts: dict[str, Text],
    asks: Asked | None = None,
) -> MessageTemplate:
    """What is asked of somebody, or was decided about them; of less weight than what is wrong with their account."""
    return MessageTemplate(
        key=key,
        category=Category.SECURITY,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.HIGH,
        channels=channels,
        variables=variables,
        texts=texts,
        asks=asks,
    )
