"""Noting that somebody of the staff opened what is known of a person (PRV-06); the person reads it on their page."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from portal.audit.models import DataAccess, Opened
from portal.kernel.actor import Actor
from portal.kernel.db import db


def note_looks(people: Iterable[UUID], opened: Opened, *, by: Actor, reason: str | None = None) -> None:
    """Leave a row for each person who was looked at; looking at oneself leaves none."""
    if by.user_id is None:
        return
    db.session.add_all(
        DataAccess(
            staff_user_id=by.user_id,
            subject_user_id=subject_id,
            opened=opened,
            reason=reason,
            request_id=by.request_id,
        )
        for subject_id in people
        if subject_id != by.user_id
    )
