"""Turning a partner's redemptions of a period into one amount owed.

The story of a settlement (reconciliation §6, M-12; STL-01 to STL-09):

1. Each scan books the partner's share as it happens: a ledger transfer, and one line further on the running
   total of the partner's period (`partner_periods`). Shares are rounded on that total, line by line.
2. When a period is over, `settle_period` locks its running totals and closes them by naming the
   settlement they belong to. A scan that comes later opens a new running total, which falls into the
   next settlement: a redemption belongs to exactly one.
3. The settlement's sums are read from the ledger's entries and must equal the running totals, else
   nothing is written and the run fails loudly.
4. Corrections and what earlier periods left over are added. Below the partner's minimum, and below zero,
   the amount is carried to the next settlement; the ledger follows (`_post_correction`).
"""

from __future__ import annotations

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
from portal.redemptions.models import PartnerPeriod, QrCode
from portal.settlements.events import settlement_computed
from portal.settlements.models import (
    INVOICE_NUMBERS,
    PartnerSettlement,
    SettlementAdjustment,
    SettlementStatus,
)

# A scan that began before midnight has surely committed by then.
GRACE = timedelta(minutes=10)


class SettlementDisagrees(RuntimeError):
    """The ledger's entries and the running totals of a period tell different sums: stop, and look."""


@dataclass(frozen=True, slots=True)
class Sums:
    """A period in numbers, amounts in XOF."""

    redemptions: int
    revenue: int
    share: int
    commission: int


def due_periods() -> list[tuple[UUID, date]]:
    """Partners and last days of periods that are over and not settled, the earliest first."""
    today = clock.local_date(clock.now() - GRACE)
    rows = db.session.execute(
        select(PartnerPeriod.partner_id, PartnerPeriod.period_end)
        .where(PartnerPeriod.settlement_id.is_(None), PartnerPeriod.period_end < today)
        .distinct()
        .order_by(PartnerPeriod.period_end, PartnerPeriod.partner_id)
    )
    return [(partner_id, end) for partner_id, end in rows]


def settle_period(partner_id: UUID, period_end: date) -> PartnerSettlement | None:
    """Close everything a partner earned up to `period_end` into one settlement; None when it is done already.

    Raises `SettlementDisagrees` when the books do not agree.
    """
    partner = db.session.get_one(Partner, partner_id, with_for_update=True)
    totals = _lock_running_totals(partner_id, period_end)
    if not totals:
        return None
    previous = _previous(partner_id)
    start = min(row.period_start for row in totals)
    if previous is not None:
        start = max(start, previous.period_end + timedelta(days=1))
    sums = _sums_from_ledger(partner_id, [row.id for row in totals])
    _compare(sums, totals)
    settlement = PartnerSettlement(
        id=new_id(),
        partner_id=partner_id,
        period_start=start,
        period_end=max(period_end, start),
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
    _balance(settlement, _open_adjustments(partner_id), partner.minimum_payout_minor)
    db.session.add(settlement)
    db.session.flush()
    _close(settlement, totals)
    _post_correction(settlement)
    remember("partner_settlements", settlement.id, "status", None, SettlementStatus.PENDING, by=SYSTEM)
    settlement_computed.send(settlement, by=SYSTEM)
    return settlement


def _lock_running_totals(partner_id: UUID, period_end: date) -> list[PartnerPeriod]:
    return list(
        db.session.execute(
            select(PartnerPeriod)
            .where(
                PartnerPeriod.partner_id == partner_id,
                PartnerPeriod.settlement_id.is_(None),
                PartnerPeriod.period_end <= period_end,
            )
            .order_by(PartnerPeriod.id)
            .with_for_update()
        ).scalars()
    )


def _previous(partner_id: UUID) -> PartnerSettlement | None:
    return db.session.execute(
        select(PartnerSettlement)
        .where(PartnerSettlement.partner_id == partner_id)
        .order_by(PartnerSettlement.period_end.desc())
        .limit(1)
    ).scalar_one_or_none()


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


def _compare(sums: Sums, totals: list[PartnerPeriod]) -> None:
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


def _open_adjustments(partner_id: UUID) -> list[SettlementAdjustment]:
    return list(
        db.session.execute(
            select(SettlementAdjustment)
            .where(
                SettlementAdjustment.partner_id == partner_id, SettlementAdjustment.settlement_id.is_(None)
            )
            .order_by(SettlementAdjustment.id)
            .with_for_update()
        ).scalars()
    )


def _balance(settlement: PartnerSettlement, corrections: list[SettlementAdjustment], minimum: int) -> None:
    """Pay the whole when it reaches the minimum, else carry the whole, also a debt (STL-08)."""
    settlement.adjustment_minor = sum(row.amount_minor for row in corrections)
    for row in corrections:
        row.settlement_id = settlement.id
    total = settlement.partner_share_minor + settlement.adjustment_minor + settlement.carried_in_minor
    pays = total >= max(minimum, 1)
    settlement.payable_minor = total if pays else 0
    settlement.carried_out_minor = 0 if pays else total
    settlement.is_carried = not pays


def _close(settlement: PartnerSettlement, totals: list[PartnerPeriod]) -> None:
    db.session.execute(
        update(PartnerPeriod)
        .where(PartnerPeriod.id.in_([row.id for row in totals]))
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
    number = db.session.execute(INVOICE_NUMBERS).scalar_one()
    return f"T-{clock.today():%Y%m}-{number:06d}"
