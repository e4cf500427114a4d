"""Snapshots and sums: rebuilt from the facts, twice without harm, also after days of silence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.people.models import UserLocation
from portal.pots import jobs
from portal.pots.feed import feed_cards
from portal.pots.making import Wishes, create_pot
from portal.pots.models import DonationAnalytics, PeriodType, Pot, PotAnalytics
from tests.harness.house import acting, make_person
from tests.harness.moments import Clock
from tests.pots.gifts import (
    ask_back,
    fail,
    give_to,
    kept,
    make_open_pot,
    make_owner,
    paid_gift,
    send_back,
)


def course(session: Session, pot: Pot) -> list[Any]:
    session.expire_all()
    rows = session.scalars(
        select(PotAnalytics).where(PotAnalytics.pot_id == pot.id).order_by(PotAnalytics.snapshot_date)
    )
    return [
        (row.snapshot_date.day, row.total_raised_minor, row.donor_count, row.donation_count) for row in rows
    ]


def period(session: Session, kind: PeriodType, start: date) -> DonationAnalytics:
    session.expire_all()
    return session.scalars(
        select(DonationAnalytics).where(
            DonationAnalytics.period_type == kind, DonationAnalytics.period_start == start
        )
    ).one()


@pytest.mark.covers("POT-26", "POT-27", "POT-29")
def test_each_day_of_a_pot_is_kept_once_and_gaps_are_filled(db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)
    pot = make_open_pot(make_owner(), target=50_000)
    paid_gift(pot, 1_000)
    pot = kept(pot)
    jobs.snapshot()
    clock.travel(2026, 3, 2, 23, 59)
    back = paid_gift(db_session.get_one(Pot, pot.id), 2_000)
    back = kept(back)
    clock.travel(2026, 3, 4, 9)
    send_back(ask_back(db_session.merge(back)))
    db_session.commit()

    jobs.snapshot()
    jobs.snapshot()

    assert course(db_session, pot) == [(1, 1_000, 1, 1), (2, 3_000, 2, 2), (3, 3_000, 2, 2), (4, 1_000, 1, 1)]


@pytest.mark.covers("POT-26", "POT-28")
def test_a_snapshot_keeps_views_shares_and_how_many_gave(db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)
    pot = make_open_pot(make_owner(), target=50_000)
    paid_gift(pot, 1_000)
    paid_gift(pot, 1_000)
    db_session.execute(update(Pot).values(view_count=16, share_count=3))
    pot = kept(pot)
    jobs.snapshot()
    db_session.execute(update(Pot).values(view_count=1, share_count=4))
    db_session.commit()
    clock.travel(2026, 3, 2, 12)
    jobs.snapshot()

    first, second = db_session.scalars(select(PotAnalytics).order_by(PotAnalytics.snapshot_date)).all()
    assert (first.view_count, first.share_count, first.conversion_rate) == (16, 3, Decimal("0.1250"))
    assert (second.view_count, second.share_count, second.conversion_rate) == (1, 4, Decimal("2.0000"))


@pytest.mark.covers("POT-26")
def test_a_scheduled_pot_has_no_course(db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 1)
    owner = make_owner(date(2026, 9, 20))
    pot = kept(create_pot(owner.id, Wishes("Fête", 10_000), by=acting(owner)))

    jobs.snapshot()

    assert course(db_session, pot) == []


@pytest.mark.covers("POT-26", "POT-27", "DON-30", "DON-31")
@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (
            "INSERT INTO pot_analytics (id, pot_id, snapshot_date, created_at, updated_at)"
            " SELECT gen_random_uuid(), pot_id, snapshot_date, now(), now() FROM pot_analytics",
            "uq_pot_analytics",
        ),
        ("UPDATE pot_analytics SET view_count = -1", "counts_not_negative"),
        (
            "INSERT INTO donation_analytics (id, period_type, period_start, period_end, created_at, updated_at)"
            " SELECT gen_random_uuid(), period_type, period_start, period_end, now(), now()"
            " FROM donation_analytics",
            "uq_donation_analytics",
        ),
        ("UPDATE donation_analytics SET period_end = period_start - 1", "period_forward"),
        ("UPDATE donation_analytics SET period_type = 'yearly'", "period_type"),
    ],
)
def test_the_database_keeps_counts_single_and_sane(
    db_session: Session, statement: str, constraint: str
) -> None:
    paid_gift(make_open_pot())
    db_session.commit()
    jobs.snapshot()

    with pytest.raises(IntegrityError, match=constraint):
        db_session.execute(text(statement))


@pytest.mark.covers("POT-26", "DON-30", "DON-31")
def test_a_bare_row_counts_nothing(db_session: Session) -> None:
    pot = make_open_pot()
    db_session.execute(
        text(
            "INSERT INTO pot_analytics (id, pot_id, snapshot_date, created_at, updated_at)"
            " VALUES (gen_random_uuid(), :pot, '2026-03-01', now(), now())"
        ),
        {"pot": pot.id},
    )
    db_session.execute(
        text(
            "INSERT INTO donation_analytics (id, period_type, period_start, period_end, created_at, updated_at)"
            " VALUES (gen_random_uuid(), 'daily', '2026-03-01', '2026-03-01', now(), now())"
        )
    )

    row, sums = (
        db_session.scalars(select(PotAnalytics)).one(),
        db_session.scalars(select(DonationAnalytics)).one(),
    )

    assert (row.total_raised_minor, row.donor_count, row.view_count, row.share_count) == (0, 0, 0, 0)
    assert (sums.total_amount_minor, sums.transaction_count, sums.unique_donors) == (0, 0, 0)
    assert (sums.average_donation_minor, sums.success_rate, sums.region_breakdown) == (0, 0, {})


@pytest.mark.covers("DON-30", "DON-31", "DON-32", "DON-33", "DON-34")
def test_gifts_are_summed_by_day_week_and_month(db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 2, 12)
    donor = make_person("Moussa Fall")
    db_session.add(UserLocation(user_id=donor.id, region="Thiès"))
    pot = make_open_pot(make_owner(), target=90_000)
    paid_gift(pot, 1_000, donor=donor)
    paid_gift(pot, 2_001, donor=donor)
    fail(give_to(pot, 9_000))
    pot = kept(pot)
    clock.travel(2026, 3, 4, 12)
    pot = db_session.get_one(Pot, pot.id)
    paid_gift(pot, 4_000)
    send_back(ask_back(paid_gift(pot, 700)))
    db_session.commit()

    first = jobs.snapshot()
    assert jobs.snapshot() == first

    monday = period(db_session, PeriodType.DAILY, date(2026, 3, 2))
    assert (monday.total_amount_minor, monday.transaction_count, monday.unique_donors) == (3_001, 2, 1)
    assert (monday.average_donation_minor, monday.success_rate) == (1_501, Decimal("0.6667"))
    assert monday.region_breakdown == {"Thiès": 3_001}
    week = period(db_session, PeriodType.WEEKLY, date(2026, 3, 2))
    assert (week.period_end, week.total_amount_minor, week.transaction_count) == (date(2026, 3, 8), 7_001, 3)
    assert (week.unique_donors, week.success_rate) == (2, Decimal("0.8000"))
    assert week.region_breakdown == {"Thiès": 3_001, "unknown": 4_000}
    month = period(db_session, PeriodType.MONTHLY, date(2026, 3, 1))
    assert (month.period_end, month.total_amount_minor) == (date(2026, 3, 31), 7_001)


@pytest.mark.covers("DON-30")
def test_a_late_refund_corrects_the_day_of_the_gift(db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 2, 12)
    gift = kept(paid_gift(make_open_pot(make_owner()), 4_000))
    jobs.snapshot()
    clock.travel(2026, 3, 6, 12)
    send_back(ask_back(db_session.merge(gift)))
    db_session.commit()

    jobs.snapshot()

    assert period(db_session, PeriodType.DAILY, date(2026, 3, 2)).total_amount_minor == 0


@pytest.mark.covers("POT-20")
def test_the_home_page_says_what_matters_about_my_pots(app: Any, db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 1)
    nobody, owner, waiting = make_person(), make_owner(), make_owner(date(2026, 9, 20))
    pot = make_open_pot(owner, target=10_000)
    paid_gift(pot, 4_000)
    create_pot(waiting.id, Wishes("Plus tard", 10_000), by=acting(waiting))

    with app.test_request_context():
        first, open_card, later = (feed_cards(person.id) for person in (nobody, owner, waiting))
        paid_gift(pot, 6_000)
        (funded,) = feed_cards(owner.id)
        pot.choose_until, pot.status = clock.now(), "expired"
        db_session.flush()
        (choose,) = feed_cards(owner.id)

    assert first[0].url == "/pots/new"
    assert open_card[0].progress is not None
    assert open_card[0].progress[:2] == (4_000, 10_000)
    assert later[0].when is not None
    assert (funded.tone, choose.rank < funded.rank) == ("baobab", True)
