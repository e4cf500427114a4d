"""Settlements as files to keep."""

from __future__ import annotations

from uuid import UUID

from flask import current_app

from portal.kernel.i18n import _
from portal.kernel.tables import csv_bytes
from portal.settlements.documents import settlement_pdf
from portal.settlements.queries import SettlementDetail, all_settlement_lines


def settlement_document(detail: SettlementDetail) -> bytes:
    """The PDF of a settlement, amounts and dates written as the reader's pages write them."""
    filters = current_app.jinja_env.filters
    return settlement_pdf(
        detail,
        all_settlement_lines(detail.settlement.id),
        money=filters["money"],
        day=filters["short_date"],
        moment=filters["date_time"],
    )


def settlement_csv(settlement_id: UUID) -> bytes:
    """Every redemption of a settlement, one a line, amounts in whole F CFA."""
    header = [
        _("When"),
        _("Code"),
        _("Pack"),
        _("Venue"),
        _("Price"),
        _("Your share"),
        _("Commission"),
    ]
    rows = [[line[0].isoformat(), *line[1:]] for line in all_settlement_lines(settlement_id)]
    return csv_bytes(header, rows)
