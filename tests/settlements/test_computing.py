"""From redemptions to one amount owed: sums, repetition, and books that disagree."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session, scoped_session

from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, in_transaction, transaction
from portal.kernel.ids import new_id
from portal.kernel.models import JobRun
from portal.kernel.work import perform_run
from portal.ledger.accounts import partner_payable
from portal.ledger.queries import balance, disagreements, trial_balance
from portal.notifications.models import Notification
from portal.partners.models import Partner, PaymentTerms
from portal.redemptions.models import PartnerPeriod, QrCode
from portal.settlements import deciding
from portal.settlements.computing import SettlementDisagrees, settle_period
from portal.settlements.jobs import SettlementsBlocked, compute_settlements
from tests.factories.redeemed import serve, serve_all
from tests.harness.house import acting, make_admin
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.harness.together import at_once
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


@pytest.mark.covers("STL-01", "STL-02", "STL-03", "STL-07")
def test_a_month_is_summed_from_the_ledger_once_it_is_over(db_session: Database) -> None:
    partner, _owner = make_house()
    serve(partner, 15_000, at=noon(1, 3))
    serve(partner, 9_999, at=noon(1, 31))
    serve(partner, 500, at=noon(2, 1))

    made = settle_at(noon(2, 1))

    assert [period(one) for one in made] == [(date(2026, 1, 1), date(2026, 1, 31))]
    january = made[0]
    assert (january.total_redemptions_count, january.total_revenue_minor) == (2, 24_999)
    assert (january.partner_share_minor, january.platform_commission_minor) == (19_999, 5_000)
    assert (january.payable_minor, january.status, january.terms) == (19_999, "pending", "monthly")
    assert january.split_percentage == Decimal("80.00")
    assert ledger_agrees(partner.id)


@pytest.mark.covers("STL-03", "PAY-06")
def test_shares_are_rounded_on_the_running_total_and_add_up_to_its_share(db_session: Database) -> None:
    partner, _owner = make_house(revenue_split_percentage=Decimal("66.67"))
    codes = serve_all(partner, [1, 1, 1, 100, 7], at=noon(1, 5))

    january = settle_at(noon(2, 1))[0]

    # 66.67 % of 110 is 73.337: the period is rounded once, whatever its lines are.
    assert january.partner_share_minor == 73 == sum(code.partner_share_minor for code in codes)
    assert january.platform_commission_minor == 37


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prices=st.lists(st.integers(1, 3_000_000), min_size=1, max_size=12),
    split=st.decimals(0, 100, places=2),
)
@pytest.mark.covers("STL-03", "PAY-05", "PAY-06")
def test_share_and_commission_are_the_revenue_for_any_prices_and_split(
    db_session: Database, prices: list[int], split: Decimal
) -> None:
    partner, _owner = make_house(revenue_split_percentage=split)
    serve_all(partner, prices, at=noon(1, 5))

    january = settle_at(noon(2, 1))[0]

    revenue = sum(prices)
    assert january.total_revenue_minor == revenue
    assert january.partner_share_minor + january.platform_commission_minor == revenue
    assert abs(january.partner_share_minor - revenue * split / 100) <= Decimal("0.5")
    assert ledger_agrees(partner.id)


@pytest.mark.covers("STL-09")
def test_a_redemption_belongs_to_one_settlement(db_session: Database) -> None:
    partner, _owner = make_house()
    for month in (1, 2, 3):
        serve_all(partner, [15_000] * 3, at=noon(month, 10))
    for month in (2, 3, 4):
        settle_at(noon(month, 1))

    held = db_session.execute(
        select(QrCode.id, PartnerPeriod.settlement_id).join(
            PartnerPeriod, PartnerPeriod.id == QrCode.partner_period_id
        )
    ).all()
    by_settlement = [sum(where == one.id for _code, where in held) for one in settlements(partner.id)]
    assert by_settlement == [3, 3, 3]
    assert len({code for code, _where in held}) == 9


@pytest.mark.covers("STL-07", "STL-09")
def test_settling_again_changes_nothing(db_session: Database) -> None:
    partner, _owner = make_house()
    serve(partner, at=noon(1, 5))
    first = settle_at(noon(2, 1))[0]
    owed = balance(partner_payable(partner.id))

    assert settle_at(noon(2, 2)) == []
    assert settle_period(partner.id, date(2026, 1, 31)) is None
    assert settle_period(partner.id, date(2025, 12, 31)) is None

    assert settlements(partner.id) == [first]
    assert balance(partner_payable(partner.id)) == owed


@pytest.mark.covers("STL-07", "STL-09")
def test_eight_workers_at_once_make_one_settlement(committed_db: Database, app: Flask, clock: Clock) -> None:
    partner, _owner = make_house()
    partner_id = partner.id
    serve_all(partner, [15_000] * 3, at=noon(1, 5))
    deciding.correct(partner_id, -500, "broken glass", new_id(), by=SYSTEM)
    db.session.commit()
    clock.travel(noon(2, 1))

    def settle_it() -> bool:
        return in_transaction(lambda: settle_period(partner_id, date(2026, 1, 31)) is not None)

    made = at_once(app, [settle_it] * 8)

    assert sorted(made) == [False] * 7 + [True]
    assert [one.payable_minor for one in settlements(partner_id)] == [35_500]
    assert ledger_agrees(partner_id)
    assert trial_balance() == {"XOF": 0}


@pytest.mark.covers("STL-03")
def test_a_period_with_two_splits_is_one_settlement(db_session: Database) -> None:
    partner, _owner = make_house()
    serve(partner, 10_000, at=noon(1, 5))
    partner.revenue_split_percentage = Decimal("50.00")
    serve(partner, 10_000, at=noon(1, 6))

    january = settle_at(noon(2, 1))

    assert [(one.partner_share_minor, one.split_percentage) for one in january] == [(13_000, None)]


@pytest.mark.covers("STL-03", "PAY-04")
@pytest.mark.parametrize(
    "change", ["revenue_minor = revenue_minor + 1", "partner_share_minor = partner_share_minor - 1",
               "redemption_count = redemption_count + 1"]
)  # fmt: skip
def test_books_that_disagree_stop_that_partner_alone_and_loudly(
    committed_db: Database, clock: Clock, change: str
) -> None:
    admin = make_admin().id
    wrong, right = make_house(name="Wrong")[0].id, make_house(name="Right")[0].id
    for partner_id in (wrong, right):
        serve(db.session.get_one(Partner, partner_id), 20_000, at=noon(1, 5))
    db.session.execute(
        text(f"UPDATE partner_periods SET {change} WHERE partner_id = :partner"), {"partner": wrong}
    )
    db.session.commit()
    clock.travel(noon(2, 1))
    owed = balance(partner_payable(wrong))

    with pytest.raises(SettlementDisagrees):
        settle_period(wrong, date(2026, 1, 31))
    db.session.rollback()
    for run in range(2):
        with pytest.raises(SettlementsBlocked, match=str(wrong)):
            perform_run("settlements.compute", f"run {run}")

    assert settlements(wrong) == []
    assert len(settlements(right)) == 1
    assert balance(partner_payable(wrong)) == owed
    runs = committed_db.execute(select(JobRun.status, JobRun.error)).all()
    assert [status for status, _error in runs] == ["failed", "failed"]
    alerts = committed_db.execute(
        select(Notification.event_key).where(
            Notification.user_id == admin, Notification.event_key.like("settlement:%:blocked")
        )
    ).scalars()
    assert alerts.all() == [f"settlement:{wrong}:2026-01-31:blocked"]


@pytest.mark.covers("STL-07")
def test_the_job_counts_what_it_made_and_makes_it_once(committed_db: Database, clock: Clock) -> None:
    with transaction():
        for name in ("One", "Two"):
            serve(make_house(name=name)[0], 20_000, at=noon(1, 5))
    clock.travel(noon(2, 1))

    assert compute_settlements() == {"due": 2, "made": 2}
    assert compute_settlements() == {"due": 0, "made": 0}


def test_settling_many_redemptions_asks_as_little_as_settling_few(
    db_session: Database, count_statements: CountStatements
) -> None:
    few, many = make_house(name="Few")[0], make_house(name="Many")[0]
    serve_all(few, [15_000] * 2, at=noon(1, 5))
    serve_all(many, [15_000] * 60, at=noon(1, 5))

    asked = []
    for partner in (few, many):
        with count_statements() as statements:
            settle_period(partner.id, date(2026, 1, 31))
        asked.append(len(statements))

    assert asked[0] == asked[1]
    assert asked[1] <= 40


def test_what_was_settled_is_told_to_owner_manager_and_contact_address(db_session: Database) -> None:
    partner, owner = make_house(contact_email="caisse@example.org")
    serve(partner, 20_000, at=noon(1, 5))
    quiet, _other = make_house(
        name="Quiet", contact_email="quiet@example.org", notification_settings={"settlements": False}
    )
    serve(quiet, 2_000, at=noon(1, 5))

    settle_at(noon(2, 1))

    rows = db_session.execute(
        select(Notification.user_id, Notification.recipient_identifier, Notification.event_key).where(
            Notification.event_key.like("settlement:%")
        )
    ).all()
    by_key = {(who or address): key.rsplit(":", 1)[1] for who, address, key in rows}
    assert by_key[owner.id] == by_key["caisse@example.org"] == "settlement_ready"
    assert "quiet@example.org" not in by_key
    assert "settlement_carried" in by_key.values()


def test_nothing_is_out_of_balance_after_a_year(db_session: Database, clock: Clock) -> None:
    partner, _owner = make_house(payment_terms=PaymentTerms.WEEKLY)
    admin = acting(make_admin())
    clock.travel(noon(1, 5))
    for week in range(52):
        serve(partner, 1_000 + week)
        if week % 9 == 0:
            deciding.correct(partner.id, -2_500 + week * 97, "checked together", new_id(), by=admin)
        settle_due()
        assert ledger_agrees(partner.id)
        clock.advance(days=7)

    assert trial_balance() == {"XOF": 0}
    assert disagreements() == []
