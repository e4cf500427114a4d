"""Points: promised when something happens, usable when they have matured, taken back when it was undone.

The promise is a pending transfer from the points the house issues to the sponsor's account; maturing posts
it, revoking voids it, and revoking what is already usable posts its reversal (reconciliation §6, R-29).
While the account of either person is not active, or the friend has proved no address, an award stays pending;
what one person does on both sides earns nothing (REF-59; hands.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from portal.audit.services import record
from portal.config.values import (
    POINTS_FIRST_DONATION,
    POINTS_MATURE_DAYS,
    POINTS_POT_OPENED,
    POINTS_REFERRAL_ACCEPTED,
    Setting,
    value_of,
)
from portal.identity.models import User, UserStatus
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.ids import new_id, parse_id
from portal.kernel.money import POINTS
from portal.kernel.states import advance, remember
from portal.ledger import services as ledger
from portal.ledger.accounts import platform, user_points
from portal.ledger.models import Purpose
from portal.ledger.services import Cause
from portal.pots.models import Donation
from portal.referrals.hands import is_double, is_own_gift
from portal.referrals.models import AwardEvent, AwardStatus, PointAward, Referral

_WORTH: dict[AwardEvent, Setting[int]] = {
    AwardEvent.REFERRAL_ACCEPTED: POINTS_REFERRAL_ACCEPTED,
    AwardEvent.POT_OPENED: POINTS_POT_OPENED,
    AwardEvent.FIRST_DONATION: POINTS_FIRST_DONATION,
}
OWN_GIFT = "own_gift"
DOUBLE_ACCOUNT = "double_account"
_ONE = Decimal("1.00")


def award(
    referral: Referral,
    event: AwardEvent,
    *,
    by: Actor,
    not_before: datetime | None = None,
    boost: Decimal = _ONE,
    details: dict[str, str] | None = None,
) -> PointAward | None:
    """Promise the sponsor the points of `event`, once per referral and event (REF-54 to REF-59).

    Points = base x multipliers, rounded down. They mature after the days of G-02, not before `not_before`.
    None when this event of this referral has paid already, when the friend is the sponsor or an earlier friend
    under another name, or when the sponsor's account is not active.
    """
    base = value_of(_WORTH[event])
    points = int((base * _ONE * boost).to_integral_value(ROUND_DOWN))
    if points <= 0 or not _may_earn(referral.referrer_id) or is_double(referral):
        return None
    sponsor_id = referral.referrer_id
    award_id = _insert(referral, sponsor_id, event, points, base, boost, not_before, details or {})
    if award_id is None:
        return None
    referral.referrer_reward_given = True
    cause = Cause(f"points_{event}", "point_awards", award_id, f"award:{award_id}")
    return _pend(award_id, sponsor_id, points, cause, by)


def promise_welcome(referral: Referral, points: int, *, by: Actor) -> PointAward:
    """Promise the friend the points of a campaign, which mature as the sponsor's do; the caller sees that it is once."""
    assert referral.referred_user_id is not None
    friend_id = referral.referred_user_id
    award_id = _insert(referral, friend_id, AwardEvent.CAMPAIGN, points, points, _ONE, None, {})
    assert award_id is not None
    cause = Cause("points_welcome", "referrals", referral.id, f"referral:{referral.id}:welcome")
    return _pend(award_id, friend_id, points, cause, by)


