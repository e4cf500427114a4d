"""Admins check, approve, pay and answer."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from portal.kernel.access import admin_only
from portal.kernel.errors import DomainError
from portal.kernel.i18n import _
from portal.kernel.ids import parse_id
from portal.kernel.pages import download, page, see_other
from portal.kernel.visitor import actor
from portal.settlements import deciding, queries
from portal.settlements.files import settlement_csv, settlement_document
from portal.settlements.forms import CorrectionForm, ResolutionForm
from portal.settlements.models import SettlementStatus

blueprint = Blueprint("settlements_admin", __name__, url_prefix="/admin/settlements")


@blueprint.get("")
@admin_only
def index() -> Response:
    """All settlements, by state and partner."""
    wanted = request.args.get("status", "")
    status = SettlementStatus(wanted) if wanted in list(SettlementStatus) else None
    found = queries.settlement_list(status, parse_id(request.args.get("partner")), request.args.get("cursor"))
    return page(
        "settlements/admin_index.html", settlements=found, status_filter=wanted, states=list(SettlementStatus)
    )


@blueprint.get("/<uuid:settlement_id>")
@admin_only
def show(settlement_id: UUID) -> Response:
    """One settlement with lines, payment and history."""
    return _detail(settlement_id, ResolutionForm())


@blueprint.post("/<uuid:settlement_id>/approval")
@admin_only
def approve(settlement_id: UUID) -> Response:
    """Release a settlement for payment."""
    deciding.approve(settlement_id, by=actor())
    flash(_("Approved. The payment is on its way."), "success")
    return see_other(url_for(".show", settlement_id=settlement_id))


@blueprint.post("/<uuid:settlement_id>/payment")
@admin_only
def retry(settlement_id: UUID) -> Response:
    """Try a failed payment again."""
    deciding.retry_payment(settlement_id, by=actor())
    flash(_("A new payment attempt has started."), "success")
    return see_other(url_for(".show", settlement_id=settlement_id))


@blueprint.post("/<uuid:settlement_id>/resolution")
@admin_only
def resolve(settlement_id: UUID) -> Response:
    """Answer a partner's objection."""
    form = ResolutionForm()
    if not form.validate_on_submit():
        return _detail(settlement_id, form, status=422)
    try:
        deciding.resolve(settlement_id, form.reason.data, form.correction.data or 0, by=actor())
    except DomainError as error:
        if error.status == 404:
            raise
        form.take(error)
        return _detail(settlement_id, form, status=error.status)
    flash(_("Your answer was sent. The settlement can be approved again."), "success")
    return see_other(url_for(".show", settlement_id=settlement_id))


@blueprint.route("/corrections/<uuid:partner_id>", methods=["GET", "POST"])
@admin_only
def correction(partner_id: UUID) -> Response:
    """Note a correction for a partner's next settlement."""
    form = CorrectionForm()
    if form.validate_on_submit():
        try:
            deciding.correct(partner_id, form.correction.data, form.reason.data, by=actor())
        except DomainError as error:
            form.take(error)
        else:
            flash(_("The correction enters the next settlement."), "success")
            return see_other(url_for(".index", partner=partner_id))
    status = 422 if form.is_submitted() else 200
    return page(
        "settlements/correction.html", status=status, form=form, partner=queries.partner_named(partner_id)
    )


@blueprint.get("/<uuid:settlement_id>/document.pdf")
@admin_only
def document(settlement_id: UUID) -> Response:
    """The invoice or receipt as PDF."""
    detail = queries.settlement_detail(settlement_id)
    name = f"{detail.settlement.invoice_number}.pdf"
    return download(settlement_document(detail), name=name, mime_type="application/pdf")


@blueprint.get("/<uuid:settlement_id>/lines.csv")
@admin_only
def lines(settlement_id: UUID) -> Response:
    """Every redemption of a settlement as a file."""
    name = f"{queries.settlement_detail(settlement_id).settlement.invoice_number}.csv"
    return download(settlement_csv(settlement_id), name=name, mime_type="text/csv")


def _detail(settlement_id: UUID, form: ResolutionForm, status: int = 200) -> Response:
    return page(
        "settlements/admin_show.html",
        status=status,
        detail=queries.settlement_detail(settlement_id),
        lines=queries.settlement_lines(settlement_id, request.args.get("cursor")),
        form=form,
    )
