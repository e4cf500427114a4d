"""What the trail holds of people (PRV-06, PRV-10)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_

from portal.audit.looks import looks_at_contacts
from portal.audit.models import AuditArchive, AuditCut, AuditLog, DataAccess
from portal.kernel.personal import Person, Share, Stay, holds, nothing_personal, own


def _looks_at(person: Person) -> ColumnElement[bool]:
    before = looks_at_contacts((*person.emails, *person.phones))
    return or_(own(DataAccess.subject_user_id)(person), before)


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
holds(
    DataAccess,
    {
        "reason": "why somebody of the staff looked, in their words",
        "contact_mark": "keyed hash of the address or number of somebody without an account, to show it to them later",
    },
    Share(
        "seen_by_staff",
        _looks_at,
        Stay(
            "proof of who looked, kept for five years; ids, of which the person's leads to a stub, or a keyed hash"
        ),
        tells=("staff_user_id", "opened", "reason", "occurred_at"),
    ),
    Share(
        "seen_as_staff",
        own(DataAccess.staff_user_id),
        Stay("proof of who looked, kept for five years; both are ids, and staff's leads to a stub"),
        tells=("opened", "occurred_at"),
    ),
    plain=("request_id",),
)
nothing_personal(AuditCut, "where the chain of the trail begins since old months are removed")
nothing_personal(
    AuditArchive, "names a sealed file, in which people are ids that lead to a stub once they are erased"
)
