"""The shape of a message about the safety of an account or somebody's rights: it never waits."""

from __future__ import annotations

from portal.notifications.catalog import (
    Category,
    MessageTemplate,
    NotificationType,
    Priority,
    Text,
)
from portal.notifications.models import Channel


def security_message(
    key: str, channels: tuple[Channel, ...], variables: dict[str, str], texts: dict[str, Text], **more: bool
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
        **more,
    )
