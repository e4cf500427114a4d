"""Faults armed for coming calls: what no provider offers and every client must survive (contract §11)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from portal.sandbox.store import Database, Row, insert
from portal.sandbox.wave.answers import SHAPES

# How a call may end badly, whatever it was about. `moment` before or after: did the money move?
CALL_KINDS = frozenset({"error", "throttle", "timeout", "cut", "garbage", "empty"})
PAYOUT_KINDS = frozenset({"refuse", "fail", "processing"})
WEBHOOK_KINDS = frozenset({"drop", "delay", "duplicate", "reorder", "hold", "forge", "stale"})

_KINDS_BY_OPERATION: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        (
            "checkout.create",
            "checkout.get",
            "checkout.by_transaction",
            "checkout.search",
            "checkout.expire",
            "checkout.refund",
            "payout.get",
            "payout.search",
            "payout.reverse",
            "batch.create",
            "batch.get",
            "balance.get",
            "transactions.list",
            "transactions.refund",
        ),
        CALL_KINDS,
    ),
    "payout.create": CALL_KINDS | PAYOUT_KINDS,
    "batch.item": frozenset({"fail", "processing"}),
    "recipient.verify": CALL_KINDS | {"answer"},
    "webhook": WEBHOOK_KINDS,
    "sms.create": CALL_KINDS | {"outcome"},
    "mail.send": frozenset({"refuse", "cut", "timeout"}),
}
OPERATIONS = tuple(sorted(_KINDS_BY_OPERATION))
_DETAILS = frozenset(
    {
        *("moment", "status", "code", "message", "shape", "retry_after", "seconds", "copies"),
        *("then", "after_reads", "fields", "final", "error_code", "at"),
    }
)
_PLAIN = frozenset({"operation", "kind", "times", "match"})


class UnknownFault(ValueError):
    """What was asked to be armed does not exist; the text says what does."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One armed fault, as it strikes."""

    kind: str
    details: Mapping[str, Any]

    @property
    def strikes_after(self) -> bool:
        """Whether the call does its work before it ends badly."""
        return self.details.get("moment") == "after"


def arm(db: Database, order: Mapping[str, Any]) -> int:
    """Arm a fault from its JSON and give its number.

    `operation`, `kind`, `times` (1), `match` (fields of the request that must be equal), and the kind's
    own details. Raises `UnknownFault`.
    """
    operation, kind, times, match = (
        order.get("operation"),
        order.get("kind"),
        order.get("times", 1),
        order.get("match", {}),
    )
    kinds = _KINDS_BY_OPERATION.get(str(operation))
    if kinds is None:
        raise UnknownFault(f"operation is one of {', '.join(OPERATIONS)}")
    if kind not in kinds:
        raise UnknownFault(f"kind for {operation} is one of {', '.join(sorted(kinds))}")
    if not isinstance(times, int) or isinstance(times, bool) or times < 1 or not isinstance(match, dict):
        raise UnknownFault("times is a whole number from 1, match an object")
    unknown = set(order) - _PLAIN - _DETAILS
    if unknown:
        raise UnknownFault(f"no such detail: {', '.join(sorted(unknown))}")
    details = {name: value for name, value in order.items() if name in _DETAILS}
    if details.get("shape", "general") not in SHAPES:
        raise UnknownFault(f"shape is one of {', '.join(SHAPES)}")
    if details.get("moment", "before") not in {"before", "after"}:
        raise UnknownFault("moment is before or after")
    return insert(
        db,
        "faults",
        operation=operation,
        kind=kind,
        remaining=times,
        match=json.dumps(match),
        details=json.dumps(details),
    )


def take(db: Database, operation: str, kinds: Collection[str], subject: Mapping[str, Any]) -> Fault | None:
    """The oldest fault of `kinds` armed for `operation` that fits `subject`, one use less; None if none."""
    rows = db.execute("SELECT * FROM faults WHERE operation = ? ORDER BY id", (operation,)).fetchall()
    row = next((row for row in rows if row["kind"] in kinds and _fits(row, subject)), None)
    if row is None:
        return None
    if row["remaining"] == 1:
        db.execute("DELETE FROM faults WHERE id = ?", (row["id"],))
    else:
        db.execute("UPDATE faults SET remaining = remaining - 1 WHERE id = ?", (row["id"],))
    return Fault(row["kind"], json.loads(row["details"]))


def armed(db: Database) -> list[dict[str, Any]]:
    """Every fault that has not struck yet."""
    rows = db.execute("SELECT * FROM faults ORDER BY id").fetchall()
    return [
        {
            "id": row["id"],
            "operation": row["operation"],
            "kind": row["kind"],
            "times": row["remaining"],
            "match": json.loads(row["match"]),
            **json.loads(row["details"]),
        }
        for row in rows
    ]


def _fits(row: Row, subject: Mapping[str, Any]) -> bool:
    return all(subject.get(name) == value for name, value in json.loads(row["match"]).items())
