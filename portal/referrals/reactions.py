"""What word of mouth does when something happens elsewhere, and when one of its own is accepted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.config.values import DONATION_REFUND_DAYS, value_of
from portal.identity.events import contact_changed, user_registered
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.i18n import ngettext
from portal.kernel.jobs import follow_up
from portal.notifications.services import notify
from portal.people.events import adulthood_reached, birthday_set, guardian_confirmed, paper_decided
from portal.people.models import DocumentStatus, IdentityDocument, Profile
from portal.people.seeing import shown_on_profile
from portal.pots.events import donation_refunded, donation_succeeded, pot_opened
from portal.pots.models import Donation, Pot
from portal.referrals.answering import accept_if_ready, brought_and_waiting, tie_newcomer
from portal.referrals.events import referral_accepted
from portal.referrals.hands import is_own_gift
from portal.referrals.jobs import GIVE_POT
from portal.referrals.marks import mark_friend
from portal.referrals.models import AwardEvent, PipelineStage, Referral
from portal.referrals.pipeline import move_on
from portal.referrals.points import award, revoke_gift_award
from portal.referrals.welcome import welcome


@user_registered.connect
def tie_newcomer_to_sponsor(
    user: User,
    *,
    by: Actor,
    invitation_code: str | None = None,
    utm: dict[str, str] | None = None,
    **_more: Any,
) -> None:
    """Somebody has opened an account, perhaps through an invitation (ID-32)."""
    if invitation_code:
        tie_newcomer(user.id, invitation_code, utm or {}, by=by)


@contact_changed.connect
def remember_another_contact(user: User, **_more: Any) -> None:
    """A friend is known by one more mailbox or number from now on (REF-59)."""
    mark_friend(user.id)


@birthday_set.connect
def accept_after_birthday(profile: Profile, *, by: Actor, **_more: Any) -> None:
    """The person is old enough, or not."""
    accept_if_ready(profile.user_id, by=by)


@guardian_confirmed.connect
def accept_after_guardian(profile: Profile, *, by: Actor, **_more: Any) -> None:
    """An adult answers for the person."""
    accept_if_ready(profile.user_id, by=by)


@adulthood_reached.connect
def accept_after_coming_of_age(profile: Profile, *, by: Actor, **_more: Any) -> None:
    """The person needs no guardian and no paper any more."""
    accept_if_ready(profile.user_id, by=by)


@paper_decided.connect
def accept_after_paper(paper: IdentityDocument, *, by: Actor, **_more: Any) -> None:
    """A paper is verified: of the friend who waits, or of the sponsor for whose friends it waits (REF-26)."""
    if paper.status is DocumentStatus.VERIFIED:
        for user_id in sorted({paper.user_id, *brought_and_waiting(paper.user_id)}):
            accept_if_ready(user_id, by=by)


@referral_accepted.connect
def reward_acceptance(referral: Referral, *, by: Actor, **_more: Any) -> None:
    """Points and good news for the sponsor; a welcome and a pot for the friend, who may change it (POT-14)."""
    assert referral.referred_user_id is not None
    award(referral, AwardEvent.REFERRAL_ACCEPTED, by=by)
    welcome(referral, by=by)
    move_on(referral, PipelineStage.QUALIFIED, by=by)
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
    follow_up(
        GIVE_POT,
        dedupe_key=f"referral:{referral.id}:pot",
        payload={"referral_id": str(referral.id), "owner_user_id": str(referral.referred_user_id)},
        entity=("referrals", referral.id),
    )


@shown_on_profile
def friends_brought(user_id: UUID) -> str | None:
    """How many friends somebody has brought, as their card says it; nothing before the first."""
    accepted = select(func.count()).where(Referral.referrer_id == user_id, Referral.accepted_at.is_not(None))
    count = db.session.execute(accepted).scalar_one()
    return ngettext("%(num)s friend brought", "%(num)s friends brought", count) if count else None


@pot_opened.connect
def reward_pot(pot: Pot, *, by: Actor, **_more: Any) -> None:
    """A friend's pot collects."""
    referral = _referral_of(pot.owner_user_id)
    if referral is not None:
        award(referral, AwardEvent.POT_OPENED, by=by, details={"pot_id": str(pot.id)})
        move_on(referral, PipelineStage.CONVERTED, by=by, conversion_type="pot_opened")


@donation_succeeded.connect
def reward_first_gift(donation: Donation, *, pot: Pot, by: Actor, **_more: Any) -> None:
    """The first gift of others to a friend's pot; what sponsor or friend give themselves earns nothing (REF-59)."""
    referral = _referral_of(pot.owner_user_id)
    if referral is None or is_own_gift(donation, referral):
        return
    award(
        referral,
        AwardEvent.FIRST_DONATION,
        by=by,
        not_before=clock.now() + timedelta(days=value_of(DONATION_REFUND_DAYS)),
        details={"donation_id": str(donation.id)},
    )
    move_on(referral, PipelineStage.COMPLETED, by=by)


@donation_refunded.connect
def take_back_first_gift(donation: Donation, *, pot: Pot, by: Actor, **_more: Any) -> None:
    """The gift that earned points has gone back."""
    referral = _referral_of(pot.owner_user_id)
    if referral is not None:
        revoke_gift_award(referral.id, donation.id, "donation_refunded", by=by)


def _referral_of(user_id: UUID) -> Referral | None:
    """The accepted referral that brought this person, None for those who came by themselves."""
    return db.session.execute(
        select(Referral).where(Referral.referred_user_id == user_id, Referral.accepted_at.is_not(None))
    ).scalar_one_or_none()
