"""A person's own data: consents, a copy of everything, leaving, and who looked (PRV-14)."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, request, session, url_for
from flask_babel import get_locale

from portal.config.rates import rate
from portal.config.values import EXPORTS_PER_DAY, LEAVING_DAYS, value_of
from portal.consent.texts import LegalText, in_force
from portal.kernel.access import changes_something, signed_in, step_up, step_up_when
from portal.kernel.errors import Conflict
from portal.kernel.i18n import DEFAULT_LANGUAGE, _
from portal.kernel.limits import by_caller, limiter
from portal.kernel.pages import download, page, safe_next, see_other
from portal.kernel.visitor import actor, known_visitor
from portal.notifications.inbox import choose_offers
from portal.notifications.recipients import OFFERS
from portal.privacy import leaving, queries
from portal.privacy.exporting import ask_for_export, fetch_export
from portal.privacy.forms import LeaveForm, OffersForm
from portal.privacy.terms import agree, standing_of
from portal.privacy.views.asking_again import STANDING
from portal.privacy.words import OPENED_WORDS, PURPOSE_WORDS, place_words

blueprint = Blueprint("privacy", __name__)


@blueprint.get("/privacy")
@signed_in
def overview() -> Response:
    """What I agreed to, what I asked for, who looked."""
    mine = queries.privacy_page(known_visitor().user_id)
    form = OffersForm(
        None, data={channel.value: purpose in mine.given for channel, purpose in OFFERS.items()}
    )
    return page(
        "privacy/overview.html",
        mine=mine,
        form=form,
        purposes=PURPOSE_WORDS,
        opened=OPENED_WORDS,
        place_words=place_words,
    )


@blueprint.post("/privacy/offers")
@signed_in
def offers() -> Response:
    """Agree to offers on some channels, and take it back on the others."""
    form = OffersForm()
    choose_offers(known_visitor().user_id, form.wanted(), page="/privacy", by=actor())
    flash(_("Your choices are saved."), "success")
    return see_other(url_for(".overview"))


@blueprint.post("/privacy/copy")
@signed_in
@step_up
@limiter.limit(rate(EXPORTS_PER_DAY, "day"), key_func=by_caller)
def ask() -> Response:
    """Ask for a copy of everything."""
    ask_for_export(known_visitor().user_id, by=actor())
    flash(_("We are making your copy, and tell you when it is ready."), "success")
    return see_other(url_for(".overview"))


@blueprint.get("/privacy/copy/<uuid:request_id>")
@signed_in
@step_up
def fetch(request_id: UUID) -> Response:
    """My copy, as one file."""
    data = fetch_export(request_id, known_visitor().user_id, by=actor())
    return download(data, name="teranga-data.zip", mime_type="application/zip")


@blueprint.route("/privacy/leave", methods=["GET", "POST"])
@signed_in
@step_up_when(changes_something)
def leave() -> Response:
    """Close my account, or read why that cannot be yet."""
    me, form = known_visitor().user_id, LeaveForm()
    matters = leaving.open_matters(me)
    if form.is_submitted() and matters:
        raise Conflict(matters[0])
    if form.validate_on_submit():
        leaving.ask_to_leave(me, by=actor())
        session.clear()
        flash(_("Your account is closed. Sign in again to take it back."), "success")
        return see_other(url_for("web.home"))
    status = 422 if form.errors else 200
    return page("privacy/leave.html", form=form, matters=matters, days=value_of(LEAVING_DAYS), status=status)


@blueprint.get("/privacy/terms")
@signed_in
def terms() -> Response:
    """The terms in force, and whether I agree."""
    me = known_visitor()
    return page(
        "privacy/terms.html",
        version=in_force(LegalText.TERMS),
        language=str(get_locale() or DEFAULT_LANGUAGE),
        standing=standing_of(me.user_id).value,
        following=_following(),
    )


@blueprint.post("/privacy/terms")
@signed_in
def agree_to_terms() -> Response:
    """I agree to the terms in force."""
    agree(known_visitor().user_id, page="/privacy/terms", by=actor())
    session.pop(STANDING, None)
    flash(_("Thank you. You can go on now."), "success")
    return see_other(_following())


def _following() -> str:
    return safe_next(request.values.get("next"), url_for("web.home"))
