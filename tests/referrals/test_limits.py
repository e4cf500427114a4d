"""Fifty invitations a day and not one more, however many hands send at once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.config.values import INVITATIONS_PER_DAY
from portal.identity.models import User
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput, TooMany
from portal.referrals.inviting import Invitee, invite
from portal.referrals.limits import change_limit, day_row, places_today, take_place
from portal.referrals.models import Referral, SelectionMethod, SponsorDailyLimit
from tests.harness.house import acting, make_admin
from tests.harness.moments import Clock
from tests.referrals.word_of_mouth import (
    make_sponsor,
    race,
    send_invitation,
    set_value,
    some_invitee,
    some_phone,
)


def used(sponsor: User, count: int) -> SponsorDailyLimit:
    """Today's row with so many places used."""
    row = day_row(sponsor.id)
    row.invitations_sent_today = count
    db.session.flush()
    return row


@pytest.mark.covers("REF-34", "REF-35", "REF-37", "REF-38", "REF-41", "REF-43")
def test_a_new_day_begins_at_zero_with_fifty_places(sponsor: User, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 23, 59)
    send_invitation(sponsor)
    assert (places_today(sponsor.id).left, places_today(sponsor.id).sent) == (49, 1)

    clock.travel(2026, 3, 2, 0, 0)
    places = places_today(sponsor.id)

    assert (places.left, places.sent, places.lifetime, places.active_days) == (50, 0, 1, 1)
    assert places.resets_at.isoformat() == "2026-03-03T00:00:00+00:00"
    row = day_row(sponsor.id)
    assert (row.invitations_sent_today, row.max_invitations_per_day) == (0, 50)
    assert row.limit_date.isoformat() == "2026-03-02"
    assert row.next_reset_at == places.resets_at
    assert row.last_reset_at.isoformat() == "2026-03-02T00:00:00+00:00"
    rows = db.session.scalars(select(SponsorDailyLimit.limit_date)).all()
    assert len(rows) == 2


@pytest.mark.covers("REF-36", "REF-37", "REF-42")
def test_sixty_invitations_at_once_fill_the_last_five_places_and_no_more(
    app: Flask, committed_db: Session
) -> None:
    sponsor = make_sponsor()
    used(sponsor, 45)
    db.session.commit()
    sponsor_id, by = sponsor.id, acting(sponsor)
    invitees = [Invitee("Ami", f"+2217712{number:05d}", None) for number in range(60)]

    done = race(app, [partial(invite, sponsor_id, invitee, by=by) for invitee in invitees])

    assert Counter(type(each) for each in done) == {Referral: 5, TooMany: 55}
    db.session.rollback()
    orders = db.session.scalars(select(Referral.invitation_order).where(Referral.referrer_id == sponsor_id))
    assert set(orders) == {46, 47, 48, 49, 50}
    assert day_row(sponsor_id).invitations_sent_today == 50
    waits = {each.retry_after for each in done if isinstance(each, TooMany)}
    assert all(0 < seconds <= 86_400 for seconds in waits)


@pytest.mark.covers("REF-36")
def test_the_first_invitations_of_a_day_at_once_share_one_row(app: Flask, committed_db: Session) -> None:
    sponsor = make_sponsor()
    db.session.commit()
    by = acting(sponsor)

    done = race(app, [partial(invite, sponsor.id, some_invitee(), by=by) for _ in range(12)])

    assert all(isinstance(each, Referral) for each in done), done
    db.session.rollback()
    row = db.session.scalars(select(SponsorDailyLimit)).one()
    assert (row.invitations_sent_today, row.total_lifetime_invitations) == (12, 12)
    assert row.consecutive_active_days == 1


@pytest.mark.covers("REF-36")
def test_a_refused_invitation_costs_no_place_even_in_a_race(app: Flask, committed_db: Session) -> None:
    sponsor = make_sponsor()
    db.session.commit()
    by, same = acting(sponsor), Invitee("Fatou", some_phone(), None)

    done = race(app, [partial(invite, sponsor.id, same, by=by) for _ in range(8)])

    assert Counter(type(each) for each in done) == {Referral: 1, Conflict: 7}
    db.session.rollback()
    assert day_row(sponsor.id).invitations_sent_today == 1


