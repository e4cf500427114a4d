"""What staff ask about accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from portal.identity.models import (
    AuthIdentity,
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
from portal.people.models import Profile, ProfileCompletion, UserLocation, UserPreferences

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


@dataclass(frozen=True, slots=True)
class UserDetail:
    """Everything identity and people know of one account (PPL-39); other rooms add their own."""

    user: User
    profile: Profile | None
    location: UserLocation | None
    preferences: UserPreferences | None
    completion: ProfileCompletion | None
    security: UserSecurity | None
    providers: Sequence[AuthIdentity]
    sessions: Sequence[UserSession]
    attempts: Sequence[LoginAttempt]
    security_events: Sequence[SecurityEvent]
    history: Sequence[StatusHistory]

    @property
    def is_locked(self) -> bool:
        """Whether failed sign-ins keep the password door closed now."""
        until = self.security.locked_until if self.security else None
        return until is not None and clock.now() < until


def users_page(
    search: str = "", *, status: UserStatus | None = None, role: str | None = None, cursor: str | None = None
) -> Page[UserRow]:
    """Accounts that match, the newest first: by part of name or e-mail, by phone, by personal code.

    Soft-deleted accounts are left out (ID-17).
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
        .where(User.deleted_at.is_(None))
    )
    if status is not None:
        statement = statement.where(User.status == status)
    if role is not None:
        statement = statement.where(User.roles.contains([role]))
    if wanted := search.strip()[:LONGEST_SEARCH]:
        statement = statement.where(_matches(wanted))
    found = paginate(statement, [SortKey(User.created_at), SortKey(User.id)], cursor)
    return Page([UserRow(*row) for row in found.items], found.next_cursor, found.previous_cursor)


def user_detail(user_id: UUID) -> UserDetail:
    """One account with all its sides, in six statements. Raises `NotFound`."""
    row = db.session.execute(
        select(User, Profile, UserLocation, UserPreferences, ProfileCompletion, UserSecurity)
        .outerjoin(Profile, Profile.user_id == User.id)
        .outerjoin(UserLocation, UserLocation.user_id == User.id)
        .outerjoin(UserPreferences, UserPreferences.user_id == User.id)
        .outerjoin(ProfileCompletion, ProfileCompletion.user_id == User.id)
        .outerjoin(UserSecurity, UserSecurity.user_id == User.id)
        .where(User.id == user_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    sessions = select(UserSession).where(UserSession.user_id == user_id, is_live())
    attempts = select(LoginAttempt).where(LoginAttempt.user_id == user_id)
    events = select(SecurityEvent).where(SecurityEvent.user_id == user_id)
    history = select(StatusHistory).where(
        StatusHistory.entity_type == User.__tablename__, StatusHistory.entity_id == user_id
    )
    return UserDetail(
        *row,
        providers=db.session.scalars(select(AuthIdentity).where(AuthIdentity.user_id == user_id)).all(),
        sessions=db.session.scalars(sessions.order_by(UserSession.last_seen_at.desc()).limit(_RECENT)).all(),
        attempts=db.session.scalars(attempts.order_by(LoginAttempt.occurred_at.desc()).limit(_RECENT)).all(),
        security_events=db.session.scalars(
            events.order_by(SecurityEvent.occurred_at.desc()).limit(_RECENT)
        ).all(),
        history=db.session.scalars(history.order_by(StatusHistory.occurred_at.desc()).limit(_RECENT)).all(),
    )


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
