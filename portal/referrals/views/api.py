"""Referrals for programs, under the session of the person who uses them (REF-23, REF-24; R-67)."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, jsonify, make_response, request, url_for

from portal.config.rates import api_limit
from portal.kernel.access import has_proved_lately, signed_in
from portal.kernel.programs import given_fields
from portal.kernel.visitor import actor, known_visitor
from portal.referrals import inviting, queries
from portal.referrals.shapes import READ_ONLY, WRITABLE, invitee_of, shape_of
from portal.referrals.views.sponsor import wanted_referrals

blueprint = Blueprint("referrals_api", __name__, url_prefix="/api/v1/referrals")


@blueprint.get("")
@signed_in
@api_limit
def index() -> Response:
    """My referrals, newest first, a page at a time; narrowed as on the page (`state`, `q`).

    As the file of the same list asks for a proof, numbers and addresses are whole only a while after one.
    """
    me, wanted = known_visitor().user_id, wanted_referrals()
    found = queries.invitations(me, wanted, request.args.get("cursor"))
    following, whole = None, has_proved_lately()
    if found.next_cursor:
        following = url_for(".index", state=wanted.standing, q=wanted.words, cursor=found.next_cursor)
    return make_response(
        jsonify(results=[shape_of(row[0], whole=whole) for row in found.items], next=following)
    )


@blueprint.get("/<uuid:referral_id>")
@signed_in
@api_limit
def detail(referral_id: UUID) -> Response:
    """One referral of mine, its contact as in the list."""
    referral = inviting.own_referral(referral_id, known_visitor().user_id)
    return make_response(jsonify(shape_of(referral, whole=has_proved_lately())))


@blueprint.post("")
@signed_in
@api_limit
def create() -> Response:
    """Invite somebody, as the page does: the same places of a day, the same refusals; JSON or a form."""
    invitee = invitee_of(given_fields(WRITABLE, READ_ONLY))
    referral = inviting.invite(known_visitor().user_id, invitee, by=actor())
    response = make_response(jsonify(shape_of(referral, whole=True)), 201)
    response.headers["Location"] = url_for(".detail", referral_id=referral.id)
    return response
