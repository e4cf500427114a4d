"""Payouts as a table for a spreadsheet; amounts in minor units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_HEADING = (
    "id", "payee", "amount", "currency", "fee", "method", "status", "attempt", "reference", "failure", "source",
    "source_id", "ordered_at", "completed_at",
)  # fmt: skip


def payouts_table(rows: Sequence[Any]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """The heading, and payouts with their payees' names, one a line."""
    lines = [
        (
            str(payout.id),
            payee,
            payout.amount_minor,
            payout.currency,
            payout.fee_minor,
            payout.method,
            payout.status,
            payout.attempt,
            payout.transaction_reference,
            payout.failure_code,
            payout.source_type,
            str(payout.source_id),
            payout.created_at.isoformat(),
            payout.completed_at.isoformat() if payout.completed_at else None,
        )
        for payout, payee in rows
    ]
    return _HEADING, lines
