"""Invitations that nobody answered in time, set-based."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from portal.kernel import clock
from portal.kernel.actor import ActorKind
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.kernel.models import StatusHistory
from portal.teams.models import InvitationStatus, TeamInvitation

_AT_ONCE = 1_000


def expire_due() -> int:
    """Expire the next invitations past their time, each with its line of history; how many, 0 without any more."""
    moment = clock.now()
    overdue = (
        select(TeamInvitation.id)
        .where(TeamInvitation.status == InvitationStatus.WAITING, TeamInvitation.expires_at <= moment)
        .order_by(TeamInvitation.id)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    gone = db.session.scalars(
        update(TeamInvitation)
        .where(TeamInvitation.id.in_(overdue))
        .values(status=InvitationStatus.EXPIRED, updated_at=moment)
        .returning(TeamInvitation.id)
        .execution_options(synchronize_session="fetch")
    ).all()
    lines = [
        {
            "id": new_id(),
            "entity_type": TeamInvitation.__tablename__,
            "entity_id": invitation_id,
            "column_name": "status",
            "from_status": InvitationStatus.WAITING,
            "to_status": InvitationStatus.EXPIRED,
            "actor_kind": ActorKind.SYSTEM,
            "occurred_at": moment,
        }
        for invitation_id in gone
    ]
    if lines:
        db.session.execute(insert(StatusHistory), lines)
    return len(lines)
