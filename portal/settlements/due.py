"""Which periods are over and wait for their settlement (STL-07; docs/decisions, settlement periods)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Date, cast, func, null, select, union_all

from portal.kernel import clock
from portal.kernel.db import db
from portal.partners.models import Partner, PaymentTerms
from portal.partners.periods import period_of
from portal.redemptions.models import PartnerPeriod
from portal.settlements.models import PartnerSettlement, SettlementAdjustment

# A scan that began before midnight has surely committed by then.
GRACE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A running total (with its last day) or a correction (without) that no settlement holds yet."""

    partner_id: UUID
    terms: PaymentTerms
    last_settled: date | None
    ends: date | None
    since: datetime

    @property
    def due(self) -> date:
        """The last day of the period it is settled with: its own, or the one it came too late into."""
        if self.ends is not None and (self.last_settled is None or self.ends > self.last_settled):
            return self.ends
        day = clock.local_date(self.since)
        if self.last_settled is not None:
            day = max(day, self.last_settled + timedelta(days=1))
        return period_of(self.terms, day)[1]


def due_periods() -> list[tuple[UUID, date]]:
    """Partners and last days of periods that are over and not settled, the earliest first.

    What came too late for its own period, and corrections, wait for the end of the period they came in.
    """
    over = clock.local_date(clock.now() - GRACE)
    due: dict[UUID, set[date]] = defaultdict(set)
    for waiting in _waiting(over):
        if waiting.due < over:
            due[waiting.partner_id].add(waiting.due)
    return sorted(
        ((partner_id, end) for partner_id, ends in due.items() for end in ends),
        key=lambda one: (one[1], one[0]),
    )


def _waiting(over: date) -> list[_Waiting]:
    """Everything unsettled that could be due before the day `over`, in one statement."""
    total, correction = PartnerPeriod, SettlementAdjustment
    items = union_all(
        select(total.partner_id, total.period_end.label("ends"), func.min(total.created_at).label("since"))
        .where(total.settlement_id.is_(None), total.period_end < over)
        .group_by(total.partner_id, total.period_end),
        select(correction.partner_id, cast(null(), Date), func.min(correction.created_at))
        .where(correction.settlement_id.is_(None))
        .group_by(correction.partner_id),
    ).subquery()
    last = (
        select(func.max(PartnerSettlement.period_end))
        .where(PartnerSettlement.partner_id == items.c.partner_id)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(items.c.partner_id, Partner.payment_terms, last, items.c.ends, items.c.since).join(
            Partner, Partner.id == items.c.partner_id
        )
    )
    return [_Waiting(*row) for row in rows]
