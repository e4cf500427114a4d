"""What can be asked of settlements, by partners and by admins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.models import StatusHistory
from portal.kernel.paging import Page, SortKey, paginate
from portal.ledger.accounts import partner_payable
from portal.ledger.queries import Balance, balance
from portal.packs.models import Pack
from portal.partners.models import Partner, PartnerVenue
from portal.payouts.models import Payout
from portal.redemptions.models import PartnerPeriod, QrCode, QrStatus
from portal.settlements.models import PartnerSettlement, SettlementAdjustment, SettlementStatus

EXPORT_LIMIT = 50_000


@dataclass(frozen=True, slots=True)
class PartnerToday:
    """A partner's first look: what is owed now, what this period has brought, what came lately."""

    owed: Balance
    open_redemptions: int
    open_revenue_minor: int
    open_share_minor: int
    days: list[tuple[datetime, int, int]]
    last_settlements: list[PartnerSettlement]


def partner_today(partner_id: UUID) -> PartnerToday:
    """The partner's dashboard in four statements (PRT-13)."""
    running = db.session.execute(
        select(
            func.coalesce(func.sum(PartnerPeriod.redemption_count), 0),
            func.coalesce(func.sum(PartnerPeriod.revenue_minor), 0),
            func.coalesce(func.sum(PartnerPeriod.partner_share_minor), 0),
        ).where(PartnerPeriod.partner_id == partner_id, PartnerPeriod.settlement_id.is_(None))
    ).one()
    day = func.date_trunc("day", QrCode.redeemed_at, "Africa/Dakar")
    days = db.session.execute(
        select(day, func.count(), func.sum(QrCode.price_minor))
        .where(QrCode.partner_id == partner_id, QrCode.redeemed_at >= clock.now() - timedelta(days=14))
        .group_by(day)
        .order_by(day)
    )
    last = db.session.execute(
        select(PartnerSettlement)
        .where(PartnerSettlement.partner_id == partner_id)
        .order_by(PartnerSettlement.period_end.desc())
        .limit(3)
    ).scalars()
    return PartnerToday(
        owed=balance(partner_payable(partner_id)),
        open_redemptions=int(running[0]),
        open_revenue_minor=int(running[1]),
        open_share_minor=int(running[2]),
        days=[(when, count, int(total)) for when, count, total in days],
        last_settlements=list(last),
    )


def settlements_of(partner_id: UUID, cursor: str | None) -> Page[PartnerSettlement]:
    """A partner's settlements, the newest period first."""
    return paginate(
        select(PartnerSettlement).where(PartnerSettlement.partner_id == partner_id),
        [SortKey(PartnerSettlement.period_end), SortKey(PartnerSettlement.id)],
        cursor,
    )


def settlement_list(
    status: SettlementStatus | None, partner_id: UUID | None, cursor: str | None
) -> Page[Any]:
    """All settlements with the partner's name, for admins."""
    statement = select(PartnerSettlement, Partner.name).join(
        Partner, Partner.id == PartnerSettlement.partner_id
    )
    if status is not None:
        statement = statement.where(PartnerSettlement.status == status)
    if partner_id is not None:
        statement = statement.where(PartnerSettlement.partner_id == partner_id)
    return paginate(statement, [SortKey(PartnerSettlement.id)], cursor)


@dataclass(frozen=True, slots=True)
class SettlementDetail:
    """One settlement with everything around it."""

    settlement: PartnerSettlement
    partner: Partner
    payout: Payout | None
    corrections: list[SettlementAdjustment]
    history: list[StatusHistory]


def settlement_detail(settlement_id: UUID, partner_id: UUID | None = None) -> SettlementDetail:
    """One settlement; with `partner_id` only that partner's. Raises `NotFound`."""
    statement = (
        select(PartnerSettlement, Partner, Payout)
        .join(Partner, Partner.id == PartnerSettlement.partner_id)
        .outerjoin(Payout, Payout.id == PartnerSettlement.payout_id)
        .where(PartnerSettlement.id == settlement_id)
    )
    if partner_id is not None:
        statement = statement.where(PartnerSettlement.partner_id == partner_id)
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    corrections = db.session.execute(
        select(SettlementAdjustment)
        .where(SettlementAdjustment.settlement_id == settlement_id)
        .order_by(SettlementAdjustment.id)
    ).scalars()
    history = db.session.execute(
        select(StatusHistory)
        .where(StatusHistory.entity_type == "partner_settlements", StatusHistory.entity_id == settlement_id)
        .order_by(StatusHistory.occurred_at, StatusHistory.id)
    ).scalars()
    return SettlementDetail(row[0], row[1], row[2], list(corrections), list(history))


def settlement_lines(settlement_id: UUID, cursor: str | None, size: int = 50) -> Page[Any]:
    """The redemptions that a settlement sums (STL-09, STL-10)."""
    return paginate(_lines(settlement_id), [SortKey(QrCode.redeemed_at), SortKey(QrCode.id)], cursor, size)


def all_settlement_lines(settlement_id: UUID) -> list[Any]:
    """As `settlement_lines`, whole, in the order of the scans, for a file."""
    statement = _lines(settlement_id).order_by(QrCode.redeemed_at, QrCode.id).limit(EXPORT_LIMIT)
    return list(db.session.execute(statement))


def _lines(settlement_id: UUID) -> Select[*tuple[Any, ...]]:
    return (
        select(
            QrCode.redeemed_at,
            QrCode.code,
            Pack.name,
            PartnerVenue.name,
            QrCode.price_minor,
            QrCode.partner_share_minor,
            QrCode.commission_minor,
        )
        .join(PartnerPeriod, PartnerPeriod.id == QrCode.partner_period_id)
        .join(Pack, Pack.id == QrCode.pack_id)
        .outerjoin(PartnerVenue, PartnerVenue.id == QrCode.redeemed_venue_id)
        .where(PartnerPeriod.settlement_id == settlement_id, QrCode.status == QrStatus.REDEEMED)
    )


def partner_named(partner_id: UUID) -> Partner:
    """The partner of that id. Raises `NotFound`."""
    partner = db.session.get(Partner, partner_id)
    if partner is None:
        raise NotFound
    return partner
