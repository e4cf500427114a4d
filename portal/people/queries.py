"""What can be asked about people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.people.ages import ADULT_AT, Birthdays, age_on, youngest_adult
from portal.people.models import (
    ConnectionStatus,
    DocumentStatus,
    GuardianRequest,
    IdentityDocument,
    Profile,
    ProfileCompletion,
    RequestStatus,
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


class GuardianStanding(StrEnum):
    """Where a minor stands with the adult who is to answer for them."""

    NOBODY = "nobody"
    ASKED = "asked"
    UNANSWERED = "unanswered"
    REFUSED = "refused"
    CONFIRMED = "confirmed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """Everything a person's own profile page shows, but for the addresses that identity keeps."""

    profile: Profile
    location: UserLocation | None
    completion: ProfileCompletion | None
    guardian_name: str | None
    newest_request: GuardianRequest | None

    @property
    def age(self) -> int | None:
        """Whole years today, as the person has said."""
        born = self.profile.said_birthday
        return None if born is None else age_on(born, clock.today())

    @property
    def is_minor(self) -> bool:
        """Whether the person is known, or has said, to be under 18."""
        return self.age is not None and self.age < ADULT_AT

    @property
    def guardian(self) -> GuardianStanding:
        """Where a minor stands with the guardian; who can be reached makes no difference to it."""
        request = self.newest_request
        if request is not None and request.is_open:
            return GuardianStanding.ASKED
        if self.profile.guardian_confirmed_at is not None:
            return GuardianStanding.CONFIRMED
        if request is not None and request.status in (RequestStatus.WAITING, RequestStatus.EXPIRED):
            return GuardianStanding.UNANSWERED
        if self.profile.guardian_refused_at is not None and (
            request is None or request.status is RequestStatus.CONFIRMED
        ):
            return GuardianStanding.ENDED
        has_refused = request is not None and request.status is RequestStatus.REFUSED
        if has_refused or self.profile.guardian_refused_at is not None:
            return GuardianStanding.REFUSED
        return GuardianStanding.NOBODY


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
    newest = (
        select(GuardianRequest.id)
        .where(GuardianRequest.minor_user_id == user_id)
        .order_by(GuardianRequest.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    row = db.session.execute(
        select(Profile, UserLocation, ProfileCompletion, guardian.full_name, GuardianRequest)
        .outerjoin(UserLocation, UserLocation.user_id == Profile.user_id)
        .outerjoin(ProfileCompletion, ProfileCompletion.user_id == Profile.user_id)
        .outerjoin(guardian, guardian.user_id == Profile.guardian_user_id)
        .outerjoin(GuardianRequest, GuardianRequest.id == newest)
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


def said_birthday_of(user_id: UUID) -> date | None:
    """The day of birth, else the one that a minor has said while no guardian answers for them."""
    statement = select(func.coalesce(Profile.date_of_birth, Profile.stated_birthday))
    return db.session.execute(statement.where(Profile.user_id == user_id)).scalar_one_or_none()


def birthdays_of(user_id: UUID) -> Birthdays:
    """Both days of birth of a person, in one statement."""
    statement = select(Profile.date_of_birth, func.coalesce(Profile.date_of_birth, Profile.stated_birthday))
    row = db.session.execute(statement.where(Profile.user_id == user_id)).one_or_none()
    return Birthdays(*row) if row is not None else Birthdays(None, None)


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


def is_blocked_with(one: UserColumn, other: UUID) -> ColumnElement[bool]:
    """As `blocked_between`, for a statement about many."""
    return exists().where(
        or_(
            and_(UserBlock.blocker_user_id == one, UserBlock.blocked_user_id == other),
            and_(UserBlock.blocker_user_id == other, UserBlock.blocked_user_id == one),
        )
    )


def is_connected_with(one: UserColumn, other: UUID) -> ColumnElement[bool]:
    """Whether the two are connected, for a statement about many; a block is asked for apart (`is_blocked_with`)."""
    asked, was_asked = UserConnection.requester_user_id, UserConnection.addressee_user_id
    return exists().where(
        UserConnection.status == ConnectionStatus.ACCEPTED,
        or_(and_(asked == one, was_asked == other), and_(asked == other, was_asked == one)),
    )


def waits_for_guardian(user_id: UserColumn) -> ColumnElement[bool]:
    """Whether the person of the row beside it is under 18 and nobody answers for them, for a statement about many."""
    born = func.coalesce(Profile.date_of_birth, Profile.stated_birthday)
    return exists().where(
        Profile.user_id == user_id,
        born > youngest_adult(),
        Profile.guardian_confirmed_at.is_(None),
    )


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
