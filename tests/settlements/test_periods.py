"""Which period is over, what comes too late for it, and what a change of terms does."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, scoped_session

from portal.partners.models import PaymentTerms
from portal.redemptions.models import PartnerPeriod
from portal.settlements.due import due_periods
from tests.factories.redeemed import serve
from tests.harness.moments import Clock
from tests.settlements.world import (
    ledger_agrees,
    make_house,
    noon,
    period,
    settle_at,
    settle_due,
    settlements,
)

Database = scoped_session[Session]


@pytest.mark.covers("STL-07", "PRT-05")
@pytest.mark.parametrize(
    ("terms", "served", "ends"),
    [
        (PaymentTerms.WEEKLY, noon(3, 4), date(2026, 3, 8)),
        (PaymentTerms.MONTHLY, noon(3, 4), date(2026, 3, 31)),
        (PaymentTerms.QUARTERLY, noon(3, 4), date(2026, 3, 31)),
        (PaymentTerms.QUARTERLY, noon(5, 4), date(2026, 6, 30)),
        (PaymentTerms.WEEKLY, noon(12, 31), date(2027, 1, 3)),
    ],
)
def test_a_period_is_as_long_as_the_terms_say_and_due_when_it_is_over(
    db_session: Database, clock: Clock, terms: PaymentTerms, served: datetime, ends: date
) -> None:
    partner, _owner = make_house(payment_terms=terms)
    serve(partner, at=served)

    clock.travel(datetime.combine(ends, datetime.max.time(), tzinfo=served.tzinfo))
    assert due_periods() == []
    clock.advance(minutes=9)
    assert due_periods() == []
    clock.advance(minutes=2)

    assert due_periods() == [(partner.id, ends)]
    assert [one.period_end for one in settle_due()] == [ends]
    assert due_periods() == []


@pytest.mark.covers("STL-09")
def test_a_late_scan_waits_for_the_end_of_the_next_period(db_session: Database) -> None:
    partner, _owner = make_house()
    serve(partner, 20_000, at=noon(1, 5))
    settle_at(noon(2, 1))
    # Its clock said January, its transaction came after the settlement.
    late = serve(partner, 10_000, at=noon(1, 31))
    db_session.execute(
        text("UPDATE partner_periods SET created_at = :moment WHERE settlement_id IS NULL"),
        {"moment": noon(2, 1)},
    )
    assert settle_at(noon(2, 2)) == []
    serve(partner, 5_000, at=noon(2, 14))

    february = settle_at(noon(3, 1))

    assert [(period(one), one.total_revenue_minor) for one in february] == [
        ((date(2026, 2, 1), date(2026, 2, 28)), 15_000)
    ]
    assert db_session.get_one(PartnerPeriod, late.partner_period_id).settlement_id == february[0].id
    assert ledger_agrees(partner.id)


@pytest.mark.covers("STL-09")
def test_a_late_scan_of_a_partner_who_serves_no_more_is_settled_all_the_same(db_session: Database) -> None:
    partner, _owner = make_house()
    serve(partner, 20_000, at=noon(1, 5))
    settle_at(noon(2, 1))
    serve(partner, 30_000, at=noon(1, 31))

    assert settle_at(noon(2, 28)) == []
    february = settle_at(noon(3, 1))

    assert [period(one) for one in february] == [(date(2026, 2, 1), date(2026, 2, 28))]
    assert february[0].payable_minor == 24_000


@pytest.mark.covers("STL-07")
def test_three_months_without_a_worker_are_three_settlements(db_session: Database) -> None:
    partner, _owner = make_house()
    for month in (1, 2, 3):
        serve(partner, 20_000, at=noon(month, 10))

    made = settle_at(noon(4, 20))

    assert [one.period_end.month for one in made] == [1, 2, 3]
    assert len({one.invoice_number for one in made}) == 3


@pytest.mark.covers("STL-01", "STL-07")
@pytest.mark.parametrize(
    "terms",
    [
        ["monthly", "weekly"],
        ["weekly", "monthly"],
        ["weekly", "quarterly", "weekly"],
        ["quarterly", "monthly", "weekly"],
        ["monthly", "quarterly"],
    ],
    ids="-".join,
)
def test_periods_never_overlap_whatever_terms_change(
    db_session: Database, clock: Clock, terms: list[str]
) -> None:
    """Terms change every 17 days, gifts are served every third day, the job runs every day."""
    partner, _owner = make_house()
    clock.travel(noon(1, 5))
    served = 0
    for day in range(200):
        partner.payment_terms = PaymentTerms(terms[(day // 17) % len(terms)])
        if day % 3 == 0 and day < 150:
            serve(partner, 1_000)
            served += 1
        settle_due()
        clock.advance(days=1)

    made = settlements(partner.id)
    assert len(made) > 3
    for before, after in pairwise(made):
        assert before.period_end < after.period_start
    assert sum(one.total_redemptions_count for one in made) == served
    assert ledger_agrees(partner.id)
