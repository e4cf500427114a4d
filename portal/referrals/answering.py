"""What an invited person does: opens the link, declines, signs up, accepts.

A referral is accepted once the person is somebody: signed up, with a birthday, and for a minor with a
confirmed guardian and both identities verified (R-08, M-20, REF-26). Until then it waits; each of those
events asks again.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, insert, or_, select

from portal.identity.models import User, UserStatus
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
from portal.referrals.events import referral_accepted
from portal.referrals.expiring import close_open, expire_matching
from portal.referrals.inviting import CODE_LENGTH, unused_code
from portal.referrals.models import InvitationStatus, Referral, ReferralClick

PERSONAL_CODE_LENGTH = 9
UTM_FIELDS = ("utm_source", "utm_medium", "utm_campaign")
_MAX_UTM = 100


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What stands behind a code: the sponsor, and the single invitation if it was one."""

    sponsor_id: UUID
    sponsor_name: str
    referral: Referral | None


def find_link(code: str) -> OpenedLink:
    """The sponsor (and invitation) behind a code; its length tells which kind it is (R-22).

    Raises `NotFound` for an unknown code or a sponsor who is no longer here.
    """
    code = code.strip().upper()
    if len(code) == CODE_LENGTH:
        found = db.session.execute(
            select(Referral, Profile.full_name, User.id)
            .join(User, User.id == Referral.referrer_id)
            .join(Profile, Profile.user_id == User.id)
            .where(Referral.referral_code == code, User.status == UserStatus.ACTIVE)
        ).one_or_none()
        if found is not None:
            return OpenedLink(found[2], found[1], found[0])
    elif len(code) == PERSONAL_CODE_LENGTH:
        person = db.session.execute(
            select(User.id, Profile.full_name)
            .join(Profile, Profile.user_id == User.id)
            .where(User.referral_code == code, User.status == UserStatus.ACTIVE)
        ).one_or_none()
        if person is not None:
            return OpenedLink(person[0], person[1], None)
    raise NotFound(_("This invitation link does not lead anywhere."))


def remember_click(link: OpenedLink, utm: dict[str, str], *, by: Actor) -> None:
    """Count that a link was opened (REF-19); the sponsor's own look is not counted."""
    if by.user_id == link.sponsor_id:
        return
    moment = clock.now()
    db.session.execute(
        insert(ReferralClick),
        {
            "id": new_id(),
            "owner_user_id": link.sponsor_id,
            "referral_id": link.referral.id if link.referral else None,
            "utm": {key: utm[key][:_MAX_UTM] for key in UTM_FIELDS if utm.get(key)},
            "ip_address": by.ip,
            "user_agent": by.user_agent,
            "occurred_at": moment,
        },
    )
    if link.referral is not None and link.referral.opened_at is None:
        link.referral.opened_at = link.referral.clicked_at = moment


def is_open(referral: Referral) -> bool:
    """Whether the invitation can still be answered; to the second, whatever the job has done (REF-07)."""
    return (
        referral.invitation_status is InvitationStatus.SENT
        and referral.expires_at is not None
        and referral.expires_at > clock.now()
    )


def decline(code: str, *, by: Actor) -> None:
    """Say no from the link (REF-09); a repeat changes nothing. Raises `Conflict` when it is over."""
    referral = find_link(code).referral
    if referral is None:
        raise NotFound
    if referral.invitation_status is InvitationStatus.DECLINED:
        return
    if not is_open(referral) or referral.referred_user_id is not None:
        raise Conflict(_("This invitation can no longer be answered."))
    advance(referral, InvitationStatus.DECLINED, by=by, column="invitation_status")
    referral.declined_at = clock.now()


def tie_newcomer(user_id: UUID, code: str, utm: dict[str, str], *, by: Actor) -> Referral | None:
    """Bind a new account to whoever brought it: once, during registration (ID-30, ID-32, REF-15).

    An expired invitation and an unknown code bind nobody. Nobody refers themselves.
    """
    try:
        link = find_link(code)
    except NotFound:
        return None
    if link.sponsor_id == user_id:
        return None
    referral = link.referral
    if referral is not None:
        db.session.refresh(referral, with_for_update=True)
        if not is_open(referral) or referral.referred_user_id is not None:
            return None
    else:
        referral = Referral(
            id=new_id(),
            referrer_id=link.sponsor_id,
            referral_code=unused_code(),
            invitation_status=None,
            source="link",
            sent_at=None,
        )
        db.session.add(referral)
    referral.referred_user_id = user_id
    referral.signed_up_at = clock.now()
    for name in UTM_FIELDS:
        setattr(referral, name, utm.get(name, "")[:_MAX_UTM] or None)
    tie_to_sponsor(user_id, link.sponsor_id, by=by)
    db.session.flush()
    accept_if_ready(user_id, by=by)
    return referral


def accept_if_ready(user_id: UUID, *, by: Actor) -> Referral | None:
    """Accept the referral that brought this person, if nothing is missing any more; None otherwise."""
    referral = db.session.execute(
        select(Referral).where(Referral.referred_user_id == user_id).with_for_update()
    ).scalar_one_or_none()
    if referral is None or referral.accepted_at is not None or not _is_ready(referral, user_id):
        return None
    referral.accepted_at = clock.now()
    if referral.invitation_status is not None:
        if not is_open(referral):
            # Signed up in time, finished later: the answer counts from the sign-up.
            referral.accepted_at = referral.signed_up_at or referral.accepted_at
        if referral.invitation_status is not InvitationStatus.SENT:
            return None
        advance(referral, InvitationStatus.ACCEPTED, by=by, column="invitation_status")
    _close_rivals(referral, user_id)
    referral_accepted.send(referral, by=by)
    return referral


def _is_ready(referral: Referral, user_id: UUID) -> bool:
    profile = db.session.get(Profile, user_id)
    if profile is None or profile.date_of_birth is None:
        return False
    if is_adult(profile.date_of_birth):
        return True
    referral.sponsored_id_verified = identity_verified(user_id)
    referral.sponsor_id_verified = identity_verified(referral.referrer_id)
    referral.both_ids_collected = referral.sponsored_id_verified and referral.sponsor_id_verified
    return profile.guardian_confirmed_at is not None and referral.both_ids_collected


def _close_rivals(referral: Referral, user_id: UUID) -> None:
    """First acceptance wins: other open invitations to this person turn expired (R-26)."""
    user = db.session.get_one(User, user_id)
    same = or_(
        Referral.referred_phone == user.phone if user.phone else False,
        func.lower(Referral.referred_email) == user.email.lower() if user.email else False,
    )
    close_open((Referral.id != referral.id) & same, "accepted elsewhere")


def expire_due() -> int:
    """Expire every invitation past its time; how many."""
    return expire_matching(Referral.expires_at.is_not(None))
