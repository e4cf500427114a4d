"""Pots open by themselves on their day, once, and never on a birthday."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel.errors import Conflict
from portal.notifications.models import Notification
from portal.pots import jobs
from portal.pots.making import Wishes, create_pot
from portal.pots.models import Outcome, PotStatus
from portal.referrals.models import AwardEvent, PointAward, Referral
from tests.harness.house import acting
from tests.harness.moments import Clock
from tests.pots.birthdays import Heard
from tests.pots.gifts import (
    give_to,
    kept,
    make_owner,
    paid_gift,
    reload_pot,
)

pytestmark = pytest.mark.usefixtures("in_march")


@pytest.mark.covers("POT-03", "POT-05", "POT-16")
def test_pots_open_on_their_day_and_only_once(db_session: Session, clock: Clock, heard: Heard) -> None:
    owner = make_owner(date(2026, 6, 20))
    pot = kept(create_pot(owner.id, Wishes("Fête", 10_000), by=acting(owner)))
    clock.travel(2026, 5, 20, 23, 59)
    assert jobs.open_due() == {"opened": 0}
    now = clock.travel(2026, 5, 21, 0, 0)

    assert jobs.open_due() == {"opened": 1}
    assert jobs.open_due() == {"opened": 0}

    pot = reload_pot(pot.id)
    assert (pot.status, pot.actual_opened_at) == (PotStatus.OPEN, now)
    assert heard == [("opened", None)]
    told = db_session.scalars(
        select(Notification.user_id).where(Notification.event_key == f"pot:{pot.id}:opened")
    )
    assert list(told) == [pot.owner_user_id]


@pytest.mark.covers("POT-19", "DON-12")
def test_the_sponsor_earns_when_the_pot_opens_and_with_its_first_gift(
    db_session: Session, clock: Clock
) -> None:
    sponsor, friend = make_owner(name="Fatou Sarr"), make_owner(date(2026, 6, 20))
    friendship = {"referrer_id": sponsor.id, "referred_user_id": friend.id, "accepted_at": clock.now()}
    db_session.add(Referral(referral_code="ABCDEFGH2345", source="link", **friendship))
    pot = kept(create_pot(friend.id, Wishes("Fête", 50_000), by=acting(friend)))
    assert db_session.scalars(select(PointAward)).all() == []
    clock.travel(2026, 5, 21)

    jobs.open_due()
    jobs.open_due()
    pot = reload_pot(pot.id)
    paid_gift(pot)
    paid_gift(pot)

    awards = db_session.scalars(select(PointAward).order_by(PointAward.id)).all()
    assert [award.event_type for award in awards] == [AwardEvent.POT_OPENED, AwardEvent.FIRST_DONATION]


@pytest.mark.covers("POT-16", "POT-18")
def test_a_portal_that_was_down_for_days_opens_late_but_never_on_a_birthday(
    db_session: Session, clock: Clock, heard: Heard
) -> None:
    late, too_late = make_owner(date(2026, 6, 20)), make_owner(date(2026, 5, 24))
    clock.travel(2026, 3, 1)
    pots = [
        kept(create_pot(owner.id, Wishes("Fête", 10_000), by=acting(owner))) for owner in (late, too_late)
    ]
    clock.travel(2026, 5, 24, 8)

    assert jobs.open_due() == {"opened": 1}
    assert jobs.close_due() == {"ended": 1, "settled": 0}

    assert [reload_pot(pot.id).status for pot in pots] == [PotStatus.OPEN, PotStatus.CLOSED]
    assert heard == [("opened", None), ("closed", Outcome.EMPTY)]


@pytest.mark.covers("POT-18")
def test_a_scheduled_pot_takes_no_gift(db_session: Session) -> None:
    owner = make_owner(date(2026, 9, 20))
    pot = create_pot(owner.id, Wishes("Fête", 10_000), by=acting(owner))

    with pytest.raises(Conflict):
        give_to(pot)
