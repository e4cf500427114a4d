"""The statement of a partner's account: every movement in words, with the balance it left behind."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_

from portal.kernel.db import db
from portal.kernel.paging import Page
from portal.ledger import queries as ledger
from portal.ledger.accounts import partner_payable
from portal.ledger.models import Entry, Transfer, TransferStatus
from portal.ledger.queries import Balance
from portal.payouts.models import Payout
from portal.redemptions.served import pack_names
from portal.settlements.models import PartnerSettlement

_MOST_EXPORTED = 50_000


class Movement(StrEnum):
    """What a line of a partner's account is about."""

    GIFT = "gift"
    CORRECTION = "correction"
    PAYMENT = "payment"
    OTHER = "other"


_MOVEMENTS = {
    "qr_codes": Movement.GIFT,
    PartnerSettlement.__tablename__: Movement.CORRECTION,
    Payout.__tablename__: Movement.PAYMENT,
}


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement; `balance_minor` is what was free after it. A voided one leaves the balance as it was.

    `pack` names what was served, `settlement_id` and `settlement_number` the settlement it belongs to.
    """

    when: datetime
    movement: Movement
    status: TransferStatus
    amount_minor: int
    balance_minor: int
    pack: str
    settlement_id: UUID | None
    settlement_number: str


def statement_page(partner_id: UUID, cursor: str | None) -> tuple[Balance, Page[StatementLine]]:
    """The balance now and one page of lines, newest first, in at most five statements (PAY-01, PRT-13)."""
    return _statement(partner_id, cursor, 25)


def statement_lines(partner_id: UUID) -> Sequence[StatementLine]:
    """All lines, newest first, for a file; at most the last 50 000."""
    return _statement(partner_id, None, _MOST_EXPORTED)[1].items


def _statement(partner_id: UUID, cursor: str | None, size: int) -> tuple[Balance, Page[StatementLine]]:
    account = partner_payable(partner_id)
    now = ledger.balance(account)
    found = ledger.statement(account.id, cursor, size)
    left = now.posted - now.pending_out + now.pending_in
    if found.items and found.previous_cursor is not None:
        left -= _moved_after(account.id, found.items[0][0])
    return now, replace(found, items=_told(found.items, left))


def _moved_after(account_id: UUID, entry: Entry) -> int:
    """The sum of what moved after `entry`, voided movements left out."""
    statement = (
        select(func.coalesce(func.sum(Entry.amount_minor), 0))
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .where(
            Entry.account_id == account_id,
            tuple_(Entry.created_at, Entry.id) > (entry.created_at, entry.id),
            Transfer.status != TransferStatus.VOIDED,
        )
    )
    return int(db.session.execute(statement).scalar_one())


def _told(rows: Sequence[Any], left: int) -> list[StatementLine]:
    """The lines with their words; `left` is the balance after the first of them."""
    sources = {kind: {t.source_id for _entry, t in rows if t.source_type == kind} for kind in _MOVEMENTS}
    packs = pack_names(sources["qr_codes"])
    numbers = _settlements(sources[PartnerSettlement.__tablename__], sources[Payout.__tablename__])
    lines = []
    for entry, transfer in rows:
        settlement_id, number = numbers.get(transfer.source_id, (None, ""))
        lines.append(
            StatementLine(
                when=entry.created_at,
                movement=_MOVEMENTS.get(transfer.source_type, Movement.OTHER),
                status=transfer.status,
                amount_minor=entry.amount_minor,
                balance_minor=left,
                pack=packs.get(transfer.source_id, ""),
                settlement_id=settlement_id,
                settlement_number=number,
            )
        )
        if transfer.status is not TransferStatus.VOIDED:
            left -= entry.amount_minor
    return lines


def _settlements(
    settlement_ids: Collection[UUID], payout_ids: Collection[UUID]
) -> dict[UUID, tuple[UUID, str]]:
    """Id and number of the settlement behind each of these settlements and payouts, in one statement."""
    row = PartnerSettlement
    found = db.session.execute(
        select(row.id, Payout.id, row.invoice_number)
        .outerjoin(Payout, (Payout.source_type == row.__tablename__) & (Payout.source_id == row.id))
        .where(or_(row.id.in_(settlement_ids), Payout.id.in_(payout_ids)))
    )
    known: dict[UUID, tuple[UUID, str]] = {}
    for settlement_id, payout_id, number in found:
        known[settlement_id] = known[payout_id] = (settlement_id, number or "")
    return known
