"""What leaves the house: list and detail of payouts, stopping and trying again (PO-12)."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from portal.audit.looks import note_looks
from portal.audit.models import Opened
from portal.kernel.access import staff, step_up, step_up_when
from portal.kernel.asking import asked, asked_kind, wants_file
from portal.kernel.forms import ReasonForm
from portal.kernel.i18n import _
from portal.kernel.ids import parse_id
from portal.kernel.pages import csv_file, page, see_other
from portal.kernel.roles import Permission
from portal.kernel.visitor import actor
from portal.payments.methods import destination_in_force
from portal.payouts import queries, services
from portal.payouts.models import PayoutStatus
from portal.payouts.tables import payouts_table
from portal.payouts.words import REFUSALS, VERDICTS

blueprint = Blueprint("payouts_admin", __name__, url_prefix="/admin/payouts")
blueprint.context_processor(lambda: {"refusals": REFUSALS})


@blueprint.get("")
@staff(Permission.SEE_MONEY)
@step_up_when(wants_file)
def index() -> Response:
    """All payouts, by state and words."""
    wanted = queries.PayoutFilter(status=asked_kind(PayoutStatus), words=asked())
    if wants_file():
        rows = queries.payouts_rows(wanted)
        note_looks([payout.user_id for payout, _payee in rows], Opened.FILE, by=actor())
        return csv_file("payouts.csv", *payouts_table(rows))
    found = queries.payouts_page(wanted, request.args.get("cursor"))
    return page("payouts/index.html", payouts=found, wanted=wanted, states=PayoutStatus)


@blueprint.get("/<uuid:payout_id>")
@staff(Permission.SEE_MONEY)
def show(payout_id: UUID) -> Response:
    """One payout, where it goes and what the provider said."""
    return _detail(payout_id, ReasonForm())


@blueprint.post("/<uuid:payout_id>/stop")
@staff(Permission.MOVE_MONEY)
@step_up
def stop(payout_id: UUID) -> Response:
    """Stop a payout that no worker has taken."""
    form = ReasonForm()
    if form.validate_on_submit():
        with form.attempt():
            services.cancel_payout(payout_id, form.reason.data, by=actor())
            flash(_("Stopped. The amount is free again."), "success")
            return see_other(url_for(".show", payout_id=payout_id))
    return _detail(payout_id, form)


@blueprint.post("/<uuid:payout_id>/attempt")
@staff(Permission.MOVE_MONEY)
@step_up
def retry(payout_id: UUID) -> Response:
    """Try a failed or canceled payout again, to the destination that was shown."""
    tried = services.retry_payout(payout_id, parse_id(request.form.get("destination")), by=actor())
    flash(_("A new attempt has started."), "success")
    return see_other(url_for(".show", payout_id=tried.id))


@blueprint.post("/<uuid:payout_id>/question")
@staff(Permission.MOVE_MONEY)
def ask(payout_id: UUID) -> Response:
    """Ask Wave now what became of a payout."""
    services.ask_again(payout_id, by=actor())
    flash(_("Wave is being asked."), "success")
    return see_other(url_for(".show", payout_id=payout_id))


def _detail(payout_id: UUID, form: ReasonForm) -> Response:
    detail = queries.payout_detail(payout_id)
    payout = detail.payout
    if not form.is_submitted():
        note_looks([payout.user_id], Opened.PAYMENT, by=actor())
    return page(
        "payouts/show.html",
        status=422 if form.is_submitted() else 200,
        detail=detail,
        destination=destination_in_force(partner_id=payout.partner_id, user_id=payout.user_id),
        verdicts=VERDICTS,
        form=form,
    )
