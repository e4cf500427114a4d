"""What a person changes about themselves."""

from __future__ import annotations

from uuid import UUID

from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.people.models import UserPreferences


def choose_locale(user_id: UUID, locale: str, *, by: Actor) -> None:
    """Remember the language the portal speaks to this person (PPL-05, R-10)."""
    preferences = db.session.get(UserPreferences, user_id)
    if preferences is None:
        preferences = UserPreferences(user_id=user_id, created_by=by.user_id)
        db.session.add(preferences)
    preferences.locale = locale
