"""Staff see how long what is kept, what would be removed now, and what the last run removed (PRV-12)."""

from __future__ import annotations

from flask import Blueprint, Response

from portal.kernel.access import staff
from portal.kernel.pages import page
from portal.kernel.roles import Permission
from portal.privacy.retention import RULES, due_now, last_run

blueprint = Blueprint("privacy_admin", __name__, url_prefix="/admin")


@blueprint.get("/retention")
@staff(Permission.OPERATE)
def retention() -> Response:
    """Every rule with its period, its dry run and its last count."""
    return page("privacy/admin/retention.html", rules=RULES, due=due_now(), last=last_run())
