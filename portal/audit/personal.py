"""What the trail holds of people (PRV-06, PRV-10)."""

from __future__ import annotations

from portal.audit.models import AuditLog
from portal.kernel.personal import Share, Stay, holds, own

holds(
    AuditLog,
    {
        "actor_ip": "from where an act was done, as proof",
        "user_agent": "with what an act was done, as proof",
        "reason": "why staff acted, in their words",
        "old_values": "the changed fields before, without names and addresses of people",
        "new_values": "the changed fields after, without names and addresses of people",
        "metadata": "what else proves the act",
    },
    Share(
        "own_acts",
        own(AuditLog.actor_user_id),
        Stay("proof of acts, kept for five years and never changed; hands and things are ids"),
        tells=("occurred_at", "action", "resource_type", "resource_id", "actor_ip", "user_agent"),
    ),
    plain=("action", "resource_type", "request_id", "previous_hash", "row_hash"),
)
