"""Noting that somebody of the staff opened what is known of a person (PRV-06); the person reads it on their page.

A list as a file holds up to thousands of people: however many they are, they are noted with one statement.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Uuid,
    column,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from portal.audit.models import DataAccess, Opened
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.kernel.marks import known_marks, marked

# A number of a phone, however it is written; fewer digits are an amount or a year.
_FEWEST_DIGITS = 6
_PURPOSE = "data_accesses.contact_mark"
_users = table("users", column("id", Uuid()))


def note_looks(
    people: Iterable[UUID | None],
    opened: Opened,
    *,
    contacts: Iterable[str | None] = (),
    by: Actor,
    reason: str | None = None,
) -> None:
    """Leave a row for each person who was looked at, one by one or in a list; looking at oneself leaves none.

    `people` may name other things too: what is no account leaves none. `contacts` are addresses and numbers of
    people without an account, of which only a mark is kept.
    """
    if by.user_id is None:
        return
    subjects = [one for one in dict.fromkeys(people) if one is not None and one != by.user_id]
    marks = marked({_written_alike(one) for one in contacts if one}, _PURPOSE)
    if not subjects and not marks:
        return
    seen = _seen([*subjects, *(None for _mark in marks)], [*(None for _subject in subjects), *marks])
    values = {
        "id": seen.c.id,
        "staff_user_id": literal(by.user_id, Uuid()),
        "subject_user_id": seen.c.subject,
        "contact_mark": seen.c.mark,
        "opened": literal(opened, DataAccess.opened.type),
        "reason": literal(reason or None, String()),
        "request_id": literal(by.request_id, String()),
        "occurred_at": literal(clock.now(), DataAccess.occurred_at.type),
    }
    rows: Select[*tuple[Any, ...]] = (
        select(*values.values())
        .select_from(seen)
        .outerjoin(_users, _users.c.id == seen.c.subject)
        .where(or_(_users.c.id.is_not(None), seen.c.mark.is_not(None)))
    )
    db.session.execute(insert(DataAccess).from_select(list(values), rows))


def looks_at_contacts(contacts: Collection[str]) -> ColumnElement[bool]:
    """The looks at somebody with one of these addresses and numbers, from when they had no account."""
    if not contacts:
        return false()
    marks = known_marks({_written_alike(one) for one in contacts}, _PURPOSE)
    return DataAccess.contact_mark.in_(marks)


def is_contact(words: str) -> bool:
    """Whether somebody is looked for by address or number: whoever is found so is found on purpose."""
    return "@" in words or sum(sign.isdigit() for sign in words) >= _FEWEST_DIGITS


def _seen(subjects: Sequence[UUID | None], marks: Sequence[str | None]) -> Any:
    """Subjects and marks as a table beside new ids."""

    def listed(values: Sequence[Any], kind: TypeEngine[Any]) -> ColumnElement[Any]:
        return literal(list(values), ARRAY(kind))

    ids = [new_id() for _row in subjects]
    columns = (column("id", Uuid()), column("subject", Uuid()), column("mark", String()))
    arrays = (listed(ids, Uuid()), listed(subjects, Uuid()), listed(marks, String()))
    return func.unnest(*arrays).table_valued(*columns).render_derived(name="seen")


def _written_alike(contact: str) -> str:
    return contact.strip().lower()
