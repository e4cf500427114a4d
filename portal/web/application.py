"""The Flask application class: one commit a request, again when PostgreSQL undid it or was restarted."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import structlog
from flask import Flask, Request, Response, request
from sqlalchemy.exc import OperationalError, PendingRollbackError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter
from werkzeug.wsgi import ClosingIterator

from portal.kernel.db import db, is_connection_lost, is_retryable, pause_before_retry
from portal.kernel.visitor import actor
from portal.web.looking import is_looked_at, mask_codes
from portal.web.templates import PortalEnvironment

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

log = structlog.get_logger(__name__)
_ATTEMPTS = 4
# To ask for a page again does no harm, whatever became of the first time.
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class OutcomeUnknown(RuntimeError):
    """The connection broke while a request was being committed: nobody can say whether it was."""


class Answer(Response):
    """A response whose whole body is given to the web server at once, unless it is made while it is sent.

    Werkzeug gives every body as an iterator, and each step of one takes the server another turn at Python.
    """

    def get_app_iter(self, environ: WSGIEnvironment) -> Iterable[bytes]:
        pieces = super().get_app_iter(environ)
        if self.is_streamed or self.direct_passthrough:
            return pieces
        with closing(cast(ClosingIterator, pieces)):
            return list(pieces)


class Portal(Flask):
    """Commits once after the view and before the answer leaves; rolls back on any error (wall 2)."""

    response_class = Answer
    jinja_environment = PortalEnvironment

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """A host that cannot be one is refused on a page like everything else: a page needs addresses."""
        try:
            return super().create_url_adapter(request)
        except HTTPException as refused:
            if request is None:
                raise
            request.routing_exception = refused
            request.host = urlsplit(self.config["SETTINGS"].public_url).netloc
            return self.url_map.bind(
                request.host, path_info=request.path, default_method=request.method, url_scheme=request.scheme
            )

    def dispatch_request(self) -> Response:
        for attempt in range(_ATTEMPTS):
            commits = False
            try:
                db.session().info["actor"] = actor()
                response = self.make_response(super().dispatch_request())
                commits = True
                # A HEAD only asks what a GET would say.
                is_only_looked_at = is_looked_at()
                if is_only_looked_at:
                    mask_codes(response)
                if is_only_looked_at or request.method == "HEAD":
                    db.session.rollback()
                else:
                    db.session.commit()
                return response
            except (OperationalError, PendingRollbackError) as error:
                db.session.rollback()
                is_lost = is_connection_lost(error)
                # A connection that breaks while it commits does not tell whether it has; one that broke before has not.
                broke_at_commit = is_lost and commits and isinstance(error, OperationalError)
                if broke_at_commit and request.method not in _READING:
                    raise OutcomeUnknown from error
                was_undone = is_retryable(error) or (is_lost and not broke_at_commit)
                if not was_undone or attempt == _ATTEMPTS - 1:
                    raise
                log.info("request_retried", attempt=attempt)
                pause_before_retry(attempt)
            except BaseException:
                db.session.rollback()
                raise
        raise AssertionError("unreachable")

    def handle_user_exception(self, e: Exception) -> Any:
        """Error pages read the database too: they start from a clean session."""
        db.session.rollback()
        return super().handle_user_exception(e)
