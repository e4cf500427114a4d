"""What can be asked of notifications."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from portal.kernel import clock
from portal.kernel.db import db
from portal.notifications.models import Notification

UNREAD_SHOWN_AT_MOST = 99


def unread_count(user_id: UUID) -> int:
    """Unread messages of a person, counted up to the most that the bell shows (NTF-13)."""
    unread = (
        select(Notification.id)
        .where(
            Notification.user_id == user_id,
            Notification.read.is_(False),
            Notification.archived.is_(False),
            (Notification.expires_at.is_(None)) | (Notification.expires_at > clock.now()),
        )
        .limit(UNREAD_SHOWN_AT_MOST)
        .subquery()
    )
    return db.session.execute(select(func.count()).select_from(unread)).scalar_one()
