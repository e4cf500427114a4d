"""The operator values of the people's room; registered with the others (`values.py`)."""

from __future__ import annotations

from portal.config.registry import Setting, setting
from portal.kernel.i18n import lazy
from portal.kernel.scans import MOST_PAGES


def _number(key: str, default: int, label: str, source: str, low: int, high: int) -> Setting[int]:
    return setting(f"people.{key}", default, label, source, low, high)


GUARDIAN_ASKS = _number(
    "guardian_asks", 10, lazy("Guardians one minor may name in an hour"), "PPL-13", 1, 100
)
GUARDIAN_DAYS = _number(
    "guardian_days", 30, lazy("Days until a question to a guardian expires"), "PPL-13", 1, 365
)
GUARDIAN_AGAIN_DAYS = _number(
    "guardian_again_days",
    7,
    lazy("Days before the same minor's question is sent to the same address again"),
    "PPL-13",
    1,
    365,
)
GUARDIAN_MESSAGES_OF_ONE = _number(
    "guardian_messages_of_one",
    3,
    lazy("Questions to guardians that are sent for one minor in 24 hours"),
    "PPL-13",
    1,
    100,
)
GUARDIAN_MESSAGES_TO_ONE = _number(
    "guardian_messages_to_one",
    3,
    lazy("Questions to guardians that one address gets in 24 hours, whoever asks"),
    "PPL-13",
    1,
    100,
)
RECONNECT_DAYS = _number(
    "reconnect_days", 7, lazy("Days before two people may connect again"), "G-26", 0, 365
)
MOST_INTERESTS = _number("most_interests", 20, lazy("Interests one person may name"), "PPL-02", 1, 100)
MOST_ADDRESSES = _number("most_addresses", 20, lazy("Addresses one person may keep"), "PPL-21", 1, 200)
LETTERS_PER_HOUR = _number(
    "letters_per_hour", 10, lazy("Messages a sponsor may write in an hour"), "PPL-28", 1, 1000
)
COMPLETION_POINTS = _number(
    "completion_points", 20, lazy("Points for a profile in which nothing is missing"), "PPL-36", 0, 10_000
)
CALENDAR_FETCHES = _number(
    "calendar_fetches", 120, lazy("Calendars fetched in an hour from one address"), "PPL-33", 1, 10_000
)
PAPER_DAYS = _number(
    "paper_days",
    90,
    lazy("Days that the scan of an identity paper is kept after the decision"),
    "PPL-17",
    0,
    3650,
)
PAPERS_PER_HOUR = _number(
    "papers_per_hour", 10, lazy("Identity papers one person may hand in within an hour"), "PPL-16", 1, 100
)
PAPER_PAGES = _number(
    "paper_pages", 4, lazy("Pages a paper may have when it comes as a PDF"), "PPL-16", 1, MOST_PAGES
)
PAPER_SECONDS = _number(
    "paper_seconds", 15, lazy("Seconds in which a PDF of a paper must be drawn"), "PPL-16", 1, 60
)
