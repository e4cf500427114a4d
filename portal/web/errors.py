"""One answer for each kind of refusal: a page in plain words, or JSON where JSON was asked for."""

from __future__ import annotations

from html import unescape
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, flash, g, jsonify, make_response, redirect, render_template, request
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from jinja2_fragments.flask import render_block
from sqlalchemy.exc import DataError, IntegrityError, PendingRollbackError, SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from portal.kernel.contact import spelled
from portal.kernel.db import DATABASE_AWAY, is_connection_lost, violated
from portal.kernel.errors import DomainError, IllegalTransition, TooMany
from portal.kernel.i18n import _
from portal.kernel.limits import refusal
from portal.kernel.pages import safe_next
from portal.kernel.visitor import ask_no_more
from portal.web.application import OutcomeUnknown
from portal.web.reading import is_for_programs

log = structlog.get_logger(__name__)

_BACK_IN_SECONDS = "10"
_PAGES = frozenset({400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503})


def register(app: Flask) -> None:
    """Install the handlers."""
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(IntegrityError, _row_refused)
    app.register_error_handler(DataError, _value_refused)
    for kind in DATABASE_AWAY:
        app.register_error_handler(kind, _database_away)
    app.register_error_handler(OutcomeUnknown, _outcome_unknown)
    app.register_error_handler(RateLimitExceeded, _too_often)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def error_page(status: int, message: str | None = None) -> Response:
    """The page (or JSON) for `status`, with the request's id to quote."""
    request_id = g.get("request_id", "")
    name = status if status in _PAGES else (500 if status >= 500 else 400)
    if wants_json():
        title, words = (unescape(part) for part in _words(name))
        told = {
            "status": status,
            "title": title,
            "message": spelled(message or words),
            "request_id": request_id,
        }
        return make_response(jsonify({"error": told}), status)
    if _goes_into_a_page():
        return _error_part(name, status, message)
    html = render_template(
        f"errors/{name}.html", message=message, request_id=request_id, page_before=_page_before()
    )
    return make_response(html, status)


def _goes_into_a_page() -> bool:
    """Whether HTMX puts the answer into the page that asked, where a form says its errors: no frame belongs there.

    A page shows its part only to whoever says that it wants one; a refusal is a part unless a whole page is wanted.
    """
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") != "full"


def _page_before() -> str:
    """The page of ours whose form was refused, where the browser says which; nothing for what was only opened."""
    try:
        came_from = urlsplit(request.referrer or "")
    except ValueError:
        # What was sent is no address at all.
        return ""
    if request.method == "GET" or came_from.netloc != request.host:
        return ""
    return safe_next(f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path, "")


def _error_part(name: int, status: int, message: str | None) -> Response:
    """The refusal alone, in place of what was asked for; a page that only looked again stays as it is.

    A limit answers here too, with its status and `Retry-After`: there is no second way (`_refused`, `_http`).
    """
    title, words = _words(name)
    response = make_response(
        render_template("errors/_part.html", title=title, message=message or words), status
    )
    response.vary.update(("HX-Request", "HX-Request-Type"))
    if request.method == "GET":
        response.headers["HX-Reswap"] = "none"
    return response


def _words(name: int) -> tuple[str, str]:
    template = f"errors/{name}.html"
    title, words = (render_block(template, block).strip() for block in ("error_title", "error_text"))
    return title, words


def wants_json() -> bool:
    """Whether the caller is a program."""
    return is_for_programs() or (
        request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )


def _refused(error: DomainError) -> Response:
    message = error.message
    if isinstance(error, IllegalTransition):
        log.info("illegal_transition", detail=error.message)
        message = _("This has already moved on. Please look at its present state.")
    response = error_page(error.status, message)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _too_often(_error: RateLimitExceeded) -> Response:
    return _refused(refusal())


def _stale_form(error: CSRFError) -> BaseResponse:
    """A form that was open too long, or not ours: nothing is done; a person may simply send it again."""
    before = _page_before()
    if before and not wants_json() and request.headers.get("HX-Request") != "true":
        flash(_("This form was open for too long. Please send it again."), "warning")
        return redirect(before, code=303)
    return error_page(400, _("This form was open for too long. Please send it again."))


def _row_refused(error: IntegrityError) -> Response:
    log.warning("constraint_refused", constraint=violated(error))
    return error_page(409, _("This was changed by somebody else at the same moment. Please try again."))


def _value_refused(error: DataError) -> Response:
    log.warning("value_refused", error=type(error.orig).__name__)
    return error_page(400)


def _database_away(error: SQLAlchemyError) -> Response:
    """PostgreSQL restarts or is overrun before the commit: nothing was kept, the same request works in a moment."""
    if isinstance(error, PendingRollbackError) and not is_connection_lost(error):
        return _unexpected(error)
    log.error("database_away", error=type(error).__name__, detail=str(error).split("\n")[0])
    ask_no_more()
    response = error_page(503)
    response.headers["Retry-After"] = _BACK_IN_SECONDS
    return response


def _outcome_unknown(error: OutcomeUnknown) -> Response:
    """The commit was sent and no answer came: the person has to look, and no program may simply come again."""
    log.error("commit_unanswered", detail=str(error.__cause__).split("\n")[0])
    ask_no_more()
    return error_page(
        503,
        _(
            "The connection broke while this was being saved, and we cannot say whether it was. "
            "Please look in a moment before you send it again."
        ),
    )


def _http(error: HTTPException) -> BaseResponse:
    if error.code is None or error.code < 400:
        return error.get_response()
    response = error_page(error.code)
    for name in ("Allow", "Retry-After"):
        for value in [header for key, header in error.get_headers() if key == name]:
            response.headers[name] = value
    if error.code == 429:
        response.headers.setdefault("Retry-After", "60")
    return response


def _unexpected(error: Exception) -> Response:
    log.exception("request_failed", error=type(error).__name__)
    return error_page(500)
