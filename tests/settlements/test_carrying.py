"""What is under the minimum, and what is owed to us, goes from one settlement to the next, to the franc."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.ledger.accounts import partner_payable
from portal.ledger.models import Purpose
from portal.ledger.queries import balance, totals_by_purpose
from portal.partners.models import Partner
from portal.payouts import outcomes
from portal.payouts.models import Payout
from portal.settlements import deciding
from portal.settlements.models import PartnerSettlement
from tests.factories.redeemed import serve
from tests.harness.house import acting, make_admin
from tests.payouts.world import books_are_right
from tests.settlements.world import approve, expected_balance, ledger_agrees, make_house, noon, settle_at

Database = scoped_session[Session]


@dataclass(frozen=True)
class Month:
    """What a partner serves in a month, what is corrected, and what must come of it."""

    served: int
    correction: int
    carried_in: int
    payable: int
    carried_out: int


# At 80 % and a minimum of 10 000 XOF.
STORIES = {
    "reaches the minimum exactly": [Month(12_500, 0, 0, 10_000, 0)],
    "one franc under the minimum": [Month(12_499, 0, 0, 0, 9_999), Month(2, 0, 9_999, 10_001, 0)],
    "three small months are paid together": [
        Month(5_000, 0, 0, 0, 4_000),
        Month(5_000, 0, 4_000, 0, 8_000),
        Month(5_000, 0, 8_000, 12_000, 0),
    ],
    "a debt is taken from the next share": [
        Month(20_000, -25_000, 0, 0, -9_000),
        Month(50_000, 0, -9_000, 31_000, 0),
    ],
    "a debt lasts several months": [
        Month(10_000, -30_000, 0, 0, -22_000),
        Month(10_000, 0, -22_000, 0, -14_000),
        Month(10_000, 0, -14_000, 0, -6_000),
        Month(10_000, 0, -6_000, 0, 2_000),
        Month(10_000, 0, 2_000, 10_000, 0),
    ],
    "a debt that is forgiven": [Month(0, -5_000, 0, 0, -5_000), Month(0, 20_000, -5_000, 15_000, 0)],
    "a debt met to the franc": [Month(10_000, -16_000, 0, 0, -8_000), Month(10_000, 0, -8_000, 0, 0)],
    "a correction lifts a month over the minimum": [Month(5_000, 6_000, 0, 10_000, 0)],
    "a correction pulls a month under the minimum": [
        Month(20_000, -7_000, 0, 0, 9_000),
        Month(20_000, 0, 9_000, 25_000, 0),
    ],
    "a correction eats what was carried": [
        Month(10_000, 0, 0, 0, 8_000),
        Month(0, -10_000, 8_000, 0, -2_000),
        Month(20_000, 0, -2_000, 14_000, 0),
    ],
}


@pytest.mark.covers("STL-02", "STL-08")
@pytest.mark.parametrize("story", STORIES.values(), ids=list(STORIES))
@pytest.mark.parametrize("pays", [True, False], ids=["paid at once", "left unpaid"])
def test_what_is_left_over_is_carried(db_session: Database, story: list[Month], pays: bool) -> None:
    partner, _owner = make_house()
    for number, month in enumerate(story, start=1):
        settlement = live_through(partner, number, month)

        assert settlement is not None
        got = (settlement.carried_in_minor, settlement.payable_minor, settlement.carried_out_minor)
        assert got == (month.carried_in, month.payable, month.carried_out)
        assert settlement.is_carried is (month.payable == 0)
        assert balance(partner_payable(partner.id)).posted == expected_balance(partner.id)
        if pays and month.payable:
            pay(settlement)
            assert ledger_agrees(partner.id)
    assert books_are_right()


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    months=st.lists(
        st.tuples(st.integers(0, 60_000), st.one_of(st.just(0), st.integers(-80_000, 40_000)), st.booleans()),
        min_size=1,
        max_size=8,
    ),
    minimum=st.sampled_from([0, 1, 10_000, 50_000]),
    split=st.sampled_from([Decimal("80.00"), Decimal("33.33"), Decimal("0.00"), Decimal("100.00")]),
)
@pytest.mark.covers("STL-02", "STL-03", "STL-08", "PAY-04", "PAY-06")
def test_books_and_settlements_agree_at_every_step_and_nothing_is_lost(
    db_session: Database, months: list[tuple[int, int, bool]], minimum: int, split: Decimal
) -> None:
    partner, _owner = make_house(minimum_payout_minor=minimum, revenue_split_percentage=split)
    before = commission()
    owed = paid = corrected = 0
    last: PartnerSettlement | None = None
    for number, (served, correction, pays) in enumerate(months, start=1):
        settlement = live_through(partner, number, Month(served, correction, 0, 0, 0))
        if settlement is not None:
            assert settlement.carried_in_minor == (last.carried_out_minor if last else 0)
            owed += settlement.partner_share_minor + settlement.adjustment_minor
            corrected += settlement.adjustment_minor
            last = settlement
            if pays and settlement.payable_minor:
                pay(settlement)
        paid = paid_out(partner)
        assert ledger_agrees(partner.id)
    # What was earned is paid, waits to be paid, or is carried; a debt is what was paid too much.
    carried = last.carried_out_minor if last else 0
    waiting = balance(partner_payable(partner.id)).posted - max(carried, 0)
    assert owed == paid + waiting + carried
    # The house gives and takes corrections out of its commission, but for a debt that is still open.
    revenue = sum(served for served, _correction, _pays in months if served)
    share = owed - corrected
    assert commission() - before == revenue - share - corrected + min(carried, 0)
    assert books_are_right()


def live_through(partner: Partner, number: int, month: Month) -> PartnerSettlement | None:
    """Serve and correct in a month, then settle it on the first of the next; None when nothing happened."""
    if month.served:
        serve(partner, month.served, at=noon(number, 10))
    if month.correction:
        correct_in(partner, number, month.correction)
    made = settle_at(noon(number + 1, 1))
    assert len(made) <= 1
    return made[0] if made else None


def correct_in(partner: Partner, number: int, amount: int) -> None:
    """Note a correction on the twentieth of a month."""
    with clock.travel(noon(number, 20)):
        deciding.correct(partner.id, amount, "counted together", new_id(), by=acting(make_admin()))


def pay(settlement: PartnerSettlement) -> None:
    """Approve and let Wave say yes."""
    approve(settlement.id, acting(make_admin()))
    row = db.session.get_one(Payout, settlement.payout_id)
    assert row.amount_minor == settlement.payable_minor
    outcomes.claim(row.id)
    outcomes.complete(row.id, row.idempotency_key, outcomes.Paid(f"pt-{row.id.hex}", 0))
    assert settlement.status == "paid"


def paid_out(partner: Partner) -> int:
    """All that Wave has paid the partner."""
    return int(
        db.session.execute(
            select(func.coalesce(func.sum(Payout.amount_minor), 0)).where(
                Payout.partner_id == partner.id, Payout.status == "completed"
            )
        ).scalar_one()
    )


def commission() -> int:
    """What the house has kept so far."""
    for line in totals_by_purpose():
        if line.purpose == Purpose.COMMISSION:
            return int(line.posted)
    return 0
