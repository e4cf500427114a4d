"""The headers of every answer, and a name for every request."""

from __future__ import annotations

import structlog
from flask import Flask, Response, g, request

from portal.kernel.elsewhere import known_elsewhere
from portal.kernel.ids import new_id
from portal.kernel.visitor import Visitor

log = structlog.get_logger(__name__)

# Whoever asks may make up a method of any length.
_LONGEST_METHOD = 20
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "form-action 'self'{elsewhere}; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def register(app: Flask) -> None:
    """Name requests before, set headers after."""
    settings = app.config["SETTINGS"]
    # Browsers apply form-action to the redirect that follows a form as well: the pages it leads to are named.
    policy = _POLICY.format(elsewhere=" " + " ".join(sorted(known_elsewhere(settings))))

    @app.before_request
    def _name_request() -> None:
        g.request_id = str(new_id())
        structlog.contextvars.clear_contextvars()
        # Not the path: in the links that people are sent it is the key itself.
        rule = request.url_rule.rule if request.url_rule else None
        structlog.contextvars.bind_contextvars(
            request_id=g.request_id,
            method=request.method[:_LONGEST_METHOD],
            endpoint=request.endpoint,
            rule=rule,
        )

    @app.after_request
    def _set_headers(response: Response) -> Response:
        headers = response.headers
        headers["X-Request-Id"] = g.get("request_id", "")
        headers.setdefault("Content-Security-Policy", policy)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=()"
        _note_refusal(response)
        if settings.is_production:
            headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = "private, no-store"
        return response


def _note_refusal(response: Response) -> None:
    """A line for each request that was turned away: who, where (the door, not the key) and how (ASVS 16.3)."""
    if 400 <= response.status_code < 500:
        person: Visitor | None = g.get("visitor")
        log.info(
            "request_refused", status=response.status_code, user_id=str(person.user_id) if person else None
        )
