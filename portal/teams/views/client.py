"""Where a person finds the places that are offered to them, and says yes or no."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, url_for

from portal.kernel.access import signed_in, step_up
from portal.kernel.cookies import keep_cookie
from portal.kernel.i18n import _
from portal.kernel.pages import page, see_other
from portal.kernel.visitor import actor, known_visitor
from portal.teams import answering, queries

blueprint = Blueprint("teams", __name__, url_prefix="/team-invitations")

_A_YEAR = 365 * 24 * 3600


@blueprint.get("")
@signed_in
def index() -> Response:
    """What waits for my answer."""
    return page("teams/index.html", offers=queries.open_offers(known_visitor().user_id))


@blueprint.get("/<uuid:invitation_id>")
@signed_in
def show(invitation_id: UUID) -> Response:
    """One place: where, which, who invites, until when; or what became of it."""
    offer = queries.offer(invitation_id, known_visitor().user_id)
    return page("teams/show.html", offer=offer, invitation=offer.invitation)


@blueprint.post("/<uuid:invitation_id>/acceptance")
@signed_in
@step_up
def accept(invitation_id: UUID) -> Response:
    """Take the place."""
    me = known_visitor().user_id
    is_new = answering.accept(invitation_id, me, by=actor())
    offer = queries.offer(invitation_id, me)
    if is_new:
        flash(_("You work for %(name)s now.", name=offer.organisation), "success")
    else:
        flash(_("You work for %(name)s already; nothing has changed.", name=offer.organisation), "info")
    response = see_other(offer.home.entrance)
    keep_cookie(response, offer.home.cookie, str(offer.invitation.organisation_id), seconds=_A_YEAR)
    return response


@blueprint.post("/<uuid:invitation_id>/refusal")
@signed_in
def decline(invitation_id: UUID) -> Response:
    """Leave the place."""
    answering.decline(invitation_id, known_visitor().user_id, by=actor())
    flash(_("You have declined. Nothing changes for you."), "success")
    return see_other(url_for(".index"))
