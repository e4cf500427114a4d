"""Partners who serve gifts, and the days on which their periods end."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db, in_transaction, transaction
from portal.kernel.errors import DomainError
from portal.ledger.accounts import partner_payable
from portal.ledger.queries import Balance, balance
from portal.partners.models import Partner
from portal.payments.methods import destination_in_force
from portal.payouts import outcomes
from portal.payouts.models import Payout
from portal.people.models import UserPreferences
from portal.redemptions.models import PartnerPeriod
from portal.settlements import deciding
from portal.settlements.computing import settle_period
from portal.settlements.due import due_periods
from portal.settlements.models import PartnerSettlement
from tests.factories.redeemed import serve
from tests.harness.house import acting, make_admin
from tests.payouts.world import destination, make_payee


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


def settled(partner: Partner, served: int = 20_000) -> UUID:
    """The settlement of one gift served in January."""
    serve(partner, served, at=noon(1, 5))
    return settle_at(noon(2, 1))[0].id


def payout_of(settlement_id: UUID) -> Payout:
    """The payout that stands for the settlement, as the database has it now."""
    statement = (
        select(Payout)
        .join(PartnerSettlement, PartnerSettlement.payout_id == Payout.id)
        .where(PartnerSettlement.id == settlement_id)
    )
    return db.session.execute(statement.execution_options(populate_existing=True)).scalar_one()


def owed(settlement_id: UUID) -> Balance:
    """What lies on the account of the settlement's partner."""
    return balance(partner_payable(settlement(settlement_id).partner_id))


def object_to(settlement_id: UUID, reason: str = "Something is missing here") -> None:
    """The partner's owner says that it is wrong."""
    row = settlement(settlement_id)
    owner = Actor(user_id=destination(row.partner_id).changed_by)
    deciding.dispute(settlement_id, row.partner_id, reason, by=owner)


def attempt(work: Callable[[], Any]) -> str:
    """Do it in a transaction of its own; "done", or the refusal."""
    try:
        in_transaction(work)
    except DomainError as refused:
        return refused.message
    return "done"


def speaking_english(person: User) -> User:
    """The same person, who reads English."""
    db.session.add(UserPreferences(user_id=person.id, locale="en"))
    db.session.flush()
    return person


def paid(settlement_id: UUID) -> None:
    """Approve it and let Wave say yes."""
    approve(settlement_id, acting(make_admin()))
    payout = payout_of(settlement_id)
    outcomes.claim(payout.id)
    outcomes.complete(payout.id, payout.idempotency_key, outcomes.Paid("pt-0001", 160))
    db.session.flush()


def table(text: str) -> list[dict[str, str]]:
    """The rows of a CSV file by their headings."""
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
