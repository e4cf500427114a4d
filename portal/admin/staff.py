"""Staff work as super admins watch it: who, from where, until when, and its end (ADM-20 to ADM-24)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal.audit.services import record
from portal.identity.attempts import note_security_event
from portal.identity.devices import device_name
from portal.identity.models import AdminSession, Severity
from portal.identity.sessions import end_session
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, SortKey, paginate
from portal.kernel.roles import Role
from portal.people.models import Profile


@dataclass(frozen=True, slots=True)
class StaffWork:
    """One admin session with the name of its holder."""

    row: AdminSession
    name: str

    @property
    def is_open(self) -> bool:
        """Whether it has not ended, as far as is written down."""
        return self.row.terminated_at is None and self.row.expires_at > clock.now()

    @property
    def device(self) -> str:
        """The browser it is done with."""
        return device_name(self.row.user_agent)


def staff_page(cursor: str | None, *, by: Actor) -> Page[StaffWork]:
    """All staff work, the newest first. Raises `NotFound` for whoever is no super admin."""
    _only_super(by)
    statement = select(AdminSession, Profile.full_name).outerjoin(
        Profile, Profile.user_id == AdminSession.user_id
    )
    found = paginate(statement, [SortKey(AdminSession.created_at), SortKey(AdminSession.id)], cursor)
    return Page(
        [StaffWork(row, name or "") for row, name in found.items], found.next_cursor, found.previous_cursor
    )


def revoke_staff_work(work_id: UUID, *, by: Actor) -> None:
    """End staff work and the session it was done in, at once. Raises `NotFound` when it is not open."""
    _only_super(by)
    row = db.session.get(AdminSession, work_id, with_for_update=True)
    if row is None or row.terminated_at is not None:
        raise NotFound
    end_session(row.user_session_id)
    note_security_event(row.user_id, "staff_work_revoked", Severity.WARNING, by=by)
    record("admin_session_revoked", (AdminSession.__tablename__, work_id), by=by)


def _only_super(by: Actor) -> None:
    if not by.has_role(Role.SUPER_ADMIN):
        raise NotFound
