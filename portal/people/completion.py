"""How complete a profile is: counted from the facts each time one of them changes (PPL-36, PPL-37)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from portal.identity.directory import contacts_of
from portal.kernel import clock
from portal.kernel.db import db
from portal.people.ages import is_adult
from portal.people.models import Profile, ProfileCompletion, UserLocation

PARTS = ("name", "birthday", "guardian", "photo", "place", "contact")


def refresh_completion(user_id: UUID) -> None:
    """Count again and keep the row. Call after a change of the profile, the place or a confirmed contact."""
    db.session.flush()
    done, missing = _parts(user_id)
    values = {
        "percent": 100 * len(done) // max(len(done) + len(missing), 1),
        "done": done,
        "missing": missing,
        "updated_at": clock.now(),
    }
    statement = insert(ProfileCompletion).values(user_id=user_id, created_at=clock.now(), badges=[], **values)
    db.session.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=values))


def _parts(user_id: UUID) -> tuple[list[str], list[str]]:
    """What is filled in and what is not; a guardian counts only for a minor."""
    row = db.session.execute(
        select(Profile, UserLocation.region)
        .outerjoin(UserLocation, UserLocation.user_id == Profile.user_id)
        .where(Profile.user_id == user_id)
    ).one_or_none()
    if row is None:
        return [], list(PARTS)
    profile, region = row
    facts = {
        "name": True,
        "birthday": profile.date_of_birth is not None,
        "photo": profile.avatar_file_id is not None,
        "place": region is not None,
        "contact": contacts_of(user_id).is_confirmed,
    }
    if profile.date_of_birth is not None and not is_adult(profile.date_of_birth):
        facts["guardian"] = profile.guardian_confirmed_at is not None
    parts = [part for part in PARTS if part in facts]
    return [part for part in parts if facts[part]], [part for part in parts if not facts[part]]
