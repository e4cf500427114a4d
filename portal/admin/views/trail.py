"""The audit trail, searched and kept as a file."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, request

from portal.admin.trail import TrailFilter, trail_page, trail_rows
from portal.admin.trail_values import changes_of, reason_of
from portal.admin.views.door import blueprint
from portal.audit.looks import note_looks
from portal.audit.models import Opened
from portal.kernel.access import staff, step_up_when
from portal.kernel.asking import asked, asked_day, asked_id, wants_file
from portal.kernel.pages import csv_file, page
from portal.kernel.roles import Permission
from portal.kernel.visitor import actor

_HEAD = (
    "position", "at", "actor", "actor_id", "actor_type", "ip", "action", "resource", "resource_id", "reason",
    "before", "after", "details", "request_id",
)  # fmt: skip


@blueprint.get("/audit")
@staff(Permission.SEE_TRAIL)
@step_up_when(wants_file)
def audit_log() -> Response:
    """Who did what to what, when (ADM-17)."""
    wanted = TrailFilter(
        action=asked("action"),
        resource=asked("resource", 50),
        resource_id=asked_id("resource_id"),
        actor_id=asked_id("actor"),
        words=asked(),
        first_day=asked_day("from"),
        last_day=asked_day("to"),
    )
    if wants_file():
        found = trail_rows(wanted)
        # Who acted, with name and network, and the accounts that were acted upon; other rows are ids without a person.
        people = [one for row, _name in found for one in (row.actor_user_id, row.resource_id)]
        note_looks(people, Opened.FILE, by=actor())
        return csv_file("audit.csv", _HEAD, [_line(*row) for row in found])
    rows = trail_page(wanted, request.args.get("cursor"))
    return page("admin/audit_log.html", rows=rows, wanted=wanted, changes_of=changes_of, reason_of=reason_of)


def _line(row: Any, name: str) -> tuple[object, ...]:
    return (
        row.position or "",
        row.occurred_at.isoformat(),
        name,
        str(row.actor_user_id or ""),
        row.actor_type,
        str(row.actor_ip or ""),
        row.action,
        row.resource_type,
        str(row.resource_id or ""),
        row.reason or "",
        *(_json(values) for values in (row.old_values, row.new_values, row.details)),
        row.request_id or "",
    )


def _json(values: dict[str, Any] | None) -> str:
    return json.dumps(values, ensure_ascii=False) if values else ""
