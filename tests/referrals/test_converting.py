"""Points into a pot: whole francs only, once per form, never more than there are."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.config.values import POINTS_MINIMUM, POINTS_RATE
from portal.identity.models import User
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.ids import new_id
from portal.ledger.accounts import platform, pot_funds, user_points
from portal.ledger.models import Entry, Purpose, Transfer, TransferStatus
from portal.ledger.queries import balance, disagreements, trial_balance
from portal.pots.models import Pot, PotStatus
from portal.referrals.converting import convert, quote
from portal.referrals.models import PointsConversion
from tests.harness.house import acting
from tests.harness.moments import Clock
from tests.pots.gifts import make_open_pot, make_owner
from tests.referrals.word_of_mouth import (
    ADULT,
    give_points,
    make_sponsor,
    race,
    send_invitation,
    set_value,
    sign_up,
)


@pytest.fixture(autouse=True)
def spring(clock: Clock) -> None:
    clock.travel(2026, 5, 4, 12)


@pytest.fixture
def sponsor(db_session: Session) -> User:
    return make_sponsor(born=ADULT)


def key() -> str:
    return str(new_id())


@pytest.mark.covers("REF-58", "REF-63", "REF-64", "REF-65", "REF-66")
def test_points_become_francs_in_the_pot_by_two_linked_transfers(sponsor: User) -> None:
    pot = make_open_pot(sponsor)
    give_points(sponsor, 1_200)

    made = convert(sponsor.id, pot.id, 700, key(), by=acting(sponsor))

    assert (made.points_converted, made.credits_issued_minor, made.conversion_rate) == (700, 700, Decimal(1))
    assert (made.sponsor_user_id, made.pot_id) == (sponsor.id, pot.id)
    assert balance(user_points(sponsor.id)).available == 500
    assert balance(pot_funds(pot.id)).available == 700
    points = db.session.get_one(Transfer, made.points_transfer_id)
    money = db.session.get_one(Transfer, made.money_transfer_id)
    assert (points.unit, money.unit) == ("PTS", "XOF")
    assert points.group_id == money.group_id is not None
    assert {points.status, money.status} == {TransferStatus.POSTED}
    entries = db.session.scalars(select(Entry.account_id).where(Entry.transfer_id == money.id)).all()
    assert set(entries) == {platform(Purpose.PROMOTIONS).id, pot_funds(pot.id).id}
    assert trial_balance() == {"PTS": 0, "XOF": 0}
    assert disagreements() == []
    db.session.refresh(pot)
    assert (pot.credited_minor, pot.raised_minor, pot.donor_count) == (700, 0, 0)


@pytest.mark.covers("REF-63", "REF-66")
def test_only_as_many_points_as_make_whole_francs_are_taken(sponsor: User) -> None:
    set_value(POINTS_MINIMUM, 1)
    set_value(POINTS_RATE, "2.5")
    pot = make_open_pot(sponsor)
    give_points(sponsor, 333)

    made = convert(sponsor.id, pot.id, 333, key(), by=acting(sponsor))

    assert (made.points_converted, made.credits_issued_minor) == (332, 830)
    assert balance(user_points(sponsor.id)).available == 1
    assert balance(pot_funds(pot.id)).available == 830


@pytest.mark.covers("REF-65")
def test_a_later_rate_does_not_touch_what_was_converted(sponsor: User) -> None:
    pot = make_open_pot(sponsor)
    give_points(sponsor, 500)
    made = convert(sponsor.id, pot.id, 500, key(), by=acting(sponsor))

    set_value(POINTS_RATE, "3")

    db.session.refresh(made)
    assert (made.conversion_rate, made.credits_issued_minor) == (Decimal("1.0000"), 500)


@pytest.mark.covers("REF-64")
@pytest.mark.parametrize(
    ("points", "rate", "words"), [(499, "1", "500"), (601, "1", "600"), (-5, "1", "500"), (0, "1", "500")]
)
def test_a_number_of_points_that_cannot_be_converted_is_refused(
    sponsor: User, points: int, rate: str, words: str
) -> None:
    give_points(sponsor, 600)

    with pytest.raises(InvalidInput, match=words) as refused:
        quote(sponsor.id, points)
    assert refused.value.field == "points"


def test_points_that_make_no_whole_franc_stay_where_they_are(sponsor: User) -> None:
    set_value(POINTS_RATE, "0.0001")
    give_points(sponsor, 600)

    with pytest.raises(InvalidInput):
        quote(sponsor.id, 600)


@pytest.mark.covers("REF-64")
def test_pending_points_do_not_convert(sponsor: User) -> None:
    set_value(POINTS_MINIMUM, 1)
    friend_code = send_invitation(sponsor).referral_code
    sign_up(friend_code)
    assert balance(user_points(sponsor.id)).pending_in == 100

    with pytest.raises(InvalidInput, match=" 0 "):
        convert(sponsor.id, make_open_pot(sponsor).id, 100, key(), by=acting(sponsor))


def test_the_same_form_converts_once(sponsor: User) -> None:
    pot = make_open_pot(sponsor)
    give_points(sponsor, 2_000)
    form = key()

    first = convert(sponsor.id, pot.id, 600, form, by=acting(sponsor))
    again = convert(sponsor.id, pot.id, 900, form, by=acting(sponsor))

    assert again.id == first.id
    assert balance(user_points(sponsor.id)).available == 1_400


def test_a_form_that_showed_another_worth_is_refused(sponsor: User) -> None:
    pot = make_open_pot(sponsor)
    give_points(sponsor, 600)
    set_value(POINTS_RATE, "2")

    with pytest.raises(Conflict):
        convert(sponsor.id, pot.id, 600, key(), expected_francs=600, by=acting(sponsor))
    assert balance(user_points(sponsor.id)).available == 600


@pytest.mark.covers("REF-64")
def test_conversions_at_once_cannot_spend_more_than_there_is(app: Flask, committed_db: Session) -> None:
    sponsor = make_sponsor()
    pot = make_open_pot(sponsor)
    give_points(sponsor, 1_100)
    db.session.commit()
    sponsor_id, pot_id, by = sponsor.id, pot.id, acting(sponsor)

    done = race(app, [partial(convert, sponsor_id, pot_id, 500, key(), by=by) for _ in range(6)])

    assert Counter(type(each) for each in done) == {PointsConversion: 2, InvalidInput: 4}
    assert balance(user_points(sponsor_id)).available == 100
    assert balance(pot_funds(pot_id)).available == 1_000
    assert disagreements() == []


def test_a_double_click_converts_once(app: Flask, committed_db: Session) -> None:
    sponsor = make_sponsor()
    pot = make_open_pot(sponsor)
    give_points(sponsor, 5_000)
    db.session.commit()
    sponsor_id, pot_id, by, form = sponsor.id, pot.id, acting(sponsor), key()

    done = race(app, [partial(convert, sponsor_id, pot_id, 500, form, by=by) for _ in range(6)])

    assert Counter(type(each) for each in done) == {PointsConversion: 6}
    assert balance(user_points(sponsor_id)).available == 4_500


@pytest.mark.covers("REF-66")
def test_a_friends_pot_may_get_the_points_and_a_strangers_may_not(sponsor: User, clock: Clock) -> None:
    referral = send_invitation(sponsor)
    friend = sign_up(referral.referral_code, born=ADULT)
    give_points(sponsor, 2_000)

    convert(sponsor.id, make_open_pot(friend).id, 500, key(), by=acting(sponsor))

    stranger = make_open_pot(make_owner())
    with pytest.raises(NotFound):
        convert(sponsor.id, stranger.id, 500, key(), by=acting(sponsor))
    with pytest.raises(NotFound):
        convert(sponsor.id, new_id(), 500, key(), by=acting(sponsor))
    assert balance(user_points(sponsor.id)).available == 1_500


@pytest.mark.parametrize("status", [PotStatus.EXPIRED, PotStatus.CLOSED, PotStatus.SCHEDULED])
def test_a_pot_that_takes_no_money_gets_no_points(sponsor: User, status: PotStatus) -> None:
    pot = make_open_pot(sponsor)
    give_points(sponsor, 600)
    pot.status = status
    db.session.flush()

    with pytest.raises(Conflict):
        convert(sponsor.id, pot.id, 500, key(), by=acting(sponsor))
    assert balance(user_points(sponsor.id)).available == 600


def test_on_the_birthday_it_is_too_late(sponsor: User, clock: Clock) -> None:
    pot = make_open_pot(sponsor)
    give_points(sponsor, 600)
    clock.travel(2026, 5, 14, 0)

    with pytest.raises(Conflict):
        convert(sponsor.id, pot.id, 500, key(), by=acting(sponsor))


@pytest.mark.covers("REF-66")
def test_points_help_a_pot_to_its_target(sponsor: User) -> None:
    pot = make_open_pot(sponsor, target=1_000)
    give_points(sponsor, 1_000)

    convert(sponsor.id, pot.id, 1_000, key(), by=acting(sponsor))

    assert db.session.get_one(Pot, pot.id, populate_existing=True).status is PotStatus.FUNDED


@pytest.mark.covers("REF-63", "REF-64", "REF-65")
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("points_converted = 0", "points_positive"),
        ("credits_issued_minor = -1", "credits_not_negative"),
        ("conversion_rate = 0", "rate_positive"),
    ],
)
def test_the_database_refuses_a_broken_conversion(sponsor: User, change: str, constraint: str) -> None:
    give_points(sponsor, 600)
    convert(sponsor.id, make_open_pot(sponsor).id, 500, key(), by=acting(sponsor))

    with pytest.raises(IntegrityError, match=constraint):
        db.session.execute(text(f"UPDATE points_conversions SET {change}"))
