"""Who works in the administration, since when and from where, and how that ended (ADM-20 to ADM-24)."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, request, url_for

from portal.admin.staff import revoke_staff_work, staff_page
from portal.admin.views.door import blueprint
from portal.kernel.access import admin_only, step_up
from portal.kernel.i18n import _
from portal.kernel.pages import page, see_other
from portal.kernel.visitor import actor


@blueprint.get("/staff")
@admin_only
def staff() -> Response:
    """Open and ended staff work, for super admins."""
    return page("admin/staff.html", found=staff_page(request.args.get("cursor"), by=actor()))


@blueprint.post("/staff/<uuid:work_id>/revocation")
@admin_only
@step_up
def revoke_staff(work_id: UUID) -> Response:
    """End somebody's staff work, and the session it was done in."""
    revoke_staff_work(work_id, by=actor())
    flash(_("This session has ended."), "success")
    return see_other(url_for("admin.staff"))
