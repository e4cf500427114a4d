"""Batches: cut in order, chosen whole or in part, skipped, sent as far as the day reaches."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.identity.models import User
from portal.kernel.db import db
from portal.kernel.errors import Conflict, IllegalTransition, InvalidInput, NotFound, TooMany
from portal.referrals.batches import open_batch, select_contacts, send_batch, skip_batch
from portal.referrals.contacts import remove_contact
from portal.referrals.inviting import Invitee, invite
from portal.referrals.limits import day_row, places_today
from portal.referrals.models import BatchStatus, Referral, SelectionMethod, SponsorContactBatch
from tests.harness.house import acting
from tests.harness.moments import Clock
from tests.referrals.word_of_mouth import fill_list, make_sponsor, race


def outcomes(batch: SponsorContactBatch) -> Counter[str | None]:
    return Counter(entry.get("outcome") for entry in batch.contact_snapshot)


@pytest.mark.covers("REF-39", "REF-44", "REF-45", "REF-46", "REF-47", "REF-48", "REF-49", "REF-50")
def test_batches_are_cut_from_the_list_in_order_fifty_at_a_time(sponsor: User, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)
    rows, by = fill_list(sponsor, 120), acting(sponsor)
    seen = []
    for _ in range(3):
        batch = open_batch(sponsor.id, by=by)
        seen.append((batch.batch_number, batch.start_position, batch.end_position))
        assert batch.batch_date == clock.now().date()
        assert (batch.status, batch.selected_count, batch.sent_count) == (BatchStatus.PENDING, 0, 0)
        skip_batch(batch.id, sponsor.id, by=by)

    assert seen == [(1, 0, 50), (2, 50, 100), (3, 100, 120)]
    assert day_row(sponsor.id).current_batch_start == 120
    assert [entry["phone"] for entry in batch.contact_snapshot] == [row.phone for row in rows[100:]]
    with pytest.raises(Conflict):
        open_batch(sponsor.id, by=by)


@pytest.mark.covers("REF-50")
def test_the_snapshot_does_not_follow_the_list(sponsor: User) -> None:
    rows = fill_list(sponsor, 2)
    batch = open_batch(sponsor.id, by=acting(sponsor))
    remove_contact(rows[0].id, sponsor.id, by=acting(sponsor))
    rows[1].name = "Autre"
    db.session.flush()
    db.session.refresh(batch)

    assert [entry["name"] for entry in batch.contact_snapshot] == ["Ami 0", "Ami 1"]


def test_a_batch_that_is_open_is_given_back(sponsor: User) -> None:
    fill_list(sponsor, 60)

    first = open_batch(sponsor.id, by=acting(sponsor))

    assert open_batch(sponsor.id, by=acting(sponsor)).id == first.id


def test_two_clicks_at_once_open_one_batch(app: Flask, committed_db: Session) -> None:
    sponsor = make_sponsor()
    fill_list(sponsor, 120)
    db.session.commit()

    race(app, [partial(open_batch, sponsor.id, by=acting(sponsor)) for _ in range(4)])

    db.session.rollback()
    assert len(db.session.scalars(select(SponsorContactBatch.id)).all()) == 1


def test_removed_contacts_leave_gaps_that_a_batch_steps_over(sponsor: User) -> None:
    rows = fill_list(sponsor, 130)
    for row in rows[:60]:
        remove_contact(row.id, sponsor.id, by=acting(sponsor))

    batch = open_batch(sponsor.id, by=acting(sponsor))

    assert (batch.start_position, batch.end_position, len(batch.contact_snapshot)) == (60, 110, 50)


@pytest.mark.covers("REF-40", "REF-49", "REF-51", "REF-52", "REF-53")
def test_the_whole_batch_is_sent(sponsor: User) -> None:
    fill_list(sponsor, 3)
    by = acting(sponsor)
    batch = open_batch(sponsor.id, by=by)

    select_contacts(batch.id, sponsor.id, None, by=by)
    assert (batch.status, batch.auto_selected, batch.manual_selections) == (BatchStatus.SELECTED, True, [])
    send_batch(batch.id, sponsor.id, "Venez !", by=by)

    assert (batch.status, batch.selected_count, batch.sent_count) == (BatchStatus.SENT, 3, 3)
    sent = db.session.scalars(select(Referral).order_by(Referral.invitation_order)).all()
    assert [one.referred_name for one in sent] == ["Ami 0", "Ami 1", "Ami 2"]
    assert {(one.batch_id, one.message) for one in sent} == {(batch.id, "Venez !")}
    assert day_row(sponsor.id).preferred_selection_method is SelectionMethod.BATCH


@pytest.mark.covers("REF-40", "REF-51", "REF-52")
def test_single_contacts_are_chosen_by_hand(sponsor: User) -> None:
    rows, by = fill_list(sponsor, 4), acting(sponsor)
    batch = open_batch(sponsor.id, by=by)

    select_contacts(batch.id, sponsor.id, [str(rows[3].id), str(rows[1].id), "nobody"], by=by)
    assert (batch.auto_selected, batch.manual_selections) == (False, [str(rows[1].id), str(rows[3].id)])
    send_batch(batch.id, sponsor.id, None, by=by)

    assert [one.referred_name for one in db.session.scalars(select(Referral).order_by(Referral.id))] == [
        "Ami 1",
        "Ami 3",
    ]
    assert outcomes(batch) == {"sent": 2, None: 2}
    assert day_row(sponsor.id).preferred_selection_method is SelectionMethod.INDIVIDUAL


@pytest.mark.covers("REF-48")
def test_a_choice_can_be_changed_until_the_batch_is_sent(sponsor: User) -> None:
    rows, by = fill_list(sponsor, 2), acting(sponsor)
    batch = open_batch(sponsor.id, by=by)
    with pytest.raises(InvalidInput):
        select_contacts(batch.id, sponsor.id, ["nobody"], by=by)
    with pytest.raises(Conflict):
        send_batch(batch.id, sponsor.id, None, by=by)

    select_contacts(batch.id, sponsor.id, None, by=by)
    select_contacts(batch.id, sponsor.id, [str(rows[0].id)], by=by)
    send_batch(batch.id, sponsor.id, None, by=by)

    assert batch.sent_count == 1
    with pytest.raises(IllegalTransition):
        select_contacts(batch.id, sponsor.id, None, by=by)
    with pytest.raises(IllegalTransition):
        skip_batch(batch.id, sponsor.id, by=by)


@pytest.mark.covers("REF-48", "REF-52")
def test_a_skipped_batch_is_never_sent(sponsor: User) -> None:
    fill_list(sponsor, 2)
    by = acting(sponsor)
    batch = open_batch(sponsor.id, by=by)
    select_contacts(batch.id, sponsor.id, None, by=by)

    skip_batch(batch.id, sponsor.id, by=by)
    skip_batch(batch.id, sponsor.id, by=by)

    assert batch.status is BatchStatus.SKIPPED
    with pytest.raises(Conflict):
        send_batch(batch.id, sponsor.id, None, by=by)


@pytest.mark.covers("REF-52")
def test_one_who_is_refused_does_not_stop_the_others_and_the_reason_is_kept(sponsor: User) -> None:
    rows, by = fill_list(sponsor, 3), acting(sponsor)
    invite(sponsor.id, Invitee("Ami 1", rows[1].phone, None), by=by)
    batch = open_batch(sponsor.id, by=by)
    select_contacts(batch.id, sponsor.id, None, by=by)

    send_batch(batch.id, sponsor.id, None, by=by)

    assert batch.sent_count == 2
    assert [entry["outcome"] for entry in batch.contact_snapshot] == ["sent", "refused", "sent"]
    assert batch.contact_snapshot[1]["reason"]
    assert places_today(sponsor.id).sent == 3


@pytest.mark.covers("REF-34", "REF-39", "REF-42", "REF-52")
def test_whoever_finds_no_place_comes_first_in_the_next_batch(sponsor: User, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)
    fill_list(sponsor, 60)
    by = acting(sponsor)
    day_row(sponsor.id).invitations_sent_today = 47
    batch = open_batch(sponsor.id, by=by)
    select_contacts(batch.id, sponsor.id, None, by=by)

    send_batch(batch.id, sponsor.id, None, by=by)

    assert outcomes(batch) == {"sent": 3, "no_place": 47}
    orders = db.session.scalars(select(Referral.invitation_order).order_by(Referral.invitation_order))
    assert list(orders) == [48, 49, 50]
    with pytest.raises(TooMany):
        open_batch(sponsor.id, by=by)
    clock.advance(days=1)
    following = open_batch(sponsor.id, by=by)
    assert (following.start_position, following.end_position, following.batch_number) == (3, 53, 1)


def test_a_batch_that_finds_no_place_at_all_stays_chosen(sponsor: User) -> None:
    fill_list(sponsor, 2)
    by = acting(sponsor)
    batch = open_batch(sponsor.id, by=by)
    select_contacts(batch.id, sponsor.id, None, by=by)
    day_row(sponsor.id).invitations_sent_today = 50
    db.session.flush()

    with pytest.raises(Conflict, match="50"):
        send_batch(batch.id, sponsor.id, None, by=by)

    assert batch.status is BatchStatus.SELECTED


@pytest.mark.covers("REF-52")
def test_a_batch_sent_twice_at_once_goes_out_once(app: Flask, committed_db: Session) -> None:
    sponsor = make_sponsor()
    fill_list(sponsor, 5)
    by = acting(sponsor)
    batch = open_batch(sponsor.id, by=by)
    select_contacts(batch.id, sponsor.id, None, by=by)
    db.session.commit()

    done = race(app, [partial(send_batch, batch.id, sponsor.id, None, by=by) for _ in range(4)])

    assert [type(each) for each in done] == [SponsorContactBatch] * 4
    db.session.rollback()
    assert len(db.session.scalars(select(Referral.id)).all()) == 5


def test_the_batch_of_a_stranger_does_not_exist(sponsor: User) -> None:
    fill_list(sponsor, 2)
    batch, stranger = open_batch(sponsor.id, by=acting(sponsor)), make_sponsor("Ibou")

    for attempt in (
        partial(select_contacts, batch.id, stranger.id, None),
        partial(send_batch, batch.id, stranger.id, None),
        partial(skip_batch, batch.id, stranger.id),
    ):
        with pytest.raises(NotFound):
            attempt(by=acting(stranger))


@pytest.mark.covers("REF-45", "REF-46", "REF-47", "REF-48", "REF-49")
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("end_position = start_position", "check_batch_positions"),
        ("end_position = start_position + 51", "check_batch_size"),
        ("sent_count = 1", "counts_fit"),
        ("selected_count = -1", "counts_fit"),
        ("status = 'lost'", "status"),
    ],
)
def test_the_database_refuses_a_broken_batch(sponsor: User, change: str, constraint: str) -> None:
    fill_list(sponsor, 2)
    open_batch(sponsor.id, by=acting(sponsor))

    with pytest.raises(IntegrityError, match=constraint):
        db.session.execute(text(f"UPDATE sponsor_contact_batches SET {change}"))


@pytest.mark.covers("REF-45")
def test_a_batch_has_its_number_of_the_day(sponsor: User, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)
    fill_list(sponsor, 120)
    by = acting(sponsor)
    first = open_batch(sponsor.id, by=by)
    skip_batch(first.id, sponsor.id, by=by)
    clock.travel(clock.now() + timedelta(days=1))
    second = open_batch(sponsor.id, by=by)
    assert (first.batch_number, second.batch_number) == (1, 1)
    assert second.batch_date - first.batch_date == timedelta(days=1)

    with pytest.raises(IntegrityError, match="uq_sponsor_contact_batches_"):
        db.session.execute(text("UPDATE sponsor_contact_batches SET batch_date = '2026-03-01'"))
