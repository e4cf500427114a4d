"""How complete a profile is: counted from the facts each time one of them changes (PPL-36, PPL-37)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from portal.config.people_values import COMPLETION_POINTS
from portal.config.values import value_of
from portal.identity.directory import contacts_of
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.money import POINTS
from portal.ledger.accounts import platform, user_points
from portal.ledger.models import Purpose
from portal.ledger.services import Cause, move
from portal.people.ages import is_adult
from portal.people.events import profile_completed
from portal.people.models import Profile, ProfileCompletion, UserLocation

PARTS = ("name", "birthday", "guardian", "photo", "place", "contact")


COMPLETE = "complete"


def refresh_completion(user_id: UUID) -> None:
    """Count again and keep the row. Call after a change of the profile, the place or a confirmed contact.

    The first time that nothing is missing is rewarded, once and for all.
    """
    db.session.flush()
    done, missing = _parts(user_id)
    values = {
        "percent": 100 * len(done) // max(len(done) + len(missing), 1),
        "done": done,
        "missing": missing,
        "updated_at": clock.now(),
    }
    statement = insert(ProfileCompletion).values(user_id=user_id, created_at=clock.now(), badges=[], **values)
    # Whoever finishes the same profile at the same moment waits for this row, and then sees the badge.
    badges = db.session.execute(
        statement.on_conflict_do_update(index_elements=["user_id"], set_=values).returning(
            ProfileCompletion.badges
        )
    ).scalar_one()
    if not missing and COMPLETE not in badges:
        _reward(user_id, [*badges, COMPLETE])


def is_complete(user_id: Any) -> ColumnElement[bool]:
    """For a statement: whether nothing of somebody's profile is missing (PPL-37)."""
    return exists().where(ProfileCompletion.user_id == user_id, ProfileCompletion.percent == 100)


def _reward(user_id: UUID, badges: list[str]) -> None:
    """The badge, and the operator's points if there are any (PPL-36)."""
    db.session.execute(
        update(ProfileCompletion).where(ProfileCompletion.user_id == user_id).values(badges=badges)
    )
    points = value_of(COMPLETION_POINTS)
    if points:
        cause = Cause("points_profile_complete", "profiles", user_id, f"profile:{user_id}:complete")
        move(platform(Purpose.POINTS_ISSUED, POINTS), user_points(user_id), points, cause, by=SYSTEM)
    profile_completed.send(user_id, points=points, by=SYSTEM)


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
        "birthday": profile.said_birthday is not None,
        "photo": profile.avatar_file_id is not None,
        "place": region is not None,
        "contact": contacts_of(user_id).is_confirmed,
    }
    if profile.said_birthday is not None and not is_adult(profile.said_birthday):
        facts["guardian"] = profile.guardian_confirmed_at is not None
    parts = [part for part in PARTS if part in facts]
    return [part for part in parts if facts[part]], [part for part in parts if not facts[part]]
