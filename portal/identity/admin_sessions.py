"""Staff work on top of a session: short, watched, revocable, one row each (ADM-20 to ADM-24, G-30).

It opens when somebody with the right proves who they are, and ends with the session, by time or by revocation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from ipaddress import IPv4Address
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select, update
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.selectable import LateralFromClause

from portal.config.values import ADMIN_SESSION_HOURS, ADMIN_SESSION_IDLE_MINUTES, value_of
from portal.identity.models import AdminLevel, AdminSession, TerminationReason, User, UserSession
from portal.identity.staff_places import places_of
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.crypto import token_hash
from portal.kernel.db import db, last_of_all
from portal.kernel.ids import random_token
from portal.kernel.roles import ADMIN_ROLES, Duty, Role, permissions_of
from portal.kernel.visitor import AdminPass, Visitor

UNKNOWN_ADDRESS = str(IPv4Address(0))
_NOTE_EVERY = timedelta(minutes=1)
# The consoles of houses and companies have rows too, which open none of these doors (console_work.py).
_STEERS = AdminSession.admin_level.in_((AdminLevel.REGULAR, AdminLevel.SUPER))


def open_admin_session(session: UserSession, user: User, *, by: Actor) -> None:
    """Begin staff work in this session, for whoever has the right to it; what is open already goes on."""
    if ADMIN_ROLES.isdisjoint(user.roles) or admin_pass(session.id) is not None:
        return
    _end((AdminSession.user_session_id == session.id) & _STEERS, TerminationReason.TIMEOUT)
    is_super = Role.SUPER_ADMIN in user.roles
    duties = [Duty(duty) for duty in user.duties] if Role.ADMIN in user.roles else []
    db.session.add(
        AdminSession(
            user_id=user.id,
            user_session_id=session.id,
            session_token_hash=token_hash(random_token()),
            ip_address=by.ip or session.ip_address or UNKNOWN_ADDRESS,
            user_agent=by.user_agent,
            admin_level=AdminLevel.SUPER if is_super else AdminLevel.REGULAR,
            permissions_granted=sorted(permissions_of(duties, is_super=is_super)),
            last_activity_at=clock.now(),
            expires_at=clock.now() + timedelta(hours=value_of(ADMIN_SESSION_HOURS)),
        )
    )
    db.session.flush()


def newest_live() -> LateralFromClause:
    """The staff work that is open in the session of the row beside it: for the statement that finds a session."""
    return _newest_live(UserSession.id).lateral("staff_work")


def admin_pass(session_id: UUID) -> AdminPass | None:
    """The staff work that is open in a session; None when there is none, or it has run out."""
    row = db.session.execute(_newest_live(session_id)).one_or_none()
    return pass_of(*row) if row is not None else None


def pass_of(
    held: UUID | None,
    seen_at: datetime | None,
    expires_at: datetime | None,
    permissions: Sequence[str] | None,
    address: Any,
    user_agent: str | None,
    flags: Mapping[str, Any] | None,
    looks_as: UUID | None,
    looks_until: datetime | None,
) -> AdminPass | None:
    """Staff work as a request carries it, from the columns of `newest_live`; None where there is none."""
    if held is None or seen_at is None or expires_at is None:
        return None
    idle = timedelta(minutes=value_of(ADMIN_SESSION_IDLE_MINUTES))
    return AdminPass(
        held,
        seen_at,
        min(expires_at, seen_at + idle),
        frozenset(permissions or ()),
        places_of(address, user_agent, flags or {}),
        _person(looks_as, looks_until),
    )


def is_working(person: Visitor) -> bool:
    """Whether the person's staff work is open at this moment."""
    return person.admin is not None and person.admin.ends_at > clock.now()


def note_activity(person: Visitor) -> bool:
    """Move the end of idleness, at most once a minute; whether anything is written."""
    if person.admin is None or clock.now() - person.admin.seen_at < _NOTE_EVERY:
        return False
    last_of_all(partial(_note_activity, person.admin.id))
    return True


def _note_activity(work_id: UUID) -> None:
    db.session.execute(
        update(AdminSession)
        .where(AdminSession.id == work_id, AdminSession.terminated_at.is_(None))
        .values(last_activity_at=clock.now())
    )


def end_in_sessions(session_ids: Sequence[UUID], reason: TerminationReason) -> None:
    """End the staff work of sessions that end."""
    if session_ids:
        _end(AdminSession.user_session_id.in_(session_ids), reason)


def end_staff_work(user_id: UUID) -> None:
    """End all staff work of somebody whose rights are taken."""
    _end((AdminSession.user_id == user_id) & _STEERS, TerminationReason.REVOKED)


def close_timed_out() -> None:
    """Write down which staff work has ended by time."""
    _end(~is_live_work(), TerminationReason.TIMEOUT)


def _end(condition: ColumnElement[bool], reason: TerminationReason) -> None:
    db.session.execute(
        update(AdminSession)
        .where(condition, AdminSession.terminated_at.is_(None))
        .values(terminated_at=clock.now(), termination_reason=reason)
    )


def _newest_live(
    session_id: UUID | InstrumentedAttribute[UUID],
) -> Select[
    UUID, datetime, datetime, list[Any], Any, str | None, dict[str, Any], UUID | None, datetime | None
]:
    return (
        select(
            AdminSession.id,
            AdminSession.last_activity_at,
            AdminSession.expires_at,
            AdminSession.permissions_granted,
            AdminSession.ip_address,
            AdminSession.user_agent,
            AdminSession.security_flags,
            AdminSession.looks_as,
            AdminSession.looks_until,
        )
        .where(AdminSession.user_session_id == session_id, _STEERS, is_live_work())
        .order_by(AdminSession.id.desc())
        .limit(1)
    )


def _person(looks_as: UUID | None, looks_until: datetime | None) -> UUID | None:
    return looks_as if looks_until is not None and looks_until > clock.now() else None


def is_live_work() -> ColumnElement[bool]:
    """Work that has ended neither by hand nor by time."""
    idle = timedelta(minutes=value_of(ADMIN_SESSION_IDLE_MINUTES))
    return and_(
        AdminSession.terminated_at.is_(None),
        AdminSession.expires_at > clock.now(),
        AdminSession.last_activity_at > clock.now() - idle,
    )
