"""A partner's money: dashboard, settlements, papers, statement, disputes."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from portal.kernel.access import current_partner_id, partner_team, step_up, step_up_when
from portal.kernel.asking import wants_file
from portal.kernel.i18n import _
from portal.kernel.pages import csv_file, download, page, see_other
from portal.kernel.roles import MANAGERS, TEAM, MemberRole
from portal.kernel.visitor import actor, known_visitor
from portal.redemptions.served import served_page
from portal.settlements import deciding, papers, queries
from portal.settlements.forms import DisputeForm
from portal.settlements.policies import may_be_disputed
from portal.settlements.statement import statement_lines, statement_page
from portal.settlements.tables import settlements_table, statement_table
from portal.settlements.words import PAGE_WORDS

blueprint = Blueprint("settlements_partner", __name__, url_prefix="/partner")
blueprint.context_processor(lambda: PAGE_WORDS)


def _role() -> str | None:
    return known_visitor().role_at(current_partner_id())


@blueprint.get("/dashboard")
@partner_team(TEAM)
def dashboard() -> Response:
    """What is owed today and what this period has brought."""
    return page(
        "settlements/dashboard.html",
        block="live",
        today_numbers=queries.partner_today(current_partner_id()),
        runs_partner=_role() in MANAGERS,
    )


@blueprint.get("/settlements")
@partner_team(MANAGERS)
@step_up_when(wants_file)
def index() -> Response:
    """All settlements of the partner."""
    wanted = queries.SettlementFilter(partner_id=current_partner_id())
    if wants_file():
        return csv_file("settlements.csv", *settlements_table(queries.settlements_rows(wanted)))
    found = queries.settlements_page(wanted, request.args.get("cursor"))
    return page("settlements/partner_index.html", settlements=found, is_owner=_role() == MemberRole.OWNER)


@blueprint.get("/statement")
@partner_team(MANAGERS)
@step_up_when(wants_file)
def statement() -> Response:
    """Every movement of what the house owes the partner."""
    partner_id = current_partner_id()
    if wants_file():
        return csv_file("statement.csv", *statement_table(statement_lines(partner_id)))
    balance, lines = statement_page(partner_id, request.args.get("cursor"))
    return page(
        "settlements/statement.html", balance=balance, lines=lines, is_owner=_role() == MemberRole.OWNER
    )


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
    if form.validate_on_submit():
        with form.attempt():
            deciding.dispute(settlement_id, current_partner_id(), form.reason.data, by=actor())
            flash(_("We have received your objection and will answer it here."), "success")
            return see_other(url_for(".show", settlement_id=settlement_id))
    return _detail(settlement_id, form)


@blueprint.get("/settlements/<uuid:settlement_id>/<any(invoice, receipt):paper>.pdf")
@partner_team(MANAGERS)
@step_up
def document(settlement_id: UUID, paper: str) -> Response:
    """The invoice, or the receipt, as PDF."""
    detail = queries.settlement_detail(settlement_id, current_partner_id())
    data = papers.paper_to_read(detail, papers.Paper(paper))
    return download(data, name=f"{detail.settlement.invoice_number}-{paper}.pdf", mime_type=papers.PDF)


@blueprint.get("/settlements/<uuid:settlement_id>/lines.csv")
@partner_team(MANAGERS)
@step_up
def lines(settlement_id: UUID) -> Response:
    """Every redemption of a settlement as a file."""
    detail = queries.settlement_detail(settlement_id, current_partner_id())
    return csv_file(f"{detail.settlement.invoice_number}.csv", *papers.lines_table(settlement_id))


def _detail(settlement_id: UUID, form: DisputeForm) -> Response:
    detail = queries.settlement_detail(settlement_id, current_partner_id())
    return page(
        "settlements/partner_show.html",
        status=422 if form.is_submitted() else 200,
        detail=detail,
        gifts=served_page(settlement_id, request.args.get("cursor")),
        may_dispute=may_be_disputed(detail.settlement, detail.payout),
        form=form,
    )
