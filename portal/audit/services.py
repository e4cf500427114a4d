"""Writing the trail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from portal.audit.models import AuditLog
from portal.config.registry import HIDDEN
from portal.kernel.actor import Actor
from portal.kernel.db import db

# What stands for a value that is not to be told.
UNSAID = "•••"
_OF_PEOPLE = frozenset(
    {
        "contact_email",
        "contact_name",
        "contact_phone",
        "date_of_birth",
        "email",
        "full_name",
        "holder_name",
        "notes",
        "phone",
        "stated_birthday",
        "username",
    }
)
_SECRET = ("encrypted", "password", "secret", "token")


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

    Of `old` and `new` only the changed fields are kept, as JSON values. The trail is never changed and kept for years,
    so it says that a name, an address, a note or a secret was changed, and not what it was or is (PRV-06).
    """
    old, new = _changed(old, new), _changed(new, old)
    db.session.add(
        AuditLog(
            actor_type=by.kind,
            actor_user_id=by.user_id,
            actor_ip=by.ip,
            action=action,
            resource_type=resource[0],
            resource_id=resource[1],
            old_values=_discreet(old),
            new_values=_discreet(new),
            reason=reason,
            details=_discreet(details) or {},
            request_id=by.request_id,
            user_agent=by.user_agent,
        )
    )


def _changed(values: dict[str, Any] | None, others: dict[str, Any] | None) -> dict[str, Any] | None:
    """Without what is the same on the other side, also among switches that are kept in one field.

    What was hidden before it came here has changed, although it looks the same.
    """
    if values is None or others is None:
        return values
    differing = {
        name: one
        for name, one in values.items()
        if name not in others or others[name] != one or one in (UNSAID, HIDDEN)
    }
    return {
        name: _changed(one, others[name])
        if isinstance(one, dict) and isinstance(others.get(name), dict)
        else one
        for name, one in differing.items()
    }


def _discreet(values: dict[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {name: UNSAID if value and _is_private(name) else value for name, value in values.items()}


def _is_private(name: str) -> bool:
    return name in _OF_PEOPLE or any(word in name for word in _SECRET)
