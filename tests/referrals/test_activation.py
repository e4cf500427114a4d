"""When a friend counts as active: a whole profile, and days on which they were there; each friend once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from portal.config.values import ACTIVATION_DAYS
from portal.identity.active_days import note_active_day
from portal.identity.models import ActiveDay, User
from portal.identity.sessions import forget_cached, resolve, start_session
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.people.models import ProfileCompletion
from portal.referrals import activation
from portal.referrals.activation import activate_due, needed_for_activation
from portal.referrals.jobs import activate_friends
from portal.referrals.models import Referral
from tests.harness.house import sign_in
from tests.harness.moments import Clock
from tests.referrals.word_of_mouth import make_friend, make_sponsor, set_value

pytestmark = pytest.mark.usefixtures("spring")


@pytest.fixture
def first_event() -> Iterator[set[object]]:
    """People who have been to an event, as the room of events will tell it."""
    been: set[object] = set()

    def first_event(user_id: object, signed_up_at: object) -> object:
        return exists(select(User.id).where(User.id == user_id, User.id.in_(been)))

    needed_for_activation(first_event)  # type: ignore[arg-type]
    yield been
    del activation.CRITERIA["first_event"]


def complete(user: User, percent: int = 100) -> None:
    values = {"percent": percent, "done": [], "missing": [], "badges": []}
    db.session.merge(ProfileCompletion(user_id=user.id, **values))
    db.session.flush()


def be_there(user: User, clock: Clock, days: int) -> None:
    for _day in range(days):
        note_active_day(user.id)
        note_active_day(user.id)
        clock.advance(days=1)


def activated(referral: Referral) -> bool:
    activate_due()
    db.session.refresh(referral)
    return referral.activated_at is not None


@pytest.mark.covers("REF-20", "PPL-37")
def test_a_friend_is_active_once_every_criterion_is_met(
    sponsor: User, clock: Clock, first_event: set[object]
) -> None:
    friend, referral = make_friend(sponsor)
    complete(friend, 80)
    be_there(friend, clock, ACTIVATION_DAYS.default - 1)
    assert not activated(referral)
    complete(friend)
    assert not activated(referral)
    be_there(friend, clock, 1)
    assert not activated(referral)
    first_event.add(friend.id)
    assert activated(referral)

    moment = referral.activated_at
    clock.advance(days=1)
    assert activate_due() == 0
    db.session.refresh(referral)
    assert referral.activated_at == moment


@pytest.mark.covers("REF-20")
def test_only_days_of_the_first_thirty_count(sponsor: User, clock: Clock) -> None:
    friend, referral = make_friend(sponsor)
    complete(friend)
    be_there(friend, clock, 6)
    clock.advance(days=24)
    be_there(friend, clock, 5)
    assert not activated(referral)

    set_value(ACTIVATION_DAYS, 6)
    assert activated(referral)


@pytest.mark.covers("REF-20")
def test_whoever_has_not_been_accepted_is_not_active(sponsor: User, clock: Clock) -> None:
    friend, referral = make_friend(sponsor)
    db.session.execute(update(Referral).values(accepted_at=None))
    complete(friend)
    be_there(friend, clock, 10)
    assert not activated(referral)


@pytest.mark.covers("REF-20")
def test_the_job_finds_everybody_and_a_repeat_nobody(app: Flask, committed_db: Session, clock: Clock) -> None:
    sponsor = make_sponsor()
    friends = [make_friend(sponsor) for _friend in range(3)]
    for friend, _referral in friends[:2]:
        complete(friend)
        for day in range(7):
            today = (clock.now() + timedelta(days=day)).date()
            db.session.add(ActiveDay(id=new_id(), user_id=friend.id, day=today))
    db.session.commit()

    assert activate_friends() == {"activated": 2}
    assert activate_friends() == {"activated": 0}
    counted = select(func.count()).where(Referral.activated_at.is_not(None))
    assert db.session.execute(counted).scalar_one() == 2


@pytest.mark.covers("REF-20")
def test_a_day_is_kept_once_however_often_somebody_comes(db_session: Session, clock: Clock) -> None:
    user = make_sponsor()
    token = start_session(user.id, by=Actor())
    start_session(user.id, by=Actor())
    for hours in (1, 5, 20, 1):
        clock.advance(hours=hours)
        forget_cached(user.id)
        assert resolve(token) is not None
        # That somebody is here is noted last of all.
        db.session.commit()

    days = db.session.scalars(select(ActiveDay.day).where(ActiveDay.user_id == user.id).order_by("day"))
    assert [day.isoformat() for day in days] == ["2026-03-01", "2026-03-02"]


@pytest.mark.covers("REF-20", "REF-32")
def test_the_sponsor_sees_who_is_active(client: FlaskClient, sponsor: User, clock: Clock) -> None:
    _friend, referral = make_friend(sponsor)
    sign_in(client, sponsor)
    assert "Active since" not in client.get("/sponsor/invitations").text

    referral.activated_at = clock.now()
    db.session.commit()
    assert "Active since" in client.get("/sponsor/invitations").text
