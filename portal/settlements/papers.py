"""Settlements as papers and files: the invoice, the receipt once it is paid, the lines as CSV (STL-06).

The papers that count are written once, in French, and kept as they were on that day. A reader of another language
gets the same paper made in theirs.
"""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from flask import current_app
from flask_babel import get_locale

from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.files import read_file, store_file
from portal.kernel.i18n import DEFAULT_LANGUAGE, _, speaking
from portal.kernel.jobs import follow_up
from portal.kernel.models import FilePurpose, StoredFile
from portal.redemptions.served import served_gifts
from portal.settlements.models import PartnerSettlement, SettlementStatus
from portal.settlements.queries import SettlementDetail, settlement_detail
from portal.settlements.tables import Table

FILE_JOB = "settlements.file_paper"
PDF = "application/pdf"
_MOST_LINES = 50_000


class Paper(StrEnum):
    """The two papers of a settlement."""

    INVOICE = "invoice"
    RECEIPT = "receipt"


def file_later(settlement: PartnerSettlement, paper: Paper, occasion: str = "") -> None:
    """Have a paper written and kept after the commit, once for each `occasion`."""
    follow_up(
        FILE_JOB,
        dedupe_key=f"settlement:{settlement.id}:{paper}{occasion}",
        payload={"settlement_id": str(settlement.id), "paper": paper},
        entity=(PartnerSettlement.__tablename__, settlement.id),
    )


def file_paper(settlement_id: UUID, paper: Paper) -> None:
    """Write a paper and keep it, once; no receipt of what is not paid (any more)."""
    detail = settlement_detail(settlement_id)
    if not _is_wanted(detail.settlement, paper):
        return
    with speaking(DEFAULT_LANGUAGE):
        data = _written(detail, paper)
    settlement = db.session.get_one(
        PartnerSettlement, settlement_id, with_for_update=True, populate_existing=True
    )
    if not _is_wanted(settlement, paper):
        return
    file = store_file(
        data,
        mime_type=PDF,
        purpose=FilePurpose.SETTLEMENT_DOCUMENT,
        owner_partner_id=settlement.partner_id,
    )
    if paper is Paper.INVOICE:
        settlement.invoice_file_id = file.id
    else:
        settlement.receipt_file_id = file.id


def paper_to_read(detail: SettlementDetail, paper: Paper) -> bytes:
    """A paper as PDF bytes for whoever reads now. Raises `NotFound` for a receipt of what is not paid."""
    if paper is Paper.RECEIPT and detail.settlement.status is not SettlementStatus.PAID:
        raise NotFound
    locale = get_locale()
    if locale is None or locale.language == DEFAULT_LANGUAGE:
        kept = _kept_bytes(detail.settlement, paper)
        if kept is not None:
            return kept
    return _written(detail, paper)


def lines_table(settlement_id: UUID) -> Table:
    """The heading, and every gift of a settlement, one a line; amounts in whole F CFA."""
    header = (_("When"), _("Code"), _("Pack"), _("Venue"), _("Price"), _("Partner's share"), _("Commission"))
    rows = [
        (
            gift.when.isoformat(),
            gift.code,
            gift.pack,
            gift.venue,
            gift.price_minor,
            gift.share_minor,
            gift.commission_minor,
        )
        for gift in served_gifts(settlement_id, _MOST_LINES)
    ]
    return header, rows


def _written(detail: SettlementDetail, paper: Paper) -> bytes:
    # The printer is the heaviest package of all, and most processes never print.
    from portal.settlements.documents import settlement_pdf

    filters = current_app.jinja_env.filters
    return settlement_pdf(
        detail,
        served_gifts(detail.settlement.id, _MOST_LINES),
        is_receipt=paper is Paper.RECEIPT,
        money=filters["money"],
        day=filters["short_date"],
        moment=filters["date_time"],
    )


def _is_wanted(settlement: PartnerSettlement, paper: Paper) -> bool:
    if paper is Paper.RECEIPT and settlement.status is not SettlementStatus.PAID:
        return False
    return _kept(settlement, paper) is None


def _kept(settlement: PartnerSettlement, paper: Paper) -> UUID | None:
    return settlement.invoice_file_id if paper is Paper.INVOICE else settlement.receipt_file_id


def _kept_bytes(settlement: PartnerSettlement, paper: Paper) -> bytes | None:
    """The kept paper; None while it is not written, or when its bytes are gone from the disk."""
    file_id = _kept(settlement, paper)
    if file_id is None:
        return None
    try:
        return read_file(db.session.get_one(StoredFile, file_id))
    except NotFound:
        return None
