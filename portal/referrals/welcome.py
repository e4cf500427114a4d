"""What the friend is promised for having joined through a campaign, once (REF-21, REF-22)."""

from __future__ import annotations

from portal.campaigns.running import take_use
from portal.kernel.actor import Actor
from portal.notifications.services import notify
from portal.referrals.hands import is_double
from portal.referrals.models import Referral
from portal.referrals.points import promise_welcome


def welcome(referral: Referral, *, by: Actor) -> int:
    """Promise the friend of a referral, whose row the caller holds, the points of its campaign; how many.

    They mature as the sponsor's do. 0 when it belongs to no campaign or the friend has been given them already, when the campaign gives none or has
    been used up, and when the friend is the sponsor or an earlier friend under another name (REF-59).
    """
    if referral.campaign_id is None or referral.referee_reward_given or is_double(referral):
        return 0
    assert referral.referred_user_id is not None
    points = take_use(referral.campaign_id)
    if points == 0:
        return 0
    award = promise_welcome(referral, points, by=by)
    referral.referee_reward_given = True
    notify(
        "welcome_points",
        event_key=f"referral:{referral.id}:welcome",
        data={"points": points, "on": award.matures_at},
        user_id=referral.referred_user_id,
        related=("referrals", referral.id),
        action_link="/sponsor/points",
        by=by,
    )
    return points
