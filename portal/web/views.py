"""The doors that belong to no room: landing, language, manifest, stored pictures, health."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from flask import Blueprint, Response, current_app, jsonify, make_response, redirect, request, url_for
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as BaseResponse

from portal.identity.sessions import forget_cached
from portal.kernel.access import open_to_all, signed_in, staff
from portal.kernel.asking import asked
from portal.kernel.cookies import keep_cookie
from portal.kernel.db import db
from portal.kernel.errors import InvalidInput, NotFound
from portal.kernel.files import public_file, read_file
from portal.kernel.i18n import _
from portal.kernel.jobs import valkey
from portal.kernel.pages import in_place, page, safe_next, see_other
from portal.kernel.roles import Permission
from portal.kernel.visitor import actor, known_visitor, visitor
from portal.people.services import choose_locale
from portal.web import installing
from portal.web.feed import feed_items
from portal.web.languages import COOKIE, LANGUAGES, STORED
from portal.web.style_samples import SHELLS, style_context

blueprint = Blueprint("web", __name__)
_A_YEAR = 365 * 24 * 3600


@blueprint.get("/")
@open_to_all("the front door")
def home() -> BaseResponse:
    """The front door; somebody who is signed in goes on to what matters today."""
    person = visitor()
    if person is None:
        return page("landing.html")
    if person.works_for_partner:
        return redirect(url_for("redemptions_partner.scanner"))
    return redirect(url_for("admin.overview" if person.is_admin else "web.feed"))


@blueprint.get("/home")
@signed_in
def feed() -> Response:
    """What matters to me today."""
    return page("feed.html", items=feed_items(known_visitor().user_id))


@blueprint.get("/admin/style")
@staff(Permission.LOOK)
def style() -> Response:
    """Every part that pages are made of, with made-up words, in the shell that `shell` names; not in production."""
    if current_app.config["SETTINGS"].is_production:
        raise NotFound
    shell = asked("shell")
    return page("style.html", worn=shell if shell in SHELLS else SHELLS[0], **style_context())


@blueprint.post("/language")
@open_to_all("people choose their language before they have an account")
def set_locale() -> Response:
    """Remember a language: in a cookie for a guest, on the person otherwise."""
    language = request.form.get("locale", "")
    if language not in LANGUAGES:
        raise InvalidInput(_("Please choose one of the answers on offer."))
    response = see_other(safe_next(request.form.get("next"), "/"))
    person = visitor()
    if person is not None:
        choose_locale(person.user_id, STORED[language], by=actor())
        forget_cached(person.user_id)
    keep_cookie(response, COOKIE, language, seconds=_A_YEAR)
    return response


@blueprint.get("/files/<uuid:file_id>")
@open_to_all("covers, packs and portraits are shown on public pages")
def stored_picture(file_id: UUID) -> Response:
    """A picture that anybody may see; its address never changes its content."""
    file = public_file(file_id)
    response = in_place(read_file(file), name=Path(file.storage_key).name, mime_type=file.mime_type)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@blueprint.get("/manifest.webmanifest")
@open_to_all("phones read it before anybody signs in")
def manifest() -> Response:
    """How the portal stands on a phone's home screen; a partner's opens the scanner."""
    person = visitor()
    response = jsonify(installing.manifest(for_partner=person is not None and person.works_for_partner))
    response.headers["Content-Type"] = "application/manifest+json"
    return response


@blueprint.get("/healthz")
@open_to_all("the load balancer asks")
def healthz() -> Response:
    """Whether this process answers."""
    return make_response("ok\n", 200)


@blueprint.get("/readyz")
@open_to_all("the load balancer asks")
def readyz() -> Response:
    """Whether this process reaches PostgreSQL (needed) and Valkey (missed, but not fatal)."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return make_response(jsonify(database="down"), 503)
    try:
        cache = "up" if valkey().ping() else "down"
    except RedisError:
        cache = "down"
    return jsonify(database="up", valkey=cache)
