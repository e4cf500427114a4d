"""What matters to a person today, put together from the rooms."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from portal.pots import feed as pots
from portal.referrals import feed as referrals


def feed_items(user_id: UUID) -> list[Any]:
    """The cards of the home page, the most urgent first."""
    cards = [*pots.feed_cards(user_id), *referrals.feed_cards(user_id)]
    return sorted(cards, key=lambda card: card.rank)
