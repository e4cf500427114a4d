"""Admins check, approve, pay and answer."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from portal.kernel.access import staff, step_up, step_up_when
from portal.kernel.asking import asked, asked_id, asked_kind, wants_file
from portal.kernel.i18n import _
from portal.kernel.ids import parse_id
from portal.kernel.pages import csv_file, download, page, see_other
from portal.kernel.roles import Permission
from portal.kernel.visitor import actor
from portal.payments.methods import destination_in_force
from portal.payouts.words import REFUSALS, VERDICTS
from portal.redemptions.served import served_page
from portal.settlements import deciding, papers, queries
from portal.settlements.forms import CorrectionForm, ResolutionForm
from portal.settlements.models import SettlementStatus
from portal.settlements.policies import may_be_approved
from portal.settlements.tables import settlements_table

blueprint = Blueprint("settlements_admin", __name__, url_prefix="/admin/settlements")


@blueprint.get("")
@staff(Permission.SEE_MONEY)
@step_up_when(wants_file)
def index() -> Response:
    """All settlements, by state, partner and words."""
    wanted = queries.SettlementFilter(asked_kind(SettlementStatus), asked_id("partner"), asked())
    if wants_file():
        return csv_file("settlements.csv", *settlements_table(queries.settlements_rows(wanted)))
    found = queries.settlements_page(wanted, request.args.get("cursor"))
    return page("settlements/admin_index.html", settlements=found, wanted=wanted, states=SettlementStatus)


@blueprint.get("/<uuid:settlement_id>")
@staff(Permission.SEE_MONEY)
def show(settlement_id: UUID) -> Response:
    """One settlement with lines, payment and history."""
    return _detail(settlement_id, ResolutionForm())


@blueprint.post("/<uuid:settlement_id>/approval")
@staff(Permission.MOVE_MONEY)
@step_up
def approve(settlement_id: UUID) -> Response:
    """Release a settlement for payment to the destination that was shown."""
    deciding.approve(settlement_id, parse_id(request.form.get("destination")), by=actor())
    flash(_("Approved. The payment is on its way."), "success")
    return see_other(url_for(".show", settlement_id=settlement_id))


@blueprint.post("/<uuid:settlement_id>/resolution")
@staff(Permission.MOVE_MONEY)
@step_up
def resolve(settlement_id: UUID) -> Response:
    """Answer a partner's objection."""
    form = ResolutionForm()
    if form.validate_on_submit():
        with form.attempt():
            deciding.resolve(settlement_id, form.reason.data, form.correction.data or 0, by=actor())
            flash(_("Your answer was sent. The settlement can be approved again."), "success")
            return see_other(url_for(".show", settlement_id=settlement_id))
    return _detail(settlement_id, form)


@blueprint.route("/corrections/<uuid:partner_id>", methods=["GET", "POST"])
@staff(Permission.MOVE_MONEY)
@step_up
def correction(partner_id: UUID) -> Response:
    """Note a correction for a partner's next settlement."""
    form = CorrectionForm()
    if form.validate_on_submit():
        with form.attempt():
            deciding.correct(
                partner_id, form.correction.data, form.reason.data, form.correction_id(), by=actor()
            )
            flash(_("The correction enters the next settlement."), "success")
            return see_other(url_for(".index", partner=partner_id))
    return page(
        "settlements/correction.html",
        status=422 if form.is_submitted() else 200,
        form=form,
        partner=queries.partner_named(partner_id),
    )


@blueprint.get("/<uuid:settlement_id>/<any(invoice, receipt):paper>.pdf")
@staff(Permission.SEE_MONEY)
@step_up
def document(settlement_id: UUID, paper: str) -> Response:
    """The invoice, or the receipt, as PDF."""
    detail = queries.settlement_detail(settlement_id)
    data = papers.paper_to_read(detail, papers.Paper(paper))
    return download(data, name=f"{detail.settlement.invoice_number}-{paper}.pdf", mime_type=papers.PDF)


@blueprint.get("/<uuid:settlement_id>/lines.csv")
@staff(Permission.SEE_MONEY)
@step_up
def lines(settlement_id: UUID) -> Response:
    """Every redemption of a settlement as a file."""
    detail = queries.settlement_detail(settlement_id)
    return csv_file(f"{detail.settlement.invoice_number}.csv", *papers.lines_table(settlement_id))


def _detail(settlement_id: UUID, form: ResolutionForm) -> Response:
    detail = queries.settlement_detail(settlement_id)
    destination = destination_in_force(partner_id=detail.partner.id)
    may_approve = may_be_approved(detail.settlement)
    return page(
        "settlements/admin_show.html",
        status=422 if form.is_submitted() else 200,
        detail=detail,
        refusals=REFUSALS,
        gifts=served_page(settlement_id, request.args.get("cursor")),
        destination=destination,
        not_mine=deciding.why_another_approves(detail.corrections, destination, actor())
        if destination and may_approve
        else None,
        verdicts=VERDICTS,
        may_approve=may_approve,
        form=form,
    )
