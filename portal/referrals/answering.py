"""What an invited person answers: no, or yes by opening an account.

A referral is accepted once the person is somebody: signed up, with a birthday, and for a minor with a
confirmed guardian and both identities verified (R-08, M-20, REF-26). Until then it waits; each of those
events asks again, and so does a job, for those who come of age meanwhile.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import null, select

from portal.identity.models import User
from portal.identity.services import tie_to_sponsor
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.i18n import _
from portal.kernel.ids import new_id
from portal.kernel.states import advance
from portal.people.ages import is_adult
from portal.people.models import Profile
from portal.people.queries import identity_verified
from portal.referrals.addresses import Reachable, invited_at
from portal.referrals.events import referral_accepted
from portal.referrals.expiring import close_open
from portal.referrals.inviting import campaign_of, unused_code
from portal.referrals.links import OpenedLink, find_link, tidy_utm
from portal.referrals.marks import mark_friend
from portal.referrals.models import InvitationStatus, Referral
from portal.referrals.policies import Standing, standing


def decline(code: str, *, by: Actor) -> OpenedLink:
    """Say no from the link (REF-09); a repeat changes nothing.

    Raises `NotFound` for an unknown code and for a personal one, `Conflict` when the invitation is over.
    """
    link = find_link(code)
    referral = link.referral
    if referral is None:
        raise NotFound
    db.session.refresh(referral, with_for_update=True)
    if referral.invitation_status is InvitationStatus.DECLINED:
        return link
    if standing(referral) is not Standing.OPEN:
        raise Conflict(_("This invitation can no longer be answered."))
    _decline(referral, by)
    return link


def decline_by_contact(referral_id: UUID, *, by: Actor) -> None:
    """Whoever got the message says no. Safe to repeat; nothing once the invitation is answered or over."""
    referral = db.session.get(Referral, referral_id, with_for_update=True, populate_existing=True)
    if referral is not None and standing(referral) is Standing.OPEN:
        _decline(referral, by)


def tie_newcomer(user_id: UUID, code: str, utm: dict[str, str], *, by: Actor) -> Referral | None:
    """Bind a new account to whoever brought it: once, during registration (ID-30, ID-32, REF-15).

    None, and nobody is bound, for an unknown code, one's own, and an invitation that has been answered or
    has expired.
    """
    try:
        link = find_link(code)
    except NotFound:
        return None
    if link.sponsor_id == user_id:
        return None
    referral = link.referral
    if referral is None:
        referral = _came_by_link(link)
    else:
        db.session.refresh(referral, with_for_update=True)
        if standing(referral) is not Standing.OPEN:
            return None
    referral.referred_user_id = user_id
    referral.signed_up_at = clock.now()
    for name, value in tidy_utm(utm).items():
        setattr(referral, name, value)
    tie_to_sponsor(user_id, link.sponsor_id, by=by)
    db.session.flush()
    mark_friend(user_id)
    accept_if_ready(user_id, by=by)
    return referral


def accept_if_ready(user_id: UUID, *, by: Actor) -> Referral | None:
    """Accept the referral that brought this person, if nothing is missing any more; None otherwise."""
    referral = db.session.execute(
        select(Referral)
        .where(Referral.referred_user_id == user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if referral is None or standing(referral) is not Standing.SIGNED_UP or not _is_ready(referral, user_id):
        return None
    if referral.invitation_status is not None:
        advance(referral, InvitationStatus.ACCEPTED, by=by, column="invitation_status")
    referral.accepted_at = clock.now()
    _close_rivals(referral, user_id)
    referral_accepted.send(referral, by=by)
    return referral


def waiting_people(after: UUID | None = None, limit: int = 1_000) -> list[UUID]:
    """People, those behind `after`, who have signed up and said their birthday, but whose referral waits."""
    statement = (
        select(Profile.user_id)
        .join(Referral, Referral.referred_user_id == Profile.user_id)
        .where(
            Referral.accepted_at.is_(None),
            Profile.date_of_birth.is_not(None) | Profile.stated_birthday.is_not(None),
        )
    )
    if after is not None:
        statement = statement.where(Profile.user_id > after)
    return list(db.session.execute(statement.order_by(Profile.user_id).limit(limit)).scalars())


def brought_and_waiting(sponsor_id: UUID, limit: int = 1_000) -> list[UUID]:
    """People this sponsor has brought who have signed up, but whose referral waits."""
    found = db.session.scalars(
        select(Referral.referred_user_id)
        .where(
            Referral.referrer_id == sponsor_id,
            Referral.accepted_at.is_(None),
            Referral.referred_user_id.is_not(None),
        )
        .order_by(Referral.referred_user_id)
        .limit(limit)
    )
    return [user_id for user_id in found if user_id is not None]


def _decline(referral: Referral, by: Actor) -> None:
    advance(referral, InvitationStatus.DECLINED, by=by, column="invitation_status")
    referral.declined_at = clock.now()


def _came_by_link(link: OpenedLink) -> Referral:
    referral = Referral(
        id=new_id(),
        referrer_id=link.sponsor_id,
        referral_code=unused_code(),
        # A plain None would give way to the columns' defaults: nothing was sent, so nothing was answered.
        invitation_status=null(),
        sent_at=null(),
        source="link",
        campaign_id=campaign_of(link.sponsor_id),
    )
    db.session.add(referral)
    return referral


def _is_ready(referral: Referral, user_id: UUID) -> bool:
    profile = db.session.get(Profile, user_id)
    if profile is None or profile.said_birthday is None:
        return False
    if is_adult(profile.said_birthday):
        return True
    referral.sponsored_id_verified = identity_verified(user_id)
    referral.sponsor_id_verified = identity_verified(referral.referrer_id)
    referral.both_ids_collected = referral.sponsored_id_verified and referral.sponsor_id_verified
    return profile.guardian_confirmed_at is not None and referral.both_ids_collected


def _close_rivals(referral: Referral, user_id: UUID) -> None:
    """First acceptance wins: other open invitations to this person turn expired (R-26)."""
    user = db.session.get_one(User, user_id)
    who = Reachable(None, user.phone, user.email.lower() if user.email else None)
    close_open((Referral.id != referral.id) & invited_at(who), "accepted elsewhere")
