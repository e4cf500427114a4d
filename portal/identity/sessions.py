"""Server-side sessions: an opaque token in a cookie, its hash in a row, Valkey in front as a cache (R-06).

What lies in the cache is sealed for its session: whoever can write there makes nobody an admin.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, exists, func, or_, select, true, update

from portal.config.values import SESSION_DAYS, SESSION_IDLE_DAYS, value_of
from portal.consent.services import agreed_terms
from portal.identity.active_days import note_active_day
from portal.identity.admin_sessions import (
    end_in_sessions,
    is_working,
    newest_live,
    note_activity,
    open_admin_session,
    pass_of,
)
from portal.identity.console_work import note_console_work
from portal.identity.memberships import NOWHERE, Places, places_of, places_of_another
from portal.identity.models import Passkey, TerminationReason, User, UserSecurity, UserSession, UserStatus
from portal.identity.policies import needs_second_factor
from portal.identity.returning import come_back
from portal.identity.session_cache import drop, keep, kept
from portal.identity.staff_places import is_elsewhere, look_at_move
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.cookies import host_bound
from portal.kernel.crypto import token_hash
from portal.kernel.db import db, last_of_all
from portal.kernel.ids import new_id, random_token
from portal.kernel.roles import ADMIN_ROLES, Role
from portal.kernel.visitor import Visitor, Watcher
from portal.people.models import Profile, UserPreferences

COOKIE = "session"
_SEEN_EVERY = timedelta(minutes=5)

# The statement that finds out who it is also tells the policies, so that the next one finds the person's own places.
_AND_IS_KNOWN = func.set_config("portal.user_id", cast(User.id, Text), True)
_HAS_FACTOR = or_(
    func.coalesce(UserSecurity.mfa_enabled, False), exists().where(Passkey.user_id == User.id).correlate(User)
)
_ALSO = (_HAS_FACTOR, _AND_IS_KNOWN)


def cookie_name() -> str:
    """The whole name of the cookie that holds the clear token."""
    return host_bound(COOKIE)


def start_session(user_id: UUID, *, by: Actor) -> str:
    """Open a session of somebody who has just proved who they are.

    Gives its clear token, which exists nowhere else (ID-41).
    """
    token = random_token()
    session = UserSession(
        id=new_id(),
        user_id=user_id,
        token_hash=token_hash(token),
        ip_address=by.ip,
        device_info={"user_agent": by.user_agent or ""},
        expires_at=clock.now() + timedelta(days=value_of(SESSION_DAYS)),
        confirmed_at=clock.now(),
    )
    db.session.add(session)
    note_active_day(user_id)
    user = db.session.get(User, user_id)
    if user is not None and Role.PARTNER in user.roles:
        db.session.flush()
        note_console_work(session, places_of(user_id))
    if user is not None and not ADMIN_ROLES.isdisjoint(user.roles):
        db.session.flush()
        open_admin_session(session, user, by=by)
    return token


def open_session(user: User, *, by: Actor) -> str:
    """Sign somebody in who has taken every step: stamp the time, give the token of a new session (ID-15).

    Somebody who had asked to be erased stays (PRV-14).
    """
    come_back(user, by=by)
    user.last_login_at = clock.now()
    return start_session(user.id, by=by)


def confirm_session(session_id: UUID, *, by: Actor) -> str:
    """Note that the person has proved themselves again; the session goes on under a new token, which this gives.

    Staff work begins anew where it had run out. The old token is refused from the next request on, wherever it may have been copied to.
    """
    session = db.session.get_one(UserSession, session_id, with_for_update=True)
    token = random_token()
    drop([session.token_hash])
    session.token_hash = token_hash(token)
    session.confirmed_at = clock.now()
    db.session.flush()
    open_admin_session(session, db.session.get_one(User, session.user_id), by=by)
    return token


def watch_staff(person: Visitor, *, by: Actor) -> bool:
    """Whether the person's staff work is open (ADM-24); notes that it goes on, and where it has moved (ADM-23)."""
    if not is_working(person):
        return False
    if is_elsewhere(person, by):
        forget_cached(person.user_id)
        return look_at_move(person, by)
    if note_activity(person):
        forget_cached(person.user_id)
    return True


def is_live() -> ColumnElement[bool]:
    """Sessions that still open doors: not revoked, not at their end, and not left unused for too long (G-30)."""
    idle = timedelta(days=value_of(SESSION_IDLE_DAYS))
    return and_(
        UserSession.revoked.is_(False),
        UserSession.expires_at > clock.now(),
        UserSession.last_seen_at > clock.now() - idle,
    )


def end_session(session_id: UUID) -> None:
    """Revoke one session: refused from the next request on (ID-43)."""
    _revoke(UserSession.id == session_id)


def end_session_of(token: str) -> None:
    """Revoke the session of a clear token: refused from the next request on (ID-43); an unknown one is nobody's."""
    _revoke(UserSession.token_hash == token_hash(token), TerminationReason.LOGOUT)


def end_sessions_on(device_id: UUID) -> None:
    """Revoke every session of one device."""
    _revoke(UserSession.device_id == device_id)


