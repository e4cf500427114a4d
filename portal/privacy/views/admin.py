"""Staff see how long what is kept, what would be removed now, and what the last run removed (PRV-12)."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy import select

from portal.kernel.access import staff
from portal.kernel.db import db
from portal.kernel.models import JobRun
from portal.kernel.pages import page
from portal.kernel.roles import Permission
from portal.privacy.retention import RULES, due_now

blueprint = Blueprint("privacy_admin", __name__, url_prefix="/admin")

_JOB = "privacy.keep_in_time"


@blueprint.get("/retention")
@staff(Permission.OPERATE)
def retention() -> Response:
    """Every rule with its period, its dry run and its last count."""
    last = db.session.scalars(
        select(JobRun).where(JobRun.job_name == _JOB).order_by(JobRun.started_at.desc()).limit(1)
    ).one_or_none()
    return page("privacy/admin/retention.html", rules=RULES, due=due_now(), last=last)
