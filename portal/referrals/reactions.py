"""What word of mouth does when something happens elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.config.values import DONATION_REFUND_DAYS, value_of
from portal.identity.events import user_registered
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.notifications.services import notify
from portal.people.events import birthday_set, guardian_confirmed
from portal.people.models import Profile
from portal.pots.events import donation_refunded, donation_succeeded, pot_opened
from portal.pots.models import Donation, Pot
from portal.referrals.answering import accept_if_ready, tie_newcomer
from portal.referrals.events import referral_accepted
from portal.referrals.models import AwardEvent, Referral
from portal.referrals.points import award, revoke_for_event


@user_registered.connect
def _tie_newcomer(
    user: User, by: Actor, invitation_code: str | None = None, utm: dict[str, str] | None = None, **_more: Any
) -> None:
    if invitation_code:
        tie_newcomer(user.id, invitation_code, utm or {}, by=by)


@birthday_set.connect
def _accept_after_birthday(profile: Profile, by: Actor, **_more: Any) -> None:
    accept_if_ready(profile.user_id, by=by)


@guardian_confirmed.connect
def _accept_after_guardian(profile: Profile, by: Actor, **_more: Any) -> None:
    accept_if_ready(profile.user_id, by=by)


@referral_accepted.connect
def _reward_acceptance(referral: Referral, by: Actor, **_more: Any) -> None:
    award(referral, AwardEvent.REFERRAL_ACCEPTED, by=by)
    assert referral.referred_user_id is not None
    friend = db.session.get_one(Profile, referral.referred_user_id)
    notify(
        "referral_accepted",
        event_key=f"referral:{referral.id}:accepted",
        data={"name": friend.first_name},
        user_id=referral.referrer_id,
        related=("referrals", referral.id),
        action_link="/sponsor",
        by=by,
    )


@pot_opened.connect
def _reward_pot(pot: Pot, by: Actor, **_more: Any) -> None:
    referral = _referral_of(pot.owner_user_id)
    if referral is not None:
        award(referral, AwardEvent.POT_OPENED, by=by, details={"pot_id": str(pot.id)})


@donation_succeeded.connect
def _reward_first_gift(donation: Donation, pot: Pot, by: Actor, **_more: Any) -> None:
    """The first gift to a friend's pot; a sponsor's own gift earns the sponsor nothing (REF-59)."""
    referral = _referral_of(pot.owner_user_id)
    if referral is None or donation.donor_user_id == referral.referrer_id:
        return
    safe_from = clock.now() + timedelta(days=value_of(DONATION_REFUND_DAYS))
    award(
        referral,
        AwardEvent.FIRST_DONATION,
        by=by,
        not_before=safe_from,
        details={"donation_id": str(donation.id)},
    )


@donation_refunded.connect
def _take_back_first_gift(donation: Donation, pot: Pot, by: Actor, **_more: Any) -> None:
    referral = _referral_of(pot.owner_user_id)
    if referral is not None:
        revoke_for_event(referral.id, AwardEvent.FIRST_DONATION, "donation_refunded", str(donation.id), by=by)


def _referral_of(user_id: UUID) -> Referral | None:
    """The accepted referral that brought this person, None for those who came by themselves."""
    return db.session.execute(
        select(Referral).where(Referral.referred_user_id == user_id, Referral.accepted_at.is_not(None))
    ).scalar_one_or_none()
