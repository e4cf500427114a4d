"""Settlements and statements as tables for a spreadsheet; amounts in whole F CFA."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.kernel.i18n import _
from portal.settlements.statement import StatementLine
from portal.settlements.words import line_words

# A heading and its rows.
Table = tuple[tuple[str, ...], list[tuple[Any, ...]]]

_SETTLEMENTS = (
    "number", "partner", "period_start", "period_end", "status", "gifts", "revenue", "commission", "share",
    "corrections", "carried_in", "carried_out", "payable", "approved_at", "paid_at", "payment_reference",
)  # fmt: skip


def settlements_table(rows: Sequence[Any]) -> Table:
    """The heading, and settlements with their partners' names, one a line."""
    lines = [
        (
            settlement.invoice_number,
            partner,
            settlement.period_start.isoformat(),
            settlement.period_end.isoformat(),
            settlement.status,
            settlement.total_redemptions_count,
            settlement.total_revenue_minor,
            settlement.platform_commission_minor,
            settlement.partner_share_minor,
            settlement.adjustment_minor,
            settlement.carried_in_minor,
            settlement.carried_out_minor,
            settlement.payable_minor,
            settlement.approved_at.isoformat() if settlement.approved_at else None,
            settlement.paid_at.isoformat() if settlement.paid_at else None,
            settlement.payment_reference,
        )
        for settlement, partner in rows
    ]
    return _SETTLEMENTS, lines


def statement_table(lines: Sequence[StatementLine]) -> Table:
    """The heading and the rows of an account statement, in the reader's language."""
    heading = (_("When"), _("Movement"), _("State"), _("Amount"), _("Balance"))
    rows = [
        (line.when.isoformat(), line_words(line), line.status, line.amount_minor, line.balance_minor)
        for line in lines
    ]
    return heading, rows
