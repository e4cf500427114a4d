"""What a person asks and does about the safety of the own account: sessions, events (ID-42, ID-58)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal.identity.attempts import note_security_event
from portal.identity.devices import device_name
from portal.identity.holding import hold
from portal.identity.loose_ends import forget_waiting_app
from portal.identity.models import SecurityEvent, Severity, UserSession
from portal.identity.sessions import end_all_sessions, end_session, is_live
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.limits import network_of
from portal.kernel.paging import Page, SortKey, paginate

MOST_SESSIONS = 50


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A live sign-in as its holder sees it: the device, the network it comes from, when it was last seen."""

    id: UUID
    device: str
    network: str
    began_at: datetime
    last_seen_at: datetime
    is_this_one: bool


def sessions_of(user_id: UUID, this_one: UUID) -> Sequence[OpenSession]:
    """The person's live sessions, this one first, then the latest."""
    rows = db.session.scalars(
        select(UserSession)
        .where(UserSession.user_id == user_id, is_live())
        .order_by((UserSession.id == this_one).desc(), UserSession.last_seen_at.desc())
        .limit(MOST_SESSIONS)
    )
    return [_seen_by_holder(row, this_one) for row in rows]


def end_own_session(user_id: UUID, session_id: UUID, *, by: Actor) -> None:
    """End one of the person's own sessions: refused from the next request on. Raises `NotFound` for another's."""
    found = select(UserSession.id).where(
        UserSession.id == session_id, UserSession.user_id == user_id, is_live()
    )
    if db.session.execute(found).scalar_one_or_none() is None:
        raise NotFound
    hold(user_id)
    end_session(session_id)
    note_security_event(user_id, "session_ended", Severity.INFO, by=by)


def end_other_sessions(user_id: UUID, this_one: UUID, *, by: Actor) -> None:
    """End every session of the person but this one, and forget an app's secret that one of them may have seen."""
    hold(user_id)
    end_all_sessions(user_id, except_id=this_one)
    forget_waiting_app(user_id)
    note_security_event(user_id, "sessions_ended", Severity.INFO, by=by)


def events_page(user_id: UUID, cursor: str | None = None) -> Page[SecurityEvent]:
    """What happened to the safety of one account, the newest first."""
    statement = select(SecurityEvent).where(SecurityEvent.user_id == user_id)
    return paginate(statement, [SortKey(SecurityEvent.occurred_at), SortKey(SecurityEvent.id)], cursor)


def _seen_by_holder(row: UserSession, this_one: UUID) -> OpenSession:
    return OpenSession(
        id=row.id,
        device=device_name(row.device_info.get("user_agent")),
        network=network_of(str(row.ip_address)) if row.ip_address else "",
        began_at=row.created_at,
        last_seen_at=row.last_seen_at,
        is_this_one=row.id == this_one,
    )
