"""Whom an adult answers for, and who asks them to: found by the addresses that the adult has proved (PPL-15)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, select

from portal.identity.directory import contacts_of, has_open_account, mailboxes_of
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, SortKey, paginate
from portal.people.ages import ADULT_AT, age_on, is_adult, youngest_adult
from portal.people.models import GuardianRequest, Profile, Relationship, RequestStatus
from portal.people.queries import is_blocked_with

_MOST = 100


class Obstacle(StrEnum):
    """Why somebody who is asked cannot say yes: told to them alone."""

    BIRTHDAY = "birthday"
    AGE = "age"
    MAILBOX = "mailbox"


@dataclass(frozen=True, slots=True)
class Minor:
    """A young person whose guardian somebody is, or is asked to be; their picture comes with the yes."""

    user_id: UUID
    name: str
    age: int
    relationship: Relationship
    confirmed_at: datetime | None = None
    avatar_file_id: UUID | None = None
    obstacle: Obstacle | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """One page of the young people who ask somebody, and how many there are."""

    page: Page[Minor]
    count: int


def asking(guardian_id: UUID, cursor: str | None = None) -> Asking:
    """The young people who ask this person, who has waited longest first: nobody who comes later takes their place."""
    statement = _asking(guardian_id)
    found = paginate(statement, [SortKey(GuardianRequest.id, descending=False)], cursor)
    count = len(found.items)
    if found.next_cursor or found.previous_cursor:
        count = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    shown = _seen_by(guardian_id, found.items)
    return Asking(Page(shown, found.next_cursor, found.previous_cursor), count)


def answered_for(guardian_id: UUID, *which: ColumnElement[bool]) -> list[Minor]:
    """The young people whose guardian this person is."""
    rows = db.session.scalars(
        select(Profile)
        .where(Profile.guardian_user_id == guardian_id, Profile.guardian_confirmed_at.is_not(None), *which)
        .order_by(Profile.full_name, Profile.user_id)
        .limit(_MOST)
    ).all()
    return [
        Minor(
            profile.user_id,
            profile.full_name,
            age,
            profile.relationship_type or Relationship.OTHER,
            profile.guardian_confirmed_at,
            profile.avatar_file_id,
        )
        for profile in rows
        if (age := _age_of(profile)) < ADULT_AT
    ]


def minor_of(minor_id: UUID, guardian_id: UUID) -> Minor:
    """One who asks this person or whose guardian they are. Raises `NotFound` for anybody else."""
    is_one = Profile.user_id == minor_id
    asks = db.session.execute(_asking(guardian_id).where(is_one)).all()
    found = [*_seen_by(guardian_id, asks), *answered_for(guardian_id, is_one)]
    if not found:
        raise NotFound
    return found[0]


def is_addressed_to(guardian_id: UUID) -> ColumnElement[bool]:
    """Questions, whatever has become of them, that this person may know of.

    Those to an address or number that they have proved, but for their own, and those of people whom they block
    or who block them.
    """
    contacts = contacts_of(guardian_id).proved
    if not contacts:
        return false()
    return and_(
        GuardianRequest.contact.in_(contacts),
        GuardianRequest.minor_user_id != guardian_id,
        has_open_account(GuardianRequest.minor_user_id),
        ~is_blocked_with(GuardianRequest.minor_user_id, guardian_id),
    )


def obstacles(guardian_id: UUID, minor_ids: Iterable[UUID]) -> Mapping[UUID, Obstacle]:
    """What keeps this person from answering for each of them; nobody stands in it for whom nothing does."""
    wanted = {*minor_ids}
    own = _of_themselves(guardian_id)
    if own is not None:
        return dict.fromkeys(wanted, own)
    boxes = mailboxes_of({guardian_id, *wanted})
    mine = boxes.get(guardian_id)
    # One person with two accounts is not two.
    return {one: Obstacle.MAILBOX for one in wanted if mine is not None and boxes.get(one) == mine}


def _of_themselves(guardian_id: UUID) -> Obstacle | None:
    profile = db.session.get(Profile, guardian_id)
    if profile is None:
        return Obstacle.BIRTHDAY
    if is_adult(profile.date_of_birth):
        return None
    said = profile.said_birthday
    return Obstacle.BIRTHDAY if said is None or is_adult(said) else Obstacle.AGE


def questions_to(guardian_id: UUID) -> list[tuple[GuardianRequest, str]]:
    """The open questions that this person may answer, with the name of who asks."""
    rows = db.session.execute(
        select(GuardianRequest, Profile.full_name)
        .join(Profile, Profile.user_id == GuardianRequest.minor_user_id)
        .where(is_addressed_to(guardian_id), *_open())
        .order_by(GuardianRequest.id)
        .limit(_MOST)
    )
    return [(request, name) for request, name in rows]


def _open() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return GuardianRequest.status == RequestStatus.WAITING, GuardianRequest.expires_at > clock.now()


def _asking(guardian_id: UUID) -> Select[Profile, Relationship]:
    return (
        select(Profile, GuardianRequest.relationship_type)
        .join(GuardianRequest, GuardianRequest.minor_user_id == Profile.user_id)
        .where(
            is_addressed_to(guardian_id),
            *_open(),
            func.coalesce(Profile.date_of_birth, Profile.stated_birthday) > youngest_adult(),
        )
    )


def _seen_by(guardian_id: UUID, rows: Iterable[Any]) -> list[Minor]:
    """Those who ask, with what keeps this person from saying yes to each."""
    asking_now: list[tuple[Profile, Relationship]] = [
        (profile, relationship) for profile, relationship in rows
    ]
    ids = [profile.user_id for profile, _of in asking_now]
    kept_from = obstacles(guardian_id, ids) if ids else {}
    return [
        Minor(
            profile.user_id,
            profile.full_name,
            _age_of(profile),
            relationship,
            obstacle=kept_from.get(profile.user_id),
        )
        for profile, relationship in asking_now
    ]


def _age_of(profile: Profile) -> int:
    born = profile.said_birthday
    return ADULT_AT if born is None else age_on(born, clock.today())
