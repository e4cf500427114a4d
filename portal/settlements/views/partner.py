"""A partner's money: dashboard, settlements, documents, disputes."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from portal.kernel.access import current_partner_id, partner_team
from portal.kernel.errors import DomainError
from portal.kernel.i18n import _
from portal.kernel.pages import download, page, see_other
from portal.kernel.roles import MANAGERS, TEAM
from portal.kernel.visitor import actor
from portal.settlements import deciding, queries
from portal.settlements.files import settlement_csv, settlement_document
from portal.settlements.forms import DisputeForm

blueprint = Blueprint("settlements_partner", __name__, url_prefix="/partner")


@blueprint.get("/dashboard")
@partner_team(TEAM)
def dashboard() -> Response:
    """What is owed today and what this period has brought."""
    return page(
        "settlements/dashboard.html", block="live", today_numbers=queries.partner_today(current_partner_id())
    )


@blueprint.get("/settlements")
@partner_team(MANAGERS)
def index() -> Response:
    """All settlements of the partner."""
    found = queries.settlements_of(current_partner_id(), request.args.get("cursor"))
    return page("settlements/partner_index.html", settlements=found)


@blueprint.get("/settlements/<uuid:settlement_id>")
@partner_team(MANAGERS)
def show(settlement_id: UUID) -> Response:
    """One settlement with its lines."""
    return _detail(settlement_id, DisputeForm())


@blueprint.post("/settlements/<uuid:settlement_id>/dispute")
@partner_team(MANAGERS)
def dispute(settlement_id: UUID) -> Response:
    """Say that a settlement is wrong."""
    form = DisputeForm()
    if not form.validate_on_submit():
        return _detail(settlement_id, form, status=422)
    try:
        deciding.dispute(settlement_id, current_partner_id(), form.reason.data, by=actor())
    except DomainError as error:
        if error.status == 404:
            raise
        form.take(error)
        return _detail(settlement_id, form, status=error.status)
    flash(_("We have received your objection and will answer it here."), "success")
    return see_other(url_for(".show", settlement_id=settlement_id))


@blueprint.get("/settlements/<uuid:settlement_id>/document.pdf")
@partner_team(MANAGERS)
def document(settlement_id: UUID) -> Response:
    """The invoice or receipt as PDF."""
    detail = queries.settlement_detail(settlement_id, current_partner_id())
    return download(
        settlement_document(detail),
        name=f"{detail.settlement.invoice_number}.pdf",
        mime_type="application/pdf",
    )


@blueprint.get("/settlements/<uuid:settlement_id>/lines.csv")
@partner_team(MANAGERS)
def lines(settlement_id: UUID) -> Response:
    """Every redemption of a settlement as a file."""
    detail = queries.settlement_detail(settlement_id, current_partner_id())
    return download(
        settlement_csv(settlement_id), name=f"{detail.settlement.invoice_number}.csv", mime_type="text/csv"
    )


def _detail(settlement_id: UUID, form: DisputeForm, status: int = 200) -> Response:
    return page(
        "settlements/partner_show.html",
        status=status,
        detail=queries.settlement_detail(settlement_id, current_partner_id()),
        lines=queries.settlement_lines(settlement_id, request.args.get("cursor")),
        form=form,
    )