def end_all_sessions(user_id: UUID, *, except_id: UUID | None = None) -> None:
    """Revoke every session of a person, but for the one that asks."""
    _revoke((UserSession.user_id == user_id) & (UserSession.id != except_id if except_id else True))


def resolve(token: str) -> Visitor | None:
    """The person of a live session: from the cache, else from one statement, which fills the cache."""
    hashed = token_hash(token)
    cached = kept(hashed)
    if cached is not None:
        return cached
    loaded = _load(hashed)
    if loaded is None:
        return None
    person, expires_at = loaded
    keep(hashed, person, expires_at)
    return person


def forget_cached(user_id: UUID) -> None:
    """Drop what is cached of a person's sessions, after a change of rights, language or status."""
    hashes = db.session.execute(
        select(UserSession.token_hash).where(
            UserSession.user_id == user_id, UserSession.expires_at > clock.now()
        )
    ).scalars()
    drop([*hashes])


def _load(hashed: str) -> tuple[Visitor, datetime] | None:
    work = newest_live()
    row = db.session.execute(
        select(UserSession, User, Profile.full_name, UserPreferences, *_ALSO, agreed_terms(User.id), *work.c)
        .join(User, User.id == UserSession.user_id)
        .outerjoin(work, true())
        .outerjoin(Profile, Profile.user_id == User.id)
        .outerjoin(UserPreferences, UserPreferences.user_id == User.id)
        .outerjoin(UserSecurity, UserSecurity.user_id == User.id)
        .where(
            UserSession.token_hash == hashed,
            is_live(),
            User.status == UserStatus.ACTIVE,
            User.deleted_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    session, user, full_name, preferences, has_factor, _is_known, terms, *staff_work = row
    work_open = None if ADMIN_ROLES.isdisjoint(user.roles) else pass_of(*staff_work)
    if work_open is not None and work_open.looks_as is not None:
        seen = _as_seen_by(work_open.looks_as, session, Watcher(user.id, work_open.id))
        if seen is not None:
            # What is cached of it is not taken for longer than it lasts.
            return seen, min(session.expires_at, staff_work[-1])
    places = places_of(user.id) if Role.PARTNER in user.roles else NOWHERE
    if clock.now() - session.last_seen_at > _SEEN_EVERY:
        last_of_all(partial(_note_presence, session, places))
    person = _visitor(session, user, full_name, preferences, terms, places)
    must_enrol = not has_factor and needs_second_factor(user.roles, *places)
    person = replace(person, confirmed_at=session.confirmed_at, admin=work_open, must_enrol=must_enrol)
    return person, session.expires_at


def _note_presence(session: UserSession, places: Places) -> None:
    """The person is there; asked for now and then only, so that pages seldom write. An ended session is nobody's."""
    earlier = session.last_seen_at
    if not _see(session.id):
        return
    if clock.local_date(earlier) < clock.today():
        note_active_day(session.user_id)
    if places != NOWHERE:
        note_console_work(session, places)


def _see(session_id: UUID) -> bool:
    seen = db.session.execute(
        update(UserSession)
        .where(UserSession.id == session_id, UserSession.revoked.is_(False))
        .values(last_seen_at=clock.now())
        .returning(UserSession.id)
    )
    return seen.one_or_none() is not None


def _visitor(
    session: UserSession,
    user: User,
    full_name: str | None,
    preferences: UserPreferences | None,
    terms: str | None,
    places: Places,
) -> Visitor:
    """What a page needs of somebody, as whoever they are seen."""
    return Visitor(
        user_id=user.id,
        session_id=session.id,
        name=(full_name or "").split(" ")[0],
        locale=preferences.locale if preferences else "fr-SN",
        timezone=preferences.timezone if preferences else "Africa/Dakar",
        theme=preferences.theme if preferences else "system",
        roles=frozenset(user.roles),
        memberships=places.memberships,
        companies=places.companies,
        agreed_terms=terms,
    )


def _as_seen_by(user_id: UUID, session: UserSession, watcher: Watcher) -> Visitor | None:
    """Somebody as a visitor, for a super admin who looks; None when there is no such account any more."""
    row = db.session.execute(
        select(User, Profile.full_name, UserPreferences, agreed_terms(User.id))
        .outerjoin(Profile, Profile.user_id == User.id)
        .outerjoin(UserPreferences, UserPreferences.user_id == User.id)
        .where(User.id == user_id, User.status == UserStatus.ACTIVE, User.deleted_at.is_(None))
    ).one_or_none()
    if row is None or not ADMIN_ROLES.isdisjoint(row[0].roles):
        return None
    user, full_name, preferences, terms = row
    places = places_of_another(user.id) if Role.PARTNER in user.roles else NOWHERE
    return replace(_visitor(session, user, full_name, preferences, terms, places), watcher=watcher)


def _revoke(condition: object, reason: TerminationReason = TerminationReason.REVOKED) -> None:
    ended = db.session.execute(
        update(UserSession)
        .where(condition, UserSession.revoked.is_(False))  # type: ignore[arg-type]
        .values(revoked=True, revoked_at=clock.now())
        .returning(UserSession.id, UserSession.token_hash)
    ).all()
    end_in_sessions([session_id for session_id, _hashed in ended], reason)
    drop([hashed for _session_id, hashed in ended])
