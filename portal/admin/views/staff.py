"""Who works in the administration, since when and from where, and how that ended (ADM-20 to ADM-24)."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, request, url_for

from portal.admin.forms import DutiesForm
from portal.admin.staff import revoke_staff_work, staff_page
from portal.admin.views.door import blueprint
from portal.config.values import LOOK_MINUTES, value_of
from portal.identity.duties import change_duties
from portal.identity.looking import begin_to_look
from portal.identity.queries import user_detail
from portal.kernel.access import changes_something, staff, step_up, step_up_when
from portal.kernel.forms import ReasonForm
from portal.kernel.i18n import _
from portal.kernel.pages import page, see_other
from portal.kernel.roles import Duty, Permission
from portal.kernel.visitor import actor, known_visitor


@blueprint.get("/staff")
@staff(Permission.STEER_STAFF)
def staff_work() -> Response:
    """Open and ended staff work, for super admins."""
    return page("admin/staff.html", found=staff_page(request.args.get("cursor"), by=actor()))


@blueprint.post("/staff/<uuid:work_id>/revocation")
@staff(Permission.STEER_STAFF)
@step_up
def revoke_staff(work_id: UUID) -> Response:
    """End somebody's staff work, and the session it was done in."""
    revoke_staff_work(work_id, by=actor())
    flash(_("This session has ended."), "success")
    return see_other(url_for("admin.staff_work"))


@blueprint.route("/users/<uuid:user_id>/looking", methods=["GET", "POST"])
@staff(Permission.STEER_STAFF)
@step_up_when(changes_something)
def look_as(user_id: UUID) -> Response:
    """See the portal as somebody sees it, for some minutes and a reason; nothing can be changed meanwhile."""
    detail, form = user_detail(user_id), ReasonForm()
    if form.validate_on_submit():
        with form.attempt():
            begin_to_look(known_visitor(), user_id, reason=form.reason.data, by=actor())
            return see_other(url_for("web.feed"))
    status = 422 if form.is_submitted() else 200
    return page("admin/looking.html", detail=detail, form=form, minutes=value_of(LOOK_MINUTES), status=status)


@blueprint.route("/users/<uuid:user_id>/duties", methods=["GET", "POST"])
@staff(Permission.STEER_STAFF)
@step_up_when(changes_something)
def duties(user_id: UUID) -> Response:
    """What a regular admin is there for, with the reason of a change."""
    detail = user_detail(user_id)
    form = DutiesForm(data={duty: duty in detail.user.duties for duty in Duty})
    if form.validate_on_submit():
        with form.attempt():
            change_duties(user_id, form.chosen(), reason=form.reason.data, by=actor())
            flash(_("The duties are changed."), "success")
            return see_other(url_for("admin.user", user_id=user_id))
    status = 422 if form.is_submitted() else 200
    return page("admin/duties.html", detail=detail, form=form, status=status)