@pytest.mark.covers("REF-34")
def test_past_the_limit_the_refusal_says_when_it_works_again(sponsor: User, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 22)
    used(sponsor, 50)

    with pytest.raises(TooMany) as refused:
        take_place(sponsor.id)

    assert refused.value.retry_after == 2 * 3600
    assert "50" in refused.value.message
    assert "00:00" in refused.value.message


@pytest.mark.covers("REF-34")
def test_the_limit_is_the_operators_value_and_then_the_rows_own(sponsor: User) -> None:
    set_value(INVITATIONS_PER_DAY, 2)
    take_place(sponsor.id)
    take_place(sponsor.id)
    with pytest.raises(TooMany):
        take_place(sponsor.id)
    admin = make_admin()

    change_limit(sponsor.id, 3, "Fête de l'école", by=acting(admin))

    assert take_place(sponsor.id)[1] == 3
    line = db.session.scalars(select(AuditLog).where(AuditLog.action == "daily_limit_changed")).one()
    assert (line.actor_user_id, line.reason) == (admin.id, "Fête de l'école")
    for nonsense in (0, 2, 501, -1):
        with pytest.raises(InvalidInput):
            change_limit(sponsor.id, nonsense, "x", by=acting(admin))


@pytest.mark.covers("REF-41")
def test_days_in_a_row_count_only_days_with_an_invitation(sponsor: User, clock: Clock) -> None:
    streaks = []
    start = clock.travel(2026, 3, 1, 12)
    for day, sends in enumerate((True, True, False, True)):
        clock.travel(start + timedelta(days=day))
        if sends:
            send_invitation(sponsor)
        else:
            day_row(sponsor.id)
        streaks.append(places_today(sponsor.id).active_days)

    assert streaks == [1, 2, 2, 1]
    assert places_today(sponsor.id).lifetime == 3


@pytest.mark.covers("REF-39", "REF-40")
def test_a_new_day_remembers_where_the_list_stands_and_how_the_sponsor_chooses(
    sponsor: User, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    row = day_row(sponsor.id)
    assert (row.current_batch_start, row.preferred_selection_method) == (0, SelectionMethod.BATCH)
    row.current_batch_start, row.preferred_selection_method = 50, SelectionMethod.INDIVIDUAL
    db.session.flush()

    clock.travel(2026, 3, 9, 12)

    later = day_row(sponsor.id)
    assert (later.current_batch_start, later.preferred_selection_method) == (50, SelectionMethod.INDIVIDUAL)


@pytest.mark.covers("REF-35", "REF-36", "REF-40", "REF-41")
@pytest.mark.parametrize(
    "change",
    [
        "invitations_sent_today = 51",
        "invitations_sent_today = -1",
        "consecutive_active_days = -1",
        "total_lifetime_invitations = -1",
        "current_batch_start = -1",
        "preferred_selection_method = 'dice'",
    ],
)
def test_the_database_refuses_a_broken_counter(sponsor: User, change: str) -> None:
    day_row(sponsor.id)

    with pytest.raises(IntegrityError):
        db.session.execute(text(f"UPDATE sponsor_daily_limits SET {change}"))


@pytest.mark.covers("REF-35")
def test_the_database_knows_one_counter_of_a_sponsor_and_day(sponsor: User) -> None:
    day_row(sponsor.id)

    with pytest.raises(IntegrityError, match="limit_date"):
        db.session.execute(
            text(
                "INSERT INTO sponsor_daily_limits (id, sponsor_user_id, limit_date, last_reset_at, next_reset_at,"
                " created_at, updated_at) SELECT gen_random_uuid(), sponsor_user_id, limit_date, now(), now(),"
                " now(), now() FROM sponsor_daily_limits"
            )
        )
