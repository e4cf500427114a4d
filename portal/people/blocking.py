"""Wanting nothing to do with somebody: they hear nothing of it, and it can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from portal.audit.services import record
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.people.models import Profile, UserBlock

_MOST = 100


def block(blocker_id: UUID, blocked_id: UUID, *, by: Actor) -> None:
    """Neither hears of the other any more (R-53). Safe to repeat."""
    new = db.session.scalar(
        insert(UserBlock)
        .values(blocker_user_id=blocker_id, blocked_user_id=blocked_id)
        .on_conflict_do_nothing()
        .returning(UserBlock.blocked_user_id)
    )
    if new is not None:
        record("person_blocked", (Profile.__tablename__, blocked_id), by=by)


def unblock(blocker_id: UUID, blocked_id: UUID, *, by: Actor) -> None:
    """Take it back. Raises `NotFound` for whoever is not blocked, also a second time."""
    gone = db.session.scalar(
        delete(UserBlock)
        .where(UserBlock.blocker_user_id == blocker_id, UserBlock.blocked_user_id == blocked_id)
        .returning(UserBlock.blocked_user_id)
    )
    if gone is None:
        raise NotFound
    record("person_unblocked", (Profile.__tablename__, blocked_id), by=by)


def blocked_by(user_id: UUID) -> Sequence[tuple[UUID, str]]:
    """Whom this person has blocked, with their names, the latest first."""
    rows = db.session.execute(
        select(Profile.user_id, Profile.full_name)
        .join(UserBlock, UserBlock.blocked_user_id == Profile.user_id)
        .where(UserBlock.blocker_user_id == user_id)
        .order_by(UserBlock.created_at.desc(), Profile.user_id)
        .limit(_MOST)
    )
    return [(blocked_id, name) for blocked_id, name in rows]
