"""The sandbox as one WSGI application, at the root of its own port."""

from __future__ import annotations

from flask import Flask, Response, jsonify, make_response, request
from werkzeug.exceptions import HTTPException

from portal.sandbox import control, pages, paypage, providers, twilio
from portal.sandbox.wave import routes
from portal.sandbox.wave.answers import Problem
from portal.sandbox.wave.door import render
from portal.sandbox.world import EXTENSION, World

MAX_REQUEST_BYTES = 1_048_576
PAGE_CSP = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def create_app(world: World) -> Flask:
    """The application for one world."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.extensions[EXTENSION] = world
    app.jinja_env.filters["francs"] = francs
    for blueprint in (routes.bp, twilio.bp, control.bp, pages.bp, paypage.bp, providers.bp):
        app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, _explain)
    app.register_error_handler(Problem, render)
    app.after_request(_add_headers)
    return app


def francs(amount: int | str) -> str:
    """An amount as people write it, with spaces that do not break: 15 000 F CFA."""
    return f"{int(amount):,}".replace(",", "\u202f") + "\u00a0F\u00a0CFA"


def _explain(error: HTTPException) -> Response:
    """Errors of Flask itself, in the words of whoever owns the address."""
    status = error.code or 500
    if error.response is not None:
        return make_response(error.response)
    if request.path.startswith("/v1/") and status in {404, 405}:
        return routes.refuse_address("not-found" if status == 404 else "method-not-allowed")
    if request.path.startswith(("/v1/", "/2010-04-01/", "/_sandbox", "/oidc/", "/facebook/")):
        return make_response(jsonify(code=status, message=error.description), status)
    return make_response(error.get_response(request.environ))


def _add_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", PAGE_CSP)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    return response
