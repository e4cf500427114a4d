"""Staff end a guardianship that was confirmed, or leave it, and say why (PPL-15)."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from portal.kernel.access import staff, step_up
from portal.kernel.asking import asked_kind, kind_named
from portal.kernel.errors import InvalidInput
from portal.kernel.forms import ReasonForm
from portal.kernel.i18n import _
from portal.kernel.ids import parse_id
from portal.kernel.pages import page, see_other
from portal.kernel.roles import Permission
from portal.kernel.visitor import actor
from portal.people import ending, guardian_cases
from portal.people.models import ChangeStatus
from portal.people.words import CHANGE_STATES, RELATIONSHIP_LABELS


class _Decision(StrEnum):
    END = "end"
    KEEP = "keep"


blueprint = Blueprint("guardians_admin", __name__, url_prefix="/admin/guardians")


@blueprint.get("")
@staff(Permission.HELP_PEOPLE)
def index() -> Response:
    """Minors who ask for another guardian, in one state: those who wait unless told otherwise."""
    status = asked_kind(ChangeStatus) or ChangeStatus.WAITING
    found = guardian_cases.changes_page(status, request.args.get("cursor"))
    return page("people/admin/guardians.html", found=found, wanted=status, states=CHANGE_STATES)


@blueprint.route("/<uuid:minor_id>", methods=["GET", "POST"])
@staff(Permission.HELP_PEOPLE)
@step_up
def case(minor_id: UUID) -> Response:
    """One minor and their guardian; that somebody looks is noted. The guardianship ends, or stays; both with a reason."""
    form = ReasonForm()
    if form.validate_on_submit():
        with form.attempt():
            flash(*_decided(minor_id, form.reason.data))
            return see_other(url_for(".index"))
    return page(
        "people/admin/guardian.html",
        case=guardian_cases.case_of(minor_id, by=actor()),
        form=form,
        relationships=RELATIONSHIP_LABELS,
        status=422 if form.errors else 200,
    )


def _decided(minor_id: UUID, reason: str) -> tuple[str, str]:
    """Do what the button says; the sentence that says so, and its tone."""
    guardian_id = parse_id(request.form.get("guardian"))
    decision = kind_named(_Decision, request.form.get("decision"))
    if guardian_id is None or decision is None:
        raise InvalidInput(_("Please choose one of the answers on offer."))
    if decision is _Decision.END:
        if ending.end_guardianship(minor_id, guardian_id, reason=reason, by=actor()):
            return _("The guardianship is ended. Both are told."), "success"
        return _("This guardianship is over already."), "warning"
    if ending.keep_guardianship(minor_id, reason=reason, by=actor()):
        return _("The guardian stays. The young person is told."), "success"
    return _("This question is over already."), "warning"
