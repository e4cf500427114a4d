"""Writing the trail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from portal.audit.models import AuditLog
from portal.kernel.actor import Actor
from portal.kernel.db import db


def record(
    action: str,
    resource: tuple[str, UUID | None],
    *,
    by: Actor,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    reason: str | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Leave a row in the same transaction as the action it proves (ADM-12 to ADM-14).

    `old` and `new` hold only the changed fields, as JSON values.
    """
    db.session.add(
        AuditLog(
            actor_type=by.kind,
            actor_user_id=by.user_id,
            actor_ip=by.ip,
            action=action,
            resource_type=resource[0],
            resource_id=resource[1],
            old_values=old,
            new_values=new,
            reason=reason,
            details=details or {},
            request_id=by.request_id,
            user_agent=by.user_agent,
        )
    )
