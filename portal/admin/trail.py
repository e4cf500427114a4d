"""The audit trail as operators search it (ADM-17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, func, or_, select

from portal.audit.models import AuditLog
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.paging import Filter, Page, SortKey, paginate
from portal.people.models import Profile

CSV_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class TrailFilter(Filter):
    """Which actions are looked for; None means any. Days are the platform's, both included."""

    action: str | None = None
    resource: str | None = None
    resource_id: UUID | None = None
    actor_id: UUID | None = None
    words: str | None = None
    first_day: date | None = None
    last_day: date | None = None


def trail_page(wanted: TrailFilter, cursor: str | None) -> Page[Any]:
    """Rows of the trail with the names of those who acted, the newest first."""
    return paginate(_matching(wanted), [SortKey(AuditLog.occurred_at), SortKey(AuditLog.id)], cursor)


def trail_rows(wanted: TrailFilter) -> Sequence[Any]:
    """The newest rows for a file."""
    newest = _matching(wanted).order_by(AuditLog.occurred_at.desc(), AuditLog.id.desc()).limit(CSV_ROWS)
    return db.session.execute(newest).all()


def _matching(wanted: TrailFilter) -> Select[AuditLog, str]:
    statement = select(AuditLog, func.coalesce(Profile.full_name, "")).outerjoin(
        Profile, Profile.user_id == AuditLog.actor_user_id
    )
    if wanted.action:
        statement = statement.where(AuditLog.action == wanted.action)
    if wanted.resource:
        statement = statement.where(AuditLog.resource_type == wanted.resource)
    if wanted.resource_id is not None:
        statement = statement.where(AuditLog.resource_id == wanted.resource_id)
    if wanted.actor_id is not None:
        statement = statement.where(AuditLog.actor_user_id == wanted.actor_id)
    if wanted.words:
        statement = statement.where(_says(wanted.words))
    if wanted.first_day is not None:
        statement = statement.where(AuditLog.occurred_at >= clock.start_of_day(wanted.first_day))
    if wanted.last_day is not None:
        statement = statement.where(
            AuditLog.occurred_at < clock.start_of_day(wanted.last_day + timedelta(days=1))
        )
    return statement


def _says(words: str) -> ColumnElement[bool]:
    """The words stand in the reason or in what was changed, or they are the number of the request."""
    said = (
        AuditLog.reason,
        *(cast(part, Text) for part in (AuditLog.old_values, AuditLog.new_values, AuditLog.details)),
    )
    return or_(AuditLog.request_id == words, *(one.icontains(words, autoescape=True) for one in said))
