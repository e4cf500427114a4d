"""What leaves the house: list and detail of payouts."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request

from portal.kernel.access import admin_only
from portal.kernel.pages import page
from portal.payouts import queries
from portal.payouts.models import PayoutStatus

blueprint = Blueprint("payouts_admin", __name__, url_prefix="/admin/payouts")


@blueprint.get("")
@admin_only
def index() -> Response:
    """All payouts, by state."""
    wanted = request.args.get("status", "")
    status = PayoutStatus(wanted) if wanted in list(PayoutStatus) else None
    found = queries.payout_list(status, request.args.get("cursor"))
    return page("payouts/index.html", payouts=found, status_filter=wanted, states=list(PayoutStatus))


@blueprint.get("/<uuid:payout_id>")
@admin_only
def show(payout_id: UUID) -> Response:
    """One payout, where it goes and what the provider said."""
    payout, method, history = queries.payout_detail(payout_id)
    return page("payouts/show.html", payout=payout, method=method, history=history)
