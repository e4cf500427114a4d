"""What only staff see of a person: where they came from, what they are worth, what was noted (PPL-34, PPL-35)."""

from __future__ import annotations

from uuid import UUID

from portal.audit.services import record
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.people.birthdays import locked_profile
from portal.people.models import UserMetadata

LONGEST_NOTES = 4000


def keep_notes(user_id: UUID, notes: str | None, *, by: Actor) -> bool:
    """Keep what staff note about somebody; False when it was that already. Raises `NotFound`.

    The trail says who has changed the notes, never what they say: it is kept for longer than they may be.
    """
    locked_profile(user_id)
    row = db.session.get(UserMetadata, user_id) or UserMetadata(user_id=user_id)
    if row.admin_notes == notes:
        return False
    before = row.admin_notes
    row.admin_notes = notes
    db.session.add(row)
    record(
        "admin_notes_changed",
        ("users", user_id),
        by=by,
        old={"notes": before},
        new={"notes": notes},
    )
    return True