def mature(award_id: UUID) -> bool:
    """Make the points of one award usable; False when they are not pending, not due, or doubtful.

    The points of a gift that turns out to be the sponsor's or the friend's own are revoked instead, and those for a
    friend who turns out to be the sponsor or an earlier friend.
    """
    row = db.session.execute(
        select(PointAward)
        .where(PointAward.id == award_id, _is_due())
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if row is None:
        return False
    doubt = _doubt_about(row)
    if doubt is not None:
        revoke(award_id, doubt, by=SYSTEM)
        return False
    advance(row, AwardStatus.MATURED, by=SYSTEM)
    row.matured_at = clock.now()
    assert row.transfer_id is not None
    ledger.settle(row.transfer_id, by=SYSTEM)
    return True


def due_awards(limit: int = 5_000) -> list[UUID]:
    """Awards whose time has come, the longest due first."""
    return list(
        db.session.execute(
            select(PointAward.id).where(_is_due()).order_by(PointAward.matures_at, PointAward.id).limit(limit)
        ).scalars()
    )


def revoke(award_id: UUID, reason: str, *, by: Actor) -> None:
    """Take points back; a repeat changes nothing.

    Raises `NotFound`, and `InsufficientFunds` when matured points have been spent already.
    """
    row = db.session.get(PointAward, award_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    if row.status is AwardStatus.REVOKED:
        return
    was_usable = row.status is AwardStatus.MATURED
    advance(row, AwardStatus.REVOKED, by=by, reason=reason)
    row.revoked_at = clock.now()
    row.revoke_reason = reason
    assert row.transfer_id is not None
    if was_usable:
        cause = Cause("points_revoked", "point_awards", row.id, f"award:{row.id}:revoked")
        ledger.reverse(row.transfer_id, cause, by=by)
    else:
        ledger.void(row.transfer_id, by=by)
    record("points_revoked", ("point_awards", row.id), by=by, reason=reason)


def revoke_gift_award(referral_id: UUID, donation_id: UUID, reason: str, *, by: Actor) -> None:
    """Take back what this very gift earned, while it is not usable yet; what has matured stays."""
    award_id = db.session.execute(
        select(PointAward.id).where(
            PointAward.referral_id == referral_id,
            PointAward.event_type == AwardEvent.FIRST_DONATION,
            PointAward.status == AwardStatus.PENDING,
            PointAward.details["donation_id"].astext == str(donation_id),
        )
    ).scalar()
    if award_id is not None:
        revoke(award_id, reason, by=by)


def _pend(award_id: UUID, earner_id: UUID, points: int, cause: Cause, by: Actor) -> PointAward:
    """Move the points of a new award, as a promise."""
    moved = ledger.move(
        platform(Purpose.POINTS_ISSUED, POINTS), user_points(earner_id), points, cause, by=by, pending=True
    )
    row = db.session.get_one(PointAward, award_id)
    row.transfer_id = moved.transfer_id
    remember("point_awards", award_id, "status", None, AwardStatus.PENDING, by=by)
    return row


def _insert(
    referral: Referral,
    earner_id: UUID,
    event: AwardEvent,
    points: int,
    base: int,
    boost: Decimal,
    not_before: datetime | None,
    details: dict[str, str],
) -> UUID | None:
    """The new award's id; None when the event has paid before."""
    moment = clock.now()
    row = {
        PointAward.id: new_id(),
        PointAward.sponsor_user_id: earner_id,
        PointAward.referral_id: referral.id,
        PointAward.event_type: event,
        PointAward.base_points: base,
        PointAward.sponsor_boost_multiplier: boost,
        PointAward.points: points,
        PointAward.description: f"{event}: {referral.referral_code}",
        PointAward.details: details,
        PointAward.matures_at: max(
            moment + timedelta(days=value_of(POINTS_MATURE_DAYS)), not_before or moment
        ),
        PointAward.created_at: moment,
        PointAward.updated_at: moment,
    }
    statement = insert(PointAward).values(row).on_conflict_do_nothing().returning(PointAward.id)
    return db.session.execute(statement).scalar()


def _may_earn(sponsor_id: UUID) -> bool:
    user = db.session.get(User, sponsor_id)
    return user is not None and user.status is UserStatus.ACTIVE


def _doubt_about(row: PointAward) -> str | None:
    """Why these points are not due; who paid a gift, and who is who, is often known only after they were earned."""
    if row.referral_id is None:
        return None
    referral = db.session.get_one(Referral, row.referral_id)
    donation_id = parse_id(row.details.get("donation_id"))
    if donation_id is not None and is_own_gift(db.session.get_one(Donation, donation_id), referral):
        return OWN_GIFT
    return DOUBLE_ACCOUNT if is_double(referral) else None


def _is_due() -> ColumnElement[bool]:
    """Pending, its time has come, neither person is suspended or gone, and the friend has proved an address."""
    sponsor, friend = aliased(User), aliased(User)
    friends = (
        select(Referral.id)
        .outerjoin(friend, friend.id == Referral.referred_user_id)
        .where(
            Referral.id == PointAward.referral_id,
            or_(
                friend.id.is_(None),
                and_(
                    friend.status == UserStatus.ACTIVE,
                    or_(friend.email_verified_at.is_not(None), friend.phone_verified_at.is_not(None)),
                ),
            ),
        )
    )
    sponsors = select(sponsor.id).where(
        sponsor.id == PointAward.sponsor_user_id, sponsor.status == UserStatus.ACTIVE
    )
    return and_(
        PointAward.status == AwardStatus.PENDING,
        PointAward.matures_at <= clock.now(),
        sponsors.exists(),
        or_(PointAward.referral_id.is_(None), friends.exists()),
    )
