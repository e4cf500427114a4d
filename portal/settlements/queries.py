"""What can be asked of settlements, by partners and by admins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.models import StatusHistory
from portal.kernel.paging import Filter, Page, SortKey, paginate
from portal.ledger.accounts import partner_payable
from portal.ledger.queries import Balance, balance
from portal.partners.models import Partner
from portal.payouts.models import Payout
from portal.redemptions.models import PartnerPeriod, QrCode
from portal.settlements.models import PartnerSettlement, SettlementAdjustment, SettlementStatus

MOST_EXPORTED = 10_000
_DAYS_SHOWN = 14


@dataclass(frozen=True, slots=True)
class PartnerToday:
    """A partner's first look: what is owed now, what this period has brought, what came lately.

    `owed` is what lies on the partner's account; `debt_minor` (zero or more) will be taken from later shares,
    `corrections_minor` (either sign) enters the next settlement. `days` has a count for each day, zeros too.
    """

    owed: Balance
    open_redemptions: int
    open_revenue_minor: int
    open_share_minor: int
    debt_minor: int
    corrections_minor: int
    days: list[tuple[date, int]]
    last_settlements: list[PartnerSettlement]


def partner_today(partner_id: UUID) -> PartnerToday:
    """The partner's dashboard in four statements (PRT-13)."""
    running = select(
        func.coalesce(func.sum(PartnerPeriod.redemption_count), 0),
        func.coalesce(func.sum(PartnerPeriod.revenue_minor), 0),
        func.coalesce(func.sum(PartnerPeriod.partner_share_minor), 0),
        select(func.coalesce(func.sum(SettlementAdjustment.amount_minor), 0))
        .where(SettlementAdjustment.partner_id == partner_id, SettlementAdjustment.settlement_id.is_(None))
        .scalar_subquery(),
    ).where(PartnerPeriod.partner_id == partner_id, PartnerPeriod.settlement_id.is_(None))
    count, revenue, share, corrections = db.session.execute(running).one()
    last = list(
        db.session.execute(
            select(PartnerSettlement)
            .where(PartnerSettlement.partner_id == partner_id)
            .order_by(PartnerSettlement.period_end.desc())
            .limit(3)
        ).scalars()
    )
    return PartnerToday(
        owed=balance(partner_payable(partner_id)),
        open_redemptions=int(count),
        open_revenue_minor=int(revenue),
        open_share_minor=int(share),
        debt_minor=max(-last[0].carried_out_minor, 0) if last else 0,
        corrections_minor=int(corrections),
        days=_gifts_by_day(partner_id),
        last_settlements=last,
    )


def _gifts_by_day(partner_id: UUID) -> list[tuple[date, int]]:
    """How many gifts were served on each of the last days, today included."""
    first = clock.today() - timedelta(days=_DAYS_SHOWN - 1)
    day = func.date(func.timezone("Africa/Dakar", QrCode.redeemed_at))
    found = db.session.execute(
        select(day.label("day"), func.count().label("gifts"))
        .where(QrCode.partner_id == partner_id, QrCode.redeemed_at >= clock.start_of_day(first))
        .group_by(day)
    )
    counts = {row.day: row.gifts for row in found}
    days = [first + timedelta(days=number) for number in range(_DAYS_SHOWN)]
    return [(when, counts.get(when, 0)) for when in days]


@dataclass(frozen=True, slots=True)
class SettlementFilter(Filter):
    """What an admin looks for: a state, one partner, a partner's name or an invoice number."""

    status: SettlementStatus | None = None
    partner_id: UUID | None = None
    words: str | None = None


def settlements_page(wanted: SettlementFilter, cursor: str | None) -> Page[Any]:
    """Settlements with their partner's name, the newest first (STL-11)."""
    return paginate(_matching(wanted), [SortKey(PartnerSettlement.id)], cursor)


def settlements_rows(wanted: SettlementFilter) -> Sequence[Any]:
    """The same list as one file, at most `MOST_EXPORTED` rows."""
    ordered = _matching(wanted).order_by(PartnerSettlement.id.desc()).limit(MOST_EXPORTED)
    return db.session.execute(ordered).all()


def _matching(wanted: SettlementFilter) -> Select[PartnerSettlement, str]:
    statement = select(PartnerSettlement, Partner.name).join(
        Partner, Partner.id == PartnerSettlement.partner_id
    )
    if wanted.status is not None:
        statement = statement.where(PartnerSettlement.status == wanted.status)
    if wanted.partner_id is not None:
        statement = statement.where(PartnerSettlement.partner_id == wanted.partner_id)
    if wanted.words is not None:
        columns = (Partner.name, PartnerSettlement.invoice_number)
        statement = statement.where(or_(*(col.icontains(wanted.words, autoescape=True) for col in columns)))
    return statement


@dataclass(frozen=True, slots=True)
class SettlementDetail:
    """One settlement with everything around it."""

    settlement: PartnerSettlement
    partner: Partner
    payout: Payout | None
    corrections: Sequence[SettlementAdjustment]
    history: Sequence[StatusHistory]


def settlement_detail(settlement_id: UUID, partner_id: UUID | None = None) -> SettlementDetail:
    """One settlement in three statements; with `partner_id` only that partner's. Raises `NotFound`."""
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
        .order_by(StatusHistory.occurred_at.desc(), StatusHistory.id.desc())
    ).scalars()
    return SettlementDetail(row[0], row[1], row[2], corrections.all(), history.all())


def partner_named(partner_id: UUID) -> Partner:
    """The partner of that id. Raises `NotFound`."""
    partner = db.session.get(Partner, partner_id)
    if partner is None:
        raise NotFound
    return partner
