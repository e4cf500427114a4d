"""Invitations that ran out of time, set-based (REF-07)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, insert, select, update

from portal.kernel import clock
from portal.kernel.actor import ActorKind
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.kernel.models import StatusHistory
from portal.referrals.models import InvitationStatus, Referral


def expire_matching(condition: ColumnElement[bool], limit: int = 5_000) -> int:
    """Turn sent invitations that are past their time and match `condition` into expired; how many."""
    overdue = (
        select(Referral.id)
        .where(
            Referral.invitation_status == InvitationStatus.SENT,
            Referral.expires_at <= clock.now(),
            condition,
        )
        .order_by(Referral.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return close_open(Referral.id.in_(overdue), "expired")


def close_open(condition: ColumnElement[bool], reason: str) -> int:
    """Turn the open invitations that match into expired, each with its line of history; how many."""
    moment = clock.now()
    gone = db.session.execute(
        update(Referral)
        .where(Referral.invitation_status == InvitationStatus.SENT, condition)
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
