"""One's own account for programs, under one's session (ID-13, ID-24; R-67)."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response

from portal.config.rates import api_limit
from portal.identity.shapes import READ_ONLY, WRITABLE, shape_of
from portal.kernel.access import signed_in
from portal.kernel.programs import given_fields
from portal.kernel.visitor import actor, known_visitor
from portal.people.services import change_basics

blueprint = Blueprint("identity_api", __name__, url_prefix="/api/v1/me")


@blueprint.get("")
@signed_in
@api_limit
def me() -> Response:
    """Who I am."""
    return make_response(jsonify(shape_of(known_visitor().user_id)))


@blueprint.patch("")
@signed_in
@api_limit
def change_me() -> Response:
    """Change my name, language or time zone; what is not given stays."""
    user_id = known_visitor().user_id
    given = given_fields(WRITABLE, READ_ONLY)
    change_basics(
        user_id,
        name=given.get("name"),
        language=given.get("preferred_language"),
        timezone=given.get("timezone"),
        by=actor(),
    )
    return make_response(jsonify(shape_of(user_id)))
