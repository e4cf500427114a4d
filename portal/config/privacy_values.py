"""How long things are kept (G-33, PRV-07 to PRV-11); registered with the other operator values (`values.py`)."""

from __future__ import annotations

from portal.config.registry import Setting, setting
from portal.kernel.i18n import lazy


def _days(key: str, default: int, label: str, source: str, low: int, high: int) -> Setting[int]:
    return setting(f"keep.{key}", default, label, source, low, high)


KEEP_SESSIONS = _days(
    "sessions", 90, lazy("Days that ended sign-ins and unused devices are kept"), "G-33", 1, 90
)
# Longer than the first days of a friend may last (`referrals.activation_window`).
KEEP_ACTIVE_DAYS = _days("active_days", 90, lazy("Days that activity dates are kept"), "G-33", 61, 90)
KEEP_ATTEMPTS = _days("attempts", 90, lazy("Days that sign-in attempts are kept"), "G-33", 3, 90)
KEEP_CONTACTS = _days(
    "contacts",
    90,
    lazy("Days that an unconfirmed earlier address is kept"),
    "PRV-05",
    1,
    365,
)
KEEP_REQUESTS = _days("requests", 1825, lazy("Days that requests about data are kept"), "PRV-10", 365, 1825)
KEEP_GUARDIAN_REQUESTS = _days(
    "guardian_requests", 180, lazy("Days that ended questions to guardians are kept"), "PRV-05", 30, 365
)
KEEP_GUEST_MESSAGES = _days(
    "guest_messages", 365, lazy("Days that messages to people without an account are kept"), "PRV-05", 30, 730
)
KEEP_NETWORKS = _days(
    "networks", 90, lazy("Days that network addresses of clicks, scans and gifts are kept"), "G-33", 1, 90
)
KEEP_UNPAID = _days("unpaid", 90, lazy("Days that the donor of an unpaid gift is kept"), "PRV-05", 7, 365)
KEEP_STATISTICS = _days("statistics", 730, lazy("Days that statistics by day are kept"), "PRV-09", 30, 730)
KEEP_SECURITY = _days("security", 1825, lazy("Days that security events are kept"), "PRV-10", 365, 1825)
KEEP_AUDIT = _days("audit", 1827, lazy("Days that the audit log is kept"), "PRV-10", 1827, 3653)
# The least lasts through three months in which nothing runs.
MONTHS_AHEAD = setting(
    "audit.months_ahead", 12, lazy("Months of the audit log prepared ahead"), "PRV-10", 4, 48
)
KEEP_LOOKS = _days("looks", 1827, lazy("Days that records of staff access are kept"), "PRV-06", 1827, 3653)
KEEP_TEAM_INVITATIONS = _days(
    "team_invitations", 90, lazy("Days that ended invitations into teams are kept"), "PRV-05", 1, 365
)
KEEP_DRAFTS = _days("drafts", 90, lazy("Days that unfinished drafts are kept"), "PRV-05", 7, 365)
KEEP_FINANCIAL = _days(
    "financial", 2557, lazy("Days that the donor of a paid gift is kept"), "PRV-08", 2557, 3653
)
