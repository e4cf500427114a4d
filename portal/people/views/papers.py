"""My identity papers (PPL-16)."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, url_for

from portal.config.people_values import PAPER_DAYS, PAPERS_PER_HOUR
from portal.config.rates import rate
from portal.config.values import value_of
from portal.kernel.access import signed_in, step_up
from portal.kernel.i18n import _
from portal.kernel.limits import by_caller, limiter
from portal.kernel.pages import download, page, see_other
from portal.kernel.visitor import actor, known_visitor
from portal.people import papers
from portal.people.models import DocumentType
from portal.people.paper_forms import PaperForm
from portal.people.views.door import blueprint
from portal.people.words import PAPER_LABELS


@blueprint.route("/profile/papers", methods=["GET", "POST"])
@signed_in
@limiter.limit(rate(PAPERS_PER_HOUR, "hour"), methods=["POST"], key_func=by_caller)
def paper_list() -> Response:
    """My papers and how far they are; hand one in."""
    me, form = known_visitor().user_id, PaperForm()
    if form.validate_on_submit():
        with form.attempt():
            papers.hand_in(me, _facts(form), form.scan.data.read(), by=actor())
            flash(_("Thank you. We look at your paper and tell you what we found."), "success")
            return see_other(url_for(".paper_list"))
    return page(
        "people/papers.html",
        form=form,
        papers=papers.papers_of(me),
        kinds=PAPER_LABELS,
        days=value_of(PAPER_DAYS),
        status=422 if form.errors else 200,
    )


@blueprint.get("/profile/papers/<uuid:paper_id>/scan")
@signed_in
@step_up
def own_scan(paper_id: UUID) -> Response:
    """The scan of one of mine, to keep."""
    return as_download(papers.own_scan(paper_id, known_visitor().user_id))


def as_download(scan: papers.Scan) -> Response:
    """A scan as a file: never shown in place, never kept on the way."""
    return download(scan.data, name="paper.webp", mime_type=scan.mime_type)


def _facts(form: PaperForm) -> papers.PaperFacts:
    return papers.PaperFacts(DocumentType(form.kind.data), form.country.data, form.number.data)
