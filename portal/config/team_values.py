"""The operator values of invitations into teams; registered with the others (`values.py`)."""

from __future__ import annotations

from portal.config.registry import Setting, setting
from portal.kernel.i18n import lazy


def _number(key: str, default: int, label: str, low: int, high: int) -> Setting[int]:
    return setting(f"teams.{key}", default, label, "PRT-12", low, high)


INVITATION_DAYS = _number("invitation_days", 7, lazy("Days until an invitation into a team expires"), 1, 60)
INVITES_PER_HOUR = _number(
    "invites_per_hour", 30, lazy("Invitations into teams one person may send in an hour"), 1, 1000
)
RESEND_HOURS = _number(
    "resend_hours", 24, lazy("Hours before an invitation into a team may be sent again"), 0, 168
)
MOST_WAITING = _number("most_waiting", 20, lazy("Open invitations per business or company"), 1, 100)
MESSAGES_TO_ONE = _number(
    "messages_to_one",
    3,
    lazy("Invitations into teams that one address or number gets in a day, whoever invites"),
    1,
    50,
)
