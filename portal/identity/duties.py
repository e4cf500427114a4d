"""What each admin is there for, and so what their staff work may do (ADM-21)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from portal.audit.services import record
from portal.identity.admin_sessions import end_staff_work
from portal.identity.attempts import note_security_event
from portal.identity.holding import held
from portal.identity.models import Severity, User
from portal.identity.policies import may_give_role
from portal.identity.sessions import forget_cached
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, Forbidden
from portal.kernel.i18n import _
from portal.kernel.roles import Duty, Role


def change_duties(user_id: UUID, duties: Collection[Duty], *, reason: str, by: Actor) -> None:
    """Give a regular admin these duties and no others; their open staff work ends. Safe to repeat.

    Raises `NotFound`, `Forbidden` for whoever is no super admin, and `Conflict` for oneself or for somebody who
    is no regular admin.
    """
    user = held(user_id)
    if not may_give_role(Role.ADMIN, by=by):
        raise Forbidden(_("You may not give or take this right."))
    if by.user_id == user_id:
        raise Conflict(_("Somebody else has to change your duties."))
    if Role.ADMIN not in user.roles or Role.SUPER_ADMIN in user.roles:
        raise Conflict(_("Only a regular admin has duties."))
    before, after = sorted(user.duties), sorted({duty.value for duty in duties})
    if before == after:
        return
    user.duties = after
    resource = (User.__tablename__, user_id)
    record(
        "user_duties_changed", resource, by=by, reason=reason, old={"duties": before}, new={"duties": after}
    )
    note_security_event(user_id, "duties_changed", Severity.INFO, by=by)
    db.session.flush()
    end_staff_work(user_id)
    forget_cached(user_id)
