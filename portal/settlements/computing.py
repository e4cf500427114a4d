"""Turning a partner's redemptions of a period into one amount owed.

The story of a settlement (reconciliation §6, M-12; STL-01 to STL-09):

1. Each scan books the partner's share as it happens: a ledger transfer, and one line further on the running
   total of the partner's period (`partner_periods`). Shares are rounded on that total, line by line.
2. When a period is over, `settle_period` locks its running totals and closes them by naming the
   settlement they belong to. A scan that comes later opens a new running total, which waits for the end of
   the next period: a redemption belongs to exactly one settlement.
3. The settlement's sums are read from the ledger's entries and must equal the running totals, else
   nothing is written and the run fails loudly.
4. Corrections and what earlier periods left over are added. Below the partner's minimum, and below zero,
   the amount is carried to the next settlement; the ledger follows (`_post_correction`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.kernel.states import remember
from portal.ledger import services as ledger
from portal.ledger.accounts import partner_payable, platform
from portal.ledger.models import Entry, Purpose
from portal.ledger.services import Cause
from portal.partners.models import Partner
from portal.partners.periods import period_of
from portal.redemptions.models import PartnerPeriod, QrCode
from portal.settlements.events import settlement_computed
from portal.settlements.models import (
    INVOICE_NUMBERS,
    PartnerSettlement,
    SettlementAdjustment,
    SettlementStatus,
)
from portal.settlements.papers import Paper, file_later

_DAY = timedelta(days=1)


class SettlementDisagrees(RuntimeError):
    """The ledger's entries and the running totals of a period tell different sums: stop, and look."""


@dataclass(frozen=True, slots=True)
class Sums:
    """A period in numbers, amounts in XOF."""

    redemptions: int
    revenue: int
    share: int
    commission: int


def settle_period(partner_id: UUID, period_end: date) -> PartnerSettlement | None:
    """Close everything a partner earned up to `period_end` into one settlement; None when that is done already.

    Raises `SettlementDisagrees` when the books do not agree.
    """
    # Scans refer to the partner's row meanwhile; only a second settlement has to wait.
    partner = db.session.get_one(
        Partner, partner_id, with_for_update={"key_share": True}, populate_existing=True
    )
    previous = _previous(partner_id)
    if previous is not None and previous.period_end >= period_end:
        return None
    totals = _lock_running_totals(partner_id, period_end)
    corrections = _lock_corrections(partner_id)
    if not totals and not corrections:
        return None
    settlement = _drawn_up(partner, period_end, totals, previous)
    _balance(settlement, corrections, partner.minimum_payout_minor)
    db.session.add(settlement)
    db.session.flush()
    _close(settlement, totals, corrections)
    _post_correction(settlement)
    remember("partner_settlements", settlement.id, "status", None, SettlementStatus.PENDING, by=SYSTEM)
    file_later(settlement, Paper.INVOICE)
    settlement_computed.send(settlement, by=SYSTEM)
    return settlement


def _drawn_up(
    partner: Partner,
    period_end: date,
    totals: Sequence[PartnerPeriod],
    previous: PartnerSettlement | None,
) -> PartnerSettlement:
    """The settlement with its sums and what was carried in, not yet balanced."""
    sums = _sums_from_ledger(partner.id, [row.id for row in totals])
    _compare(sums, totals)
    return PartnerSettlement(
        id=new_id(),
        partner_id=partner.id,
        period_start=_first_day(partner, period_end, totals, previous),
        period_end=period_end,
        terms=partner.payment_terms,
        split_percentage=totals[0].split_percentage if len(totals) == 1 else None,
        total_redemptions_count=sums.redemptions,
        total_revenue_minor=sums.revenue,
        partner_share_minor=sums.share,
        platform_commission_minor=sums.commission,
        carried_in_minor=previous.carried_out_minor if previous is not None else 0,
        status=SettlementStatus.PENDING,
        invoice_number=_next_invoice_number(),
    )


def _previous(partner_id: UUID) -> PartnerSettlement | None:
    return db.session.execute(
        select(PartnerSettlement)
        .where(PartnerSettlement.partner_id == partner_id)
        .order_by(PartnerSettlement.period_end.desc())
        .limit(1)
    ).scalar_one_or_none()


