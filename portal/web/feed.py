"""What matters to a person today, put together from the rooms."""

from __future__ import annotations

from uuid import UUID


def feed_items(user_id: UUID) -> list[object]:
    """The cards of the home page, the most urgent first."""
    return []
