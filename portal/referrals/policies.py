"""How a referral stands, to the second, and what may be done with it."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from portal.kernel import clock
from portal.pots.models import Pot
from portal.referrals.models import InvitationStatus, Referral


class Standing(StrEnum):
    """What a sponsor sees of a referral: the two state columns and the facts, in one word."""

    OPEN = "open"
    SIGNED_UP = "signed_up"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


def standing(referral: Referral) -> Standing:
    """The standing now: an invitation past its time has expired, whether or not the job has met it."""
    if referral.accepted_at is not None:
        return Standing.ACCEPTED
    if referral.invitation_status is InvitationStatus.DECLINED:
        return Standing.DECLINED
    if referral.referred_user_id is not None:
        return Standing.SIGNED_UP
    return Standing.OPEN if is_open(referral) else Standing.EXPIRED


def stands(wanted: Standing) -> ColumnElement[bool]:
    """As `standing`, for a list."""
    accepted = Referral.accepted_at.is_not(None)
    declined = Referral.invitation_status == InvitationStatus.DECLINED
    signed_up = Referral.referred_user_id.is_not(None)
    unanswered = and_(~accepted, ~signed_up)
    in_time = and_(Referral.invitation_status == InvitationStatus.SENT, Referral.expires_at > clock.now())
    return {
        Standing.ACCEPTED: accepted,
        Standing.DECLINED: and_(~accepted, declined),
        Standing.SIGNED_UP: and_(
            ~accepted, signed_up, Referral.invitation_status.is_distinct_from("declined")
        ),
        Standing.OPEN: and_(unanswered, in_time),
        Standing.EXPIRED: and_(
            unanswered,
            or_(
                Referral.invitation_status == InvitationStatus.EXPIRED,
                and_(Referral.invitation_status == InvitationStatus.SENT, Referral.expires_at <= clock.now()),
            ),
        ),
    }[wanted]


def is_open(referral: Referral) -> bool:
    """Whether the invitation can still be answered; to the second, whatever the job has done (REF-07)."""
    return (
        referral.invitation_status is InvitationStatus.SENT
        and referral.expires_at is not None
        and referral.expires_at > clock.now()
    )


def within_reach(sponsor_id: UUID) -> ColumnElement[bool]:
    """Pots a sponsor may put points into: their own, and those of friends they brought (REF-66)."""
    friends = select(Referral.referred_user_id).where(
        Referral.referrer_id == sponsor_id, Referral.accepted_at.is_not(None)
    )
    return or_(Pot.owner_user_id == sponsor_id, Pot.owner_user_id.in_(friends))
