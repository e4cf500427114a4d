"""Invitations that ran out of time, set-based (REF-07)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, insert, select, true, update

from portal.kernel import clock
from portal.kernel.actor import ActorKind
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.kernel.models import StatusHistory
from portal.referrals.models import InvitationStatus, Referral

_AT_ONCE = 5_000


def expire_due() -> int:
    """Expire the next invitations past their time; how many, 0 when there are no more."""
    return expire_matching(true())


def expire_matching(condition: ColumnElement[bool]) -> int:
    """Turn sent invitations that are past their time and match `condition` into expired; how many."""
    overdue = (
        select(Referral.id)
        .where(_UNANSWERED, Referral.expires_at <= clock.now(), condition)
        .order_by(Referral.id)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return close_open(Referral.id.in_(overdue), "expired")


def close_open(condition: ColumnElement[bool], reason: str) -> int:
    """Turn the unanswered invitations that match into expired, each with its line of history; how many."""
    moment = clock.now()
    gone = db.session.execute(
        update(Referral)
        .where(_UNANSWERED, condition)
        .values(invitation_status=InvitationStatus.EXPIRED, expired_at=moment, updated_at=moment)
        .returning(Referral.id)
        .execution_options(synchronize_session="fetch")
    ).scalars()
    lines = [
        {
            "id": new_id(),
            "entity_type": "referrals",
            "entity_id": referral_id,
            "column_name": "invitation_status",
            "from_status": InvitationStatus.SENT,
            "to_status": InvitationStatus.EXPIRED,
            "actor_kind": ActorKind.SYSTEM,
            "reason": reason,
            "occurred_at": moment,
        }
        for referral_id in gone
    ]
    if lines:
        db.session.execute(insert(StatusHistory), lines)
    return len(lines)


# Somebody who has signed up in time may take longer to finish: that invitation does not expire (M-20).
_UNANSWERED = (Referral.invitation_status == InvitationStatus.SENT) & Referral.referred_user_id.is_(None)
