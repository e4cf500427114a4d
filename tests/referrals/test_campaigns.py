"""A referral may belong to a campaign of the platform, which welcomes the friend with points; each side is paid once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.campaigns.models import ReferralCampaign, ReferralCampaignStatus
from portal.identity.models import User
from portal.kernel import clock as now_is
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, violated
from portal.kernel.ids import new_id
from portal.ledger.accounts import user_points
from portal.ledger.models import Transfer
from portal.ledger.queries import balance, disagreements
from portal.notifications.models import Notification
from portal.people.models import UserLocation
from portal.referrals.models import AwardEvent, PointAward, Referral
from portal.referrals.points import DOUBLE_ACCOUNT, award, due_awards, mature
from portal.referrals.welcome import welcome
from tests.harness.moments import Clock
from tests.referrals.word_of_mouth import (
    came_by_link,
    make_friend,
    make_sponsor,
    race,
    send_invitation,
    sign_up,
)

pytestmark = pytest.mark.usefixtures("spring")


def run_campaign(points: int = 50, **facts: Any) -> ReferralCampaign:
    campaign = ReferralCampaign(
        **{
            "id": new_id(),
            "key": f"c{new_id().hex[:20]}",
            "name": "Ramadan",
            "referrer_reward": {},
            "referee_reward": {"points": points},
            "starts_at": now_is.now() - timedelta(days=1),
            "status": ReferralCampaignStatus.ACTIVE,
        }
        | facts
    )
    db.session.add(campaign)
    db.session.flush()
    return campaign


def points_of(user: User) -> int:
    return balance(user_points(user.id)).posted


@pytest.mark.covers("REF-22")
def test_a_referral_belongs_to_the_campaign_that_runs(sponsor: User, clock: Clock) -> None:
    assert send_invitation(sponsor).campaign_id is None

    older = run_campaign()
    assert send_invitation(sponsor).campaign_id == older.id
    newer = run_campaign(starts_at=now_is.now())
    assert send_invitation(sponsor).campaign_id == newer.id
    assert came_by_link(sign_up(sponsor.referral_code)).campaign_id == newer.id

    newer.ends_at = now_is.now() + timedelta(hours=1)
    clock.advance(hours=1)
    assert send_invitation(sponsor).campaign_id == older.id


@pytest.mark.covers("REF-22")
@pytest.mark.parametrize(
    "facts",
    [
        {"status": ReferralCampaignStatus.DRAFT},
        {"status": ReferralCampaignStatus.PAUSED},
        {"status": ReferralCampaignStatus.ENDED},
        {"max_uses": 2, "uses": 2},
        {"target_countries": ["CIV"]},
        {"target_segments": ["students"]},
    ],
)
def test_a_campaign_that_is_not_for_this_sponsor_now_takes_nobody(
    sponsor: User, facts: dict[str, Any]
) -> None:
    db.session.add(UserLocation(user_id=sponsor.id, country="SEN"))
    run_campaign(**facts)
    assert send_invitation(sponsor).campaign_id is None


@pytest.mark.covers("REF-22")
def test_a_campaign_of_a_country_is_for_those_who_live_there(sponsor: User) -> None:
    campaign = run_campaign(target_countries=["SEN", "GMB"])
    assert send_invitation(sponsor).campaign_id is None
    db.session.add(UserLocation(user_id=sponsor.id, country="GMB"))
    db.session.flush()
    assert send_invitation(sponsor).campaign_id == campaign.id


@pytest.mark.covers("REF-21", "REF-22")
def test_both_sides_are_rewarded_and_each_once(sponsor: User) -> None:
    campaign = run_campaign(50)
    friend, referral = make_friend(sponsor)

    assert (referral.referrer_reward_given, referral.referee_reward_given) == (True, True)
    assert (points_of(friend), balance(user_points(friend.id)).pending_in) == (0, 50)
    db.session.refresh(campaign)
    assert campaign.uses == 1
    told = select(Notification).where(Notification.user_id == friend.id)
    assert "50 points" in {row.title[:9] for row in db.session.scalars(told)}

    assert welcome(referral, by=SYSTEM) == 0
    assert award(referral, AwardEvent.REFERRAL_ACCEPTED, by=SYSTEM) is None
    assert balance(user_points(friend.id)).pending_in == 50
    db.session.refresh(campaign)
    assert campaign.uses == 1
    assert not disagreements()


@pytest.mark.covers("REF-21", "REF-56")
def test_a_welcome_is_used_only_once_it_has_matured(sponsor: User, clock: Clock) -> None:
    run_campaign(50)
    friend, _referral = make_friend(sponsor)
    friend.phone_verified_at = now_is.now()
    db.session.flush()
    assert points_of(friend) == 0

    clock.advance(days=14)
    assert all(mature(due) for due in due_awards())

    assert points_of(friend) == 50
    assert not disagreements()


@pytest.mark.covers("REF-21", "REF-59")
def test_a_welcome_of_who_turns_out_to_be_the_sponsor_is_taken_back(sponsor: User, clock: Clock) -> None:
    run_campaign(50)
    friend, _referral = make_friend(sponsor)
    friend.phone_verified_at = now_is.now()
    sponsor.email, friend.email = "awa@gmail.com", "awa+2@gmail.com"
    db.session.flush()

    clock.advance(days=14)
    assert not any(mature(due) for due in due_awards())

    assert balance(user_points(friend.id)).pending_in == points_of(friend) == points_of(sponsor) == 0
    reasons = set(db.session.scalars(select(PointAward.revoke_reason)))
    assert reasons == {DOUBLE_ACCOUNT}
    assert not disagreements()


@pytest.mark.covers("REF-21")
def test_without_a_campaign_only_the_sponsor_is_rewarded(sponsor: User) -> None:
    friend, referral = make_friend(sponsor)
    assert (referral.referrer_reward_given, referral.referee_reward_given) == (True, False)
    assert points_of(friend) == 0


@pytest.mark.covers("REF-21")
@pytest.mark.parametrize("reward", [{}, {"points": 0}, {"free_event": 1}])
def test_a_campaign_without_points_for_the_friend_gives_none(sponsor: User, reward: dict[str, int]) -> None:
    campaign = run_campaign(referee_reward=reward)
    _friend, referral = make_friend(sponsor)
    assert referral.campaign_id == campaign.id
    assert not referral.referee_reward_given
    db.session.refresh(campaign)
    assert campaign.uses == 0


@pytest.mark.covers("REF-21")
@pytest.mark.parametrize("points", [-5, 0.5, "50", "abc", None, [1], 10**7])
def test_points_of_a_campaign_are_a_whole_number(sponsor: User, points: object) -> None:
    with pytest.raises(IntegrityError) as refused:
        run_campaign(referee_reward={"points": points})

    assert violated(refused.value) == "ck_referral_campaigns_referee_points_whole"


@pytest.mark.covers("REF-21", "REF-59")
def test_a_sponsor_under_another_name_is_not_welcomed(sponsor: User) -> None:
    run_campaign()
    referral = send_invitation(sponsor)
    sponsor.email = "awa@gmail.com"
    friend = sign_up(referral.referral_code)
    friend.email = "a.wa+2@gmail.com"
    db.session.flush()
    db.session.refresh(referral)
    referral.referee_reward_given = False

    assert welcome(referral, by=SYSTEM) == 0


@pytest.mark.covers("REF-21", "REF-22")
def test_the_last_use_of_a_campaign_is_given_to_one_of_many(app: Flask, committed_db: Session) -> None:
    sponsor = make_sponsor()
    campaign = run_campaign(max_uses=1)
    codes = [send_invitation(sponsor).referral_code for _friend in range(4)]
    db.session.commit()

    race(app, [partial(sign_up, code) for code in codes])

    db.session.expire_all()
    given = db.session.scalars(select(Referral.referee_reward_given)).all()
    assert sorted(given) == [False, False, False, True]
    assert db.session.get_one(ReferralCampaign, campaign.id).uses == 1
    moved = select(func.count()).where(Transfer.kind == "points_welcome")
    assert db.session.execute(moved).scalar_one() == 1
