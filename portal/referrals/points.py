"""Points: promised when something happens, usable when they have matured, taken back when it was undone.

The promise is a pending transfer from the points the house issues to the sponsor's account; maturing posts
it, revoking voids it, and revoking what is already usable posts its reversal (reconciliation §6, R-29).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

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
from portal.kernel.ids import new_id
from portal.kernel.money import POINTS
from portal.kernel.states import advance, remember
from portal.ledger import services as ledger
from portal.ledger.accounts import platform, user_points
from portal.ledger.models import Purpose
from portal.ledger.services import Cause
from portal.referrals.events import points_matured
from portal.referrals.models import AwardEvent, AwardStatus, PointAward, Referral

_WORTH: dict[AwardEvent, Setting[int]] = {
    AwardEvent.REFERRAL_ACCEPTED: POINTS_REFERRAL_ACCEPTED,
    AwardEvent.POT_OPENED: POINTS_POT_OPENED,
    AwardEvent.FIRST_DONATION: POINTS_FIRST_DONATION,
}
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
    None when this event of this referral has paid already, or the sponsor's account is not active.
    """
    base = value_of(_WORTH[event])
    points = int((base * _ONE * boost).to_integral_value(ROUND_DOWN))
    if points <= 0 or not _may_earn(referral.referrer_id):
        return None
    moment = clock.now()
    award_id = db.session.execute(
        insert(PointAward)
        .values(
            id=new_id(),
            sponsor_user_id=referral.referrer_id,
            referral_id=referral.id,
            event_type=event,
            base_points=base,
            sponsor_boost_multiplier=boost,
            points=points,
            details=details or {},
            status=AwardStatus.PENDING,
            matures_at=max(moment + timedelta(days=value_of(POINTS_MATURE_DAYS)), not_before or moment),
            created_at=moment,
            updated_at=moment,
        )
        .on_conflict_do_nothing()
        .returning(PointAward.id)
    ).scalar()
    if award_id is None:
        return None
    moved = ledger.move(
        platform(Purpose.POINTS_ISSUED, POINTS),
        user_points(referral.referrer_id),
        points,
        Cause(f"points_{event}", "point_awards", award_id, f"award:{award_id}"),
        by=by,
        pending=True,
    )
    row = db.session.get_one(PointAward, award_id)
    row.transfer_id = moved.transfer_id
    remember("point_awards", award_id, "status", None, AwardStatus.PENDING, by=by)
    return row


def mature(award_id: UUID) -> bool:
    """Make the points of one award usable; False when they are not pending or not due."""
    row = db.session.get_one(PointAward, award_id, with_for_update=True, populate_existing=True)
    if row.status is not AwardStatus.PENDING or row.matures_at > clock.now():
        return False
    advance(row, AwardStatus.MATURED, by=SYSTEM)
    row.matured_at = clock.now()
    assert row.transfer_id is not None
    ledger.settle(row.transfer_id, by=SYSTEM)
    points_matured.send(row, by=SYSTEM)
    return True


def due_awards(limit: int = 500) -> list[UUID]:
    """Awards whose time has come, in id order."""
    return list(
        db.session.execute(
            select(PointAward.id)
            .where(PointAward.status == AwardStatus.PENDING, PointAward.matures_at <= clock.now())
            .order_by(PointAward.matures_at, PointAward.id)
            .limit(limit)
        ).scalars()
    )


def revoke(award_id: UUID, reason: str, *, by: Actor) -> None:
    """Take points back; a repeat changes nothing.

    Raises `InsufficientFunds` when matured points have been spent already.
    """
    row = db.session.get_one(PointAward, award_id, with_for_update=True, populate_existing=True)
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


def revoke_for_event(
    referral_id: UUID, event: AwardEvent, reason: str, donation_id: str, *, by: Actor
) -> None:
    """Take back what this very gift earned, while it is not usable yet; what was spent stays."""
    award_id = db.session.execute(
        select(PointAward.id).where(
            PointAward.referral_id == referral_id,
            PointAward.event_type == event,
            PointAward.status == AwardStatus.PENDING,
            PointAward.details["donation_id"].astext == donation_id,
        )
    ).scalar()
    if award_id is not None:
        revoke(award_id, reason, by=by)


def _may_earn(sponsor_id: UUID) -> bool:
    user = db.session.get(User, sponsor_id)
    return user is not None and user.status is UserStatus.ACTIVE
