"""Staff look at identity papers (PPL-18)."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from portal.kernel.access import staff, step_up
from portal.kernel.asking import asked_kind
from portal.kernel.forms import ReasonForm
from portal.kernel.i18n import _
from portal.kernel.pages import in_place, page, see_other
from portal.kernel.roles import Permission
from portal.kernel.visitor import actor
from portal.people import reviewing
from portal.people.models import DocumentStatus
from portal.people.words import PAPER_LABELS, PAPER_STATES

blueprint = Blueprint("people_admin", __name__, url_prefix="/admin/papers")


@blueprint.get("")
@staff(Permission.HELP_PEOPLE)
def papers() -> Response:
    """Papers in one state, those to be looked at unless told otherwise."""
    status = asked_kind(DocumentStatus) or DocumentStatus.PENDING
    found = reviewing.papers_page(status, request.args.get("cursor"))
    return page(
        "people/admin/papers.html", found=found, wanted=status, states=PAPER_STATES, kinds=PAPER_LABELS
    )


@blueprint.get("/<uuid:paper_id>")
@staff(Permission.HELP_PEOPLE)
@step_up
def paper(paper_id: UUID) -> Response:
    """One paper; that somebody looks is noted."""
    return _shown(paper_id, ReasonForm())


@blueprint.get("/<uuid:paper_id>/scan")
@staff(Permission.HELP_PEOPLE)
@step_up
def scan(paper_id: UUID) -> Response:
    """What was scanned, a picture for the page; nobody on the way keeps it."""
    found = reviewing.scan_for_review(paper_id, by=actor())
    response = in_place(found.data, name="paper.webp", mime_type=found.mime_type)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.post("/<uuid:paper_id>/approve")
@staff(Permission.HELP_PEOPLE)
@step_up
def approve(paper_id: UUID) -> Response:
    """The paper is good."""
    reviewing.approve(paper_id, by=actor())
    flash(_("The paper is verified."), "success")
    return see_other(url_for(".papers"))


@blueprint.post("/<uuid:paper_id>/refuse")
@staff(Permission.HELP_PEOPLE)
@step_up
def refuse(paper_id: UUID) -> Response:
    """The paper is not good; the holder reads why."""
    form = ReasonForm()
    if form.validate_on_submit():
        with form.attempt():
            reviewing.refuse(paper_id, reason=form.reason.data, by=actor())
            flash(_("The paper is refused."), "success")
            return see_other(url_for(".papers"))
    return _shown(paper_id, form, status=422)


def _shown(paper_id: UUID, form: ReasonForm, *, status: int = 200) -> Response:
    return page(
        "people/admin/paper.html",
        review=reviewing.review_of(paper_id, by=actor()),
        form=form,
        states=PAPER_STATES,
        kinds=PAPER_LABELS,
        status=status,
    )
