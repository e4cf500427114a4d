"""What staff ask about accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    Text,
    desc,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.dialects.postgresql import INET

from portal.identity.models import (
    LoginAttempt,
    SecurityEvent,
    User,
    UserSecurity,
    UserSession,
    UserStatus,
)
from portal.identity.sessions import is_live
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.models import StatusHistory
from portal.kernel.paging import Page, SortKey, paginate
from portal.kernel.phones import parse_e164
from portal.people.models import Profile, ProfileCompletion, UserLocation, UserMetadata, UserPreferences

LONGEST_SEARCH = 100
_RECENT = 20


@dataclass(frozen=True, slots=True)
class UserRow:
    """One line of the list of accounts."""

    id: UUID
    name: str
    email: str | None
    phone: str | None
    referral_code: str
    status: UserStatus
    roles: list[str]
    created_at: datetime
    last_login_at: datetime | None


class Story(StrEnum):
    """Where something that happened to an account was written down."""

    ATTEMPT = "attempt"
    EVENT = "event"
    STEP = "step"


class Happened(NamedTuple):
    """A try at the door (who, result), a security event (kind, severity), or a step of the account (state, reason)."""

    story: Story
    at: datetime
    what: str
    how: str | None
    succeeded: bool | None
    ip_address: Any


@dataclass(frozen=True, slots=True)
class UserDetail:
    """Everything identity and people know of one account (PPL-39); other rooms add their own."""

    user: User
    profile: Profile | None
    location: UserLocation | None
    preferences: UserPreferences | None
    completion: ProfileCompletion | None
    security: UserSecurity | None
    metadata: UserMetadata | None
    open_sessions: int
    # What was asked along, for other rooms.
    also: tuple[Any, ...]
    attempts: Sequence[Happened]
    security_events: Sequence[Happened]
    history: Sequence[Happened]

    @property
    def is_locked(self) -> bool:
        """Whether failed sign-ins keep the password door closed now."""
        until = self.security.locked_until if self.security else None
        return until is not None and clock.now() < until


def users_page(
    search: str = "", *, status: UserStatus | None = None, role: str | None = None, cursor: str | None = None
) -> Page[UserRow]:
    """Accounts that match, the newest first: by part of name or e-mail, by phone, by personal code.

    Soft-deleted accounts are left out (ID-17), but for those of people who may still come back (PRV-14).
    """
    statement = (
        select(
            User.id,
            func.coalesce(Profile.full_name, ""),
            User.email,
            User.phone,
            User.referral_code,
            User.status,
            User.roles,
            User.created_at,
            User.last_login_at,
        )
        .outerjoin(Profile, Profile.user_id == User.id)
        .where(or_(User.deleted_at.is_(None), User.status == UserStatus.PENDING_DELETION))
    )
    if status is not None:
        statement = statement.where(User.status == status)
    if role is not None:
        statement = statement.where(User.roles.contains([role]))
    if wanted := search.strip()[:LONGEST_SEARCH]:
        statement = statement.where(_matches(wanted))
    found = paginate(statement, [SortKey(User.created_at), SortKey(User.id)], cursor)
    return Page([UserRow(*row) for row in found.items], found.next_cursor, found.previous_cursor)


def user_detail(user_id: UUID, *, also: Sequence[ColumnElement[Any]] = ()) -> UserDetail:
    """One account with all its sides, in two statements; `also` is asked along. Raises `NotFound`."""
    columns = _sides_of(user_id, also)
    happened = _happened_to(user_id)
    attempts, events, steps = ([one for one in happened if one.story == story] for story in Story)
    user, profile, location, preferences, completion, security, metadata, open_sessions, *others = columns
    return UserDetail(
        user=user,
        profile=profile,
        location=location,
        preferences=preferences,
        completion=completion,
        security=security,
        metadata=metadata,
        open_sessions=open_sessions,
        also=tuple(others),
        attempts=attempts,
        security_events=events,
        history=steps,
    )


def _sides_of(user_id: UUID, also: Sequence[ColumnElement[Any]]) -> list[Any]:
    """The rows of one account in the tables that have one, and what was asked along."""
    sessions = select(func.count()).where(UserSession.user_id == user_id, is_live()).scalar_subquery()
    row = db.session.execute(
        select(
            User,
            Profile,
            UserLocation,
            UserPreferences,
            ProfileCompletion,
            UserSecurity,
            UserMetadata,
            sessions,
            *also,
        )
        .outerjoin(Profile, Profile.user_id == User.id)
        .outerjoin(UserLocation, UserLocation.user_id == User.id)
        .outerjoin(UserPreferences, UserPreferences.user_id == User.id)
        .outerjoin(ProfileCompletion, ProfileCompletion.user_id == User.id)
        .outerjoin(UserSecurity, UserSecurity.user_id == User.id)
        .outerjoin(UserMetadata, UserMetadata.user_id == User.id)
        .where(User.id == user_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return list(row)


def _happened_to(user_id: UUID) -> list[Happened]:
    """The last of each kind of story, the newest first."""
    attempts = _told(
        Story.ATTEMPT,
        LoginAttempt.occurred_at,
        LoginAttempt.identifier,
        LoginAttempt.reason,
        LoginAttempt.succeeded,
        LoginAttempt.ip_address,
    ).where(LoginAttempt.user_id == user_id)
    events = _told(
        Story.EVENT, SecurityEvent.occurred_at, SecurityEvent.event_type, SecurityEvent.severity
    ).where(SecurityEvent.user_id == user_id)
    steps = _told(Story.STEP, StatusHistory.occurred_at, StatusHistory.to_status, StatusHistory.reason).where(
        StatusHistory.entity_type == User.__tablename__, StatusHistory.entity_id == user_id
    )
    last = [select(one.limit(_RECENT).subquery()) for one in (attempts, events, steps)]
    rows = db.session.execute(union_all(*last).order_by(desc("at"))).all()
    return [Happened(*row) for row in rows]


def _told(
    story: Story, at: Any, what: Any, how: Any, succeeded: Any = None, ip_address: Any = None
) -> Select[Any]:
    """One kind of story in the columns that all share, the newest first."""
    return select(
        literal(story.value).label("story"),
        at.label("at"),
        type_coerce(what, Text).label("what"),
        type_coerce(how, Text).label("how"),
        (null() if succeeded is None else succeeded).cast(Boolean).label("succeeded"),
        (null() if ip_address is None else ip_address).cast(INET).label("ip_address"),
    ).order_by(at.desc())


def _matches(wanted: str) -> ColumnElement[bool]:
    """What staff type from a letter, a call or a screen: any of the four."""
    part = "%" + wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rules = [
        Profile.full_name.ilike(part, escape="\\"),
        User.email.ilike(part, escape="\\"),
        User.referral_code == wanted.upper(),
    ]
    number = parse_e164(wanted)
    if number is not None:
        rules.append(User.phone == number)
    return or_(*rules)
