"""Noting that somebody of the staff opened what is known of a person (PRV-06); the person reads it on their page."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import insert

from portal.audit.models import DataAccess, Opened
from portal.kernel.actor import Actor
from portal.kernel.db import db

# A number of a phone, however it is written; fewer digits are an amount or a year.
_FEWEST_DIGITS = 6


def note_looks(
    people: Iterable[UUID | None], opened: Opened, *, by: Actor, reason: str | None = None
) -> None:
    """Leave a row for each person who was looked at, one by one or in a list; looking at oneself leaves none."""
    if by.user_id is None:
        return
    rows = [
        {
            "staff_user_id": by.user_id,
            "subject_user_id": subject_id,
            "opened": opened,
            "reason": reason or None,
            "request_id": by.request_id,
        }
        for subject_id in dict.fromkeys(people)
        if subject_id is not None and subject_id != by.user_id
    ]
    if rows:
        db.session.execute(insert(DataAccess), rows)


def is_contact(words: str) -> bool:
    """Whether somebody is looked for by address or number: whoever is found so is found on purpose."""
    return "@" in words or sum(sign.isdigit() for sign in words) >= _FEWEST_DIGITS