def _lock_running_totals(partner_id: UUID, period_end: date) -> Sequence[PartnerPeriod]:
    return (
        db.session.execute(
            select(PartnerPeriod)
            .where(
                PartnerPeriod.partner_id == partner_id,
                PartnerPeriod.settlement_id.is_(None),
                PartnerPeriod.period_end <= period_end,
            )
            .order_by(PartnerPeriod.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .scalars()
        .all()
    )


def _lock_corrections(partner_id: UUID) -> Sequence[SettlementAdjustment]:
    row = SettlementAdjustment
    return (
        db.session.execute(
            select(row)
            .where(row.partner_id == partner_id, row.settlement_id.is_(None))
            .order_by(row.id)
            .with_for_update()
        )
        .scalars()
        .all()
    )


def _first_day(
    partner: Partner,
    period_end: date,
    totals: Sequence[PartnerPeriod],
    previous: PartnerSettlement | None,
) -> date:
    """The first day of what is settled, never one that an earlier settlement covers."""
    starts = [row.period_start for row in totals] or [period_of(partner.payment_terms, period_end)[0]]
    return min(starts) if previous is None else max(min(starts), previous.period_end + _DAY)


def _sums_from_ledger(partner_id: UUID, period_ids: list[UUID]) -> Sums:
    """Count what the ledger says the redemptions of these periods moved, in one statement."""
    payable, commission = partner_payable(partner_id).id, platform(Purpose.COMMISSION).id
    vouchers = platform(Purpose.VOUCHERS).id
    amount = Entry.amount_minor
    row = db.session.execute(
        select(
            func.count().filter(Entry.account_id == vouchers),
            func.coalesce(-func.sum(amount).filter(Entry.account_id == vouchers), 0),
            func.coalesce(func.sum(amount).filter(Entry.account_id == payable), 0),
            func.coalesce(func.sum(amount).filter(Entry.account_id == commission), 0),
        )
        .select_from(QrCode)
        .join(Entry, Entry.transfer_id == QrCode.redeem_transfer_id)
        .where(QrCode.partner_period_id.in_(period_ids))
    ).one()
    return Sums(*(int(value) for value in row))


def _compare(sums: Sums, totals: Sequence[PartnerPeriod]) -> None:
    counted = (
        sum(row.redemption_count for row in totals),
        sum(row.revenue_minor for row in totals),
        sum(row.partner_share_minor for row in totals),
    )
    if (
        counted != (sums.redemptions, sums.revenue, sums.share)
        or sums.share + sums.commission != sums.revenue
    ):
        raise SettlementDisagrees(f"ledger {sums}, running totals {counted}")


def _balance(
    settlement: PartnerSettlement, corrections: Sequence[SettlementAdjustment], minimum: int
) -> None:
    """Pay the whole when it reaches the minimum, else carry the whole, also a debt (STL-08)."""
    settlement.adjustment_minor = sum(row.amount_minor for row in corrections)
    total = settlement.partner_share_minor + settlement.adjustment_minor + settlement.carried_in_minor
    pays = total >= max(minimum, 1)
    settlement.payable_minor = total if pays else 0
    settlement.carried_out_minor = 0 if pays else total
    settlement.is_carried = not pays


def _close(
    settlement: PartnerSettlement,
    totals: Sequence[PartnerPeriod],
    corrections: Sequence[SettlementAdjustment],
) -> None:
    for model, rows in ((PartnerPeriod, totals), (SettlementAdjustment, corrections)):
        db.session.execute(
            update(model)
            .where(model.id.in_([row.id for row in rows]))
            .values(settlement_id=settlement.id, updated_at=clock.now())
        )


def _post_correction(settlement: PartnerSettlement) -> None:
    """Bring the partner's account to what this settlement says is theirs.

    The account holds the shares and what was carried in; a debt cannot lie on it, so it lives in the
    carried amount and is taken from later shares.
    """
    held = settlement.partner_share_minor + max(settlement.carried_in_minor, 0)
    wanted = settlement.payable_minor + max(settlement.carried_out_minor, 0)
    if held == wanted:
        return
    payable, house = partner_payable(settlement.partner_id), platform(Purpose.COMMISSION)
    source, target = (payable, house) if held > wanted else (house, payable)
    ledger.move(
        source,
        target,
        abs(held - wanted),
        Cause(
            "settlement_adjustment",
            "partner_settlements",
            settlement.id,
            f"settlement:{settlement.id}:adjustment",
        ),
        by=SYSTEM,
    )


def _next_invoice_number() -> str:
    number: int = db.session.scalar(INVOICE_NUMBERS)
    return f"T-{clock.today():%Y%m}-{number:06d}"
