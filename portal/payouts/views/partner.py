"""Where a partner is paid; owners alone see and change it."""

from __future__ import annotations

from flask import Blueprint, Response, flash, url_for

from portal.config.limit_values import PAYOUT_ACCOUNTS_PER_HOUR
from portal.config.rates import rate
from portal.kernel.access import current_partner_id, partner_team, step_up
from portal.kernel.i18n import _
from portal.kernel.limits import limiter
from portal.kernel.pages import page, see_other
from portal.kernel.roles import OWNERS
from portal.kernel.visitor import actor
from portal.payouts import destinations, queries
from portal.payouts.forms import PayoutAccountForm
from portal.payouts.words import CHANGES, VERDICTS

blueprint = Blueprint("payouts_partner", __name__, url_prefix="/partner")


@blueprint.route("/payout-account", methods=["GET", "POST"])
@partner_team(OWNERS)
@step_up
@limiter.limit(rate(PAYOUT_ACCOUNTS_PER_HOUR, "hour"), methods=["POST"])
def account() -> Response:
    """The Wave number in force, who chose it and when, and the form to choose another."""
    partner_id = current_partner_id()
    form = PayoutAccountForm()
    if form.validate_on_submit():
        with form.attempt():
            destinations.change_partner_destination(
                partner_id, form.phone.data, form.holder_name.data, by=actor()
            )
            flash(_("From now on we pay you there. Every owner has been told."), "success")
            return see_other(url_for(".account"))
    return page(
        "payouts/account.html",
        status=422 if form.is_submitted() else 200,
        form=form,
        destination=queries.partner_destination(partner_id),
        changes=queries.destination_changes(partner_id),
        verdicts=VERDICTS,
        change_words=CHANGES,
    )
