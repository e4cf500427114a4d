"""A super admin looks at the portal as somebody else sees it: for a reason, for minutes, and changes nothing.

It belongs to their staff work and ends with it. The person finds it among their security events, and with the reason among those who looked.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import update

from portal.audit.looks import note_looks
from portal.audit.models import Opened
from portal.audit.services import record
from portal.config.values import LOOK_MINUTES, value_of
from portal.identity.attempts import note_security_event
from portal.identity.models import AdminSession, Severity, User, UserStatus
from portal.identity.sessions import forget_cached
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, Forbidden, NotFound
from portal.kernel.i18n import _
from portal.kernel.roles import ADMIN_ROLES
from portal.kernel.visitor import Visitor


def begin_to_look(person: Visitor, user_id: UUID, *, reason: str, by: Actor) -> None:
    """Show the portal to `person`, whose staff work is open, as `user_id` sees it.

    Raises `NotFound`, `Forbidden` for somebody who steers, and `Conflict` for an account that is not open.
    """
    user = db.session.get(User, user_id)
    if user is None or person.admin is None:
        raise NotFound
    if not ADMIN_ROLES.isdisjoint(user.roles):
        raise Forbidden(_("The portal cannot be viewed as an administrator."))
    if user.status is not UserStatus.ACTIVE:
        raise Conflict(_("This account is not open."))
    until = clock.now() + timedelta(minutes=value_of(LOOK_MINUTES))
    _set(person.admin.id, looks_as=user_id, looks_until=until)
    record("user_viewed", (User.__tablename__, user_id), by=by, reason=reason)
    note_looks([user_id], Opened.LOOKED_AS, by=by, reason=reason)
    note_security_event(user_id, "looked_at_by_staff", Severity.INFO, by=by)
    forget_cached(person.user_id)


def stop_looking(person: Visitor) -> None:
    """Let the admin behind `person` see the portal with their own eyes again. Safe to repeat."""
    if person.watcher is None:
        return
    _set(person.watcher.work_id, looks_as=None, looks_until=None)
    forget_cached(person.watcher.user_id)


def _set(work_id: UUID, **values: object) -> None:
    db.session.execute(update(AdminSession).where(AdminSession.id == work_id).values(**values))
