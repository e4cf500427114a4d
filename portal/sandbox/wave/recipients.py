"""Who can be paid: the people the sandbox knows by number, and the check before a payout (contract §7)."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from portal.sandbox.store import Database, Row

PAYMENT_LIMIT = 2_000_000
HOME_PREFIX = "+221"
CHECKS_ALLOWED = 30
CHECKS_WINDOW_SECONDS = 300
BLOCK_SECONDS = 3600
_ALIKE = 0.65


def find(db: Database, mobile: str) -> Row | None:
    """What is known of the owner of a number; None when nothing is."""
    row: Row | None = db.execute("SELECT * FROM recipients WHERE mobile = ?", (mobile,)).fetchone()
    return row


def describe(
    db: Database,
    mobile: str,
    *,
    name: str | None,
    national_id: str | None,
    payment_limit: int | None,
    refusal: str | None,
) -> None:
    """Make the owner of a number known; `refusal` is the code with which each payout to them is refused."""
    db.execute("DELETE FROM recipients WHERE mobile = ?", (mobile,))
    db.execute(
        "INSERT INTO recipients (mobile, name, national_id, payment_limit, refusal) VALUES (?, ?, ?, ?, ?)",
        (mobile, name, national_id, payment_limit, refusal),
    )


def limit_of(person: Row | None) -> int:
    """The most that one payment to this person may be."""
    return (
        PAYMENT_LIMIT if person is None or person["payment_limit"] is None else int(person["payment_limit"])
    )


def verify(db: Database, request: dict[str, Any], now: int) -> dict[str, Any] | None:
    """The answer about a recipient; None when the number was checked too often and is blocked for an hour."""
    if not _may_be_checked(db, request["mobile"], now):
        return None
    person = find(db, request["mobile"])
    amount = request.get("amount")
    return {
        "within_limits": None if amount is None else int(amount) <= limit_of(person),
        "name_match": _name_match(person["name"] if person else None, request.get("name")),
        "national_id_match": _id_match(person["national_id"] if person else None, request.get("national_id")),
    }


def _may_be_checked(db: Database, mobile: str, now: int) -> bool:
    block = db.execute("SELECT until FROM recipient_blocks WHERE mobile = ?", (mobile,)).fetchone()
    if block is not None and now < block["until"]:
        return False
    db.execute("DELETE FROM recipient_checks WHERE checked <= ?", (now - CHECKS_WINDOW_SECONDS,))
    (recent,) = db.execute("SELECT count(*) FROM recipient_checks WHERE mobile = ?", (mobile,)).fetchone()
    if recent >= CHECKS_ALLOWED:
        db.execute("INSERT OR REPLACE INTO recipient_blocks VALUES (?, ?)", (mobile, now + BLOCK_SECONDS))
        return False
    db.execute("INSERT INTO recipient_checks (mobile, checked) VALUES (?, ?)", (mobile, now))
    return True


def _name_match(known: str | None, asked: str | None) -> str:
    if known is None or asked is None:
        return "NAME_NOT_KNOWN"
    one, other = (" ".join(sorted(name.casefold().split())) for name in (known, asked))
    return "MATCH" if SequenceMatcher(None, one, other).ratio() >= _ALIKE else "NO_MATCH"


def _id_match(known: str | None, asked: str | None) -> str | None:
    if asked is None:
        return None
    if known is None:
        return "ID_NOT_KNOWN"
    return "MATCH" if known == asked else "NO_MATCH"
