"""What can be asked about people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.people.ages import ADULT_AT, age_on
from portal.people.models import (
    ConnectionStatus,
    DocumentStatus,
    IdentityDocument,
    Profile,
    ProfileCompletion,
    Relationship,
    UserBlock,
    UserConnection,
    UserLocation,
    UserPreferences,
    UserPrivacy,
)

UserColumn = InstrumentedAttribute[UUID]
Side = TypeVar("Side", UserPreferences, UserPrivacy)


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person as others see them; `avatar_file_id` is a picture under `web.stored_picture`."""

    name: str
    first_name: str
    avatar_file_id: UUID | None


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """Everything a person's own profile page shows, but for the addresses that identity keeps."""

    profile: Profile
    location: UserLocation | None
    completion: ProfileCompletion | None
    guardian_name: str | None

    @property
    def age(self) -> int | None:
        """Whole years today."""
        born = self.profile.date_of_birth
        return None if born is None else age_on(born, clock.today())

    @property
    def is_minor(self) -> bool:
        """Whether the person is known to be under 18."""
        return self.age is not None and self.age < ADULT_AT


@dataclass(frozen=True, slots=True)
class Minor:
    """A young person who has named this guardian."""

    user_id: UUID
    name: str
    age: int
    relationship: Relationship
    confirmed_at: datetime | None
    avatar_file_id: UUID | None


@dataclass(frozen=True, slots=True)
class Settings:
    """A person's switches."""

    preferences: UserPreferences
    privacy: UserPrivacy


def people_cards(user_ids: Iterable[UUID]) -> dict[UUID, PersonCard]:
    """Name and picture of each known person, in one statement; nobody to ask costs none."""
    wanted = {*user_ids}
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Profile.user_id, Profile.full_name, Profile.display_name, Profile.avatar_file_id).where(
            Profile.user_id.in_(wanted)
        )
    )
    return {
        user_id: PersonCard(display_name or full_name, full_name.split()[0], avatar_file_id)
        for user_id, full_name, display_name, avatar_file_id in rows
    }


def profile_page(user_id: UUID) -> ProfilePage:
    """A person's own profile, in one statement. Raises `NotFound` without one."""
    guardian = aliased(Profile)
    row = db.session.execute(
        select(Profile, UserLocation, ProfileCompletion, guardian.full_name)
        .outerjoin(UserLocation, UserLocation.user_id == Profile.user_id)
        .outerjoin(ProfileCompletion, ProfileCompletion.user_id == Profile.user_id)
        .outerjoin(guardian, guardian.user_id == Profile.guardian_user_id)
        .where(Profile.user_id == user_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return ProfilePage(*row)


def settings_of(user_id: UUID) -> Settings:
    """A person's language, zone, theme and privacy switches, in one statement. Raises `NotFound`.

    An account from before the profile was split has no rows for them yet: it has the defaults (PPL-40), and is
    given rows by what changes them (`services.settings_to_change`).
    """
    row = db.session.execute(
        select(Profile.user_id, UserPreferences, UserPrivacy)
        .outerjoin(UserPreferences, UserPreferences.user_id == Profile.user_id)
        .outerjoin(UserPrivacy, UserPrivacy.user_id == Profile.user_id)
        .where(Profile.user_id == user_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return Settings(row[1] or _as_new(UserPreferences, user_id), row[2] or _as_new(UserPrivacy, user_id))


def minors_of(guardian_id: UUID) -> list[Minor]:
    """The people under 18 whose guardian this person is or is asked to be, the unanswered first (PPL-15)."""
    rows = db.session.execute(
        _tied_to(guardian_id)
        .order_by(Profile.guardian_confirmed_at.desc().nulls_first(), Profile.full_name)
        .limit(100)
    ).scalars()
    return [minor for profile in rows if (minor := _minor(profile)) is not None]


def minor_of(minor_id: UUID, guardian_id: UUID) -> Minor:
    """One of them. Raises `NotFound` for anybody who has not named this guardian."""
    profile = db.session.execute(
        _tied_to(guardian_id).where(Profile.user_id == minor_id)
    ).scalar_one_or_none()
    minor = _minor(profile) if profile else None
    if minor is None:
        raise NotFound
    return minor


def _tied_to(guardian_id: UUID) -> Select[Profile]:
    return select(Profile).where(
        Profile.guardian_user_id == guardian_id, Profile.guardian_refused_at.is_(None)
    )


def _minor(profile: Profile) -> Minor | None:
    """None once the person has grown up."""
    age = age_on(profile.date_of_birth, clock.today()) if profile.date_of_birth else ADULT_AT
    if age >= ADULT_AT:
        return None
    return Minor(
        user_id=profile.user_id,
        name=profile.full_name,
        age=age,
        relationship=profile.relationship_type or Relationship.OTHER,
        confirmed_at=profile.guardian_confirmed_at,
        avatar_file_id=profile.avatar_file_id,
    )


def said_birthday_of(user_id: UUID) -> date | None:
    """The day of birth, else the one that a minor has said and no guardian answers for yet."""
    statement = select(func.coalesce(Profile.date_of_birth, Profile.stated_birthday))
    return db.session.execute(statement.where(Profile.user_id == user_id)).scalar_one_or_none()


def birthday_of(user_id: UUID) -> date | None:
    """The day of birth, None while it is unknown."""
    statement = select(Profile.date_of_birth).where(Profile.user_id == user_id)
    return db.session.execute(statement).scalar_one_or_none()


def identity_verified(user_id: UUID) -> bool:
    """Whether a paper of this person has been checked and still counts (PPL-19)."""
    found = exists().where(
        IdentityDocument.user_id == user_id, IdentityDocument.status == DocumentStatus.VERIFIED
    )
    return bool(db.session.execute(select(found)).scalar())


def are_connected(one: UUID, other: UUID) -> bool:
    """Whether the two are friends: connected, and neither blocks the other (R-53)."""
    connected = exists().where(
        _between(UserConnection.requester_user_id, UserConnection.addressee_user_id, one, other),
        UserConnection.status == ConnectionStatus.ACCEPTED,
    )
    return bool(db.session.execute(select(connected & ~_blocked(one, other))).scalar())


def blocked_between(one: UUID, other: UUID) -> bool:
    """Whether either of the two wants nothing to do with the other; wins over everything (R-53)."""
    return bool(db.session.execute(select(_blocked(one, other))).scalar())


def connection_between(one: UUID, other: UUID) -> UserConnection | None:
    """The one row of the two, whoever asked."""
    statement = select(UserConnection).where(
        _between(UserConnection.requester_user_id, UserConnection.addressee_user_id, one, other)
    )
    return db.session.execute(statement).scalar_one_or_none()


def _blocked(one: UUID, other: UUID) -> ColumnElement[bool]:
    return exists().where(_between(UserBlock.blocker_user_id, UserBlock.blocked_user_id, one, other))


def _between(left: UserColumn, right: UserColumn, one: UUID, other: UUID) -> ColumnElement[bool]:
    """The row of these two, in either direction."""
    return or_(and_(left == one, right == other), and_(left == other, right == one))


def _as_new(kind: type[Side], user_id: UUID) -> Side:
    """What a new account has, without a row yet."""
    usual = {
        column.key: column.default.arg
        for column in kind.__table__.columns
        if isinstance(column.default, ScalarElementColumnDefault)
    }
    return kind(user_id=user_id, **usual)
