"""The audit trail, searched and kept as a file."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from flask import Response, request

from portal.admin.trail import TrailFilter, trail_page, trail_rows
from portal.admin.views.door import asked, asked_id, blueprint
from portal.kernel.access import admin_only
from portal.kernel.pages import download, page
from portal.kernel.tables import csv_bytes

_HEAD = ("at", "actor", "actor_type", "action", "resource", "resource_id", "reason", "before", "after")


@blueprint.get("/audit")
@admin_only
def audit_log() -> Response:
    """Who did what to what, when (ADM-17)."""
    wanted = TrailFilter(
        action=asked("action"),
        resource=asked("resource", 50),
        resource_id=asked_id("resource_id"),
        actor_id=asked_id("actor"),
        first_day=_day("from"),
        last_day=_day("to"),
    )
    if request.args.get("format") == "csv":
        lines = [_line(*row) for row in trail_rows(wanted)]
        return download(csv_bytes(_HEAD, lines), name="audit.csv", mime_type="text/csv")
    return page("admin/audit_log.html", rows=trail_page(wanted, request.args.get("cursor")), wanted=wanted)


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(asked(name, 10) or "")
    except ValueError:
        return None


def _line(row: Any, name: str) -> tuple[object, ...]:
    return (
        row.occurred_at.isoformat(),
        name or str(row.actor_user_id or ""),
        row.actor_type,
        row.action,
        row.resource_type,
        str(row.resource_id or ""),
        row.reason or "",
        json.dumps(row.old_values, ensure_ascii=False) if row.old_values else "",
        json.dumps(row.new_values, ensure_ascii=False) if row.new_values else "",
    )
