"""Partners who serve gifts, and the days on which their periods end."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db, transaction
from portal.ledger.accounts import partner_payable
from portal.ledger.queries import balance
from portal.partners.models import Partner
from portal.payments.methods import destination_in_force
from portal.redemptions.models import PartnerPeriod
from portal.settlements import deciding
from portal.settlements.computing import settle_period
from portal.settlements.due import due_periods
from portal.settlements.models import PartnerSettlement
from tests.payouts.world import make_payee


def noon(month: int, day: int, year: int = 2026) -> datetime:
    """Midday in Dakar."""
    return datetime(year, month, day, 12, tzinfo=UTC)


def make_house(**facts: Any) -> tuple[Partner, User]:
    """A partner at 80 % with an owner, a Wave number and nothing owed."""
    return make_payee(holds=0, **facts)


def settle_due() -> list[PartnerSettlement]:
    """Settle every period that is over by now, as the job does, inside the caller's transaction."""
    made = [settle_period(partner_id, period_end) for partner_id, period_end in due_periods()]
    return [settlement for settlement in made if settlement is not None]


def settle_at(moment: datetime) -> list[PartnerSettlement]:
    """The same at a moment."""
    with clock.travel(moment):
        return settle_due()


def settlements(partner_id: UUID) -> list[PartnerSettlement]:
    """All settlements of a partner as the database has them, the earliest first."""
    statement = (
        select(PartnerSettlement)
        .where(PartnerSettlement.partner_id == partner_id)
        .order_by(PartnerSettlement.period_start)
        .execution_options(populate_existing=True)
    )
    return list(db.session.execute(statement).scalars())


def settlement(settlement_id: UUID) -> PartnerSettlement:
    """The settlement as the database has it now."""
    return db.session.get_one(PartnerSettlement, settlement_id, populate_existing=True)


def period(one: PartnerSettlement) -> tuple[date, date]:
    """First and last day."""
    return one.period_start, one.period_end


def approve(settlement_id: UUID, by: Actor) -> PartnerSettlement:
    """Approve to the destination in force."""
    row = db.session.get_one(PartnerSettlement, settlement_id)
    method = destination_in_force(partner_id=row.partner_id)
    return deciding.approve(settlement_id, method.id if method else None, by=by)


def approved(settlement_id: UUID, by: Actor) -> None:
    """The same, committed."""
    with transaction(by):
        approve(settlement_id, by)


def expected_balance(partner_id: UUID) -> int:
    """What the ledger must hold for a partner: running totals, unpaid settlements, and what is carried."""
    running = db.session.execute(
        select(func.coalesce(func.sum(PartnerPeriod.partner_share_minor), 0)).where(
            PartnerPeriod.partner_id == partner_id, PartnerPeriod.settlement_id.is_(None)
        )
    ).scalar_one()
    rows = settlements(partner_id)
    unpaid = sum(row.payable_minor for row in rows if row.status != "paid")
    return int(running) + unpaid + (max(rows[-1].carried_out_minor, 0) if rows else 0)


def ledger_agrees(partner_id: UUID) -> bool:
    """Whether the partner's account holds exactly what the settlements say."""
    return balance(partner_payable(partner_id)).posted == expected_balance(partner_id)
