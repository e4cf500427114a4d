"""The Flask application class: one commit a request, again when PostgreSQL undid it."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, Response
from sqlalchemy.exc import OperationalError

from portal.kernel.db import db, is_retryable, pause_before_retry
from portal.kernel.visitor import actor

log = structlog.get_logger(__name__)
_ATTEMPTS = 4


class Portal(Flask):
    """Commits once after the view and before the answer leaves; rolls back on any error (wall 2)."""

    def dispatch_request(self) -> Response:
        for attempt in range(_ATTEMPTS):
            try:
                db.session().info["actor"] = actor()
                response = self.make_response(super().dispatch_request())
                db.session.commit()
                return response
            except OperationalError as error:
                db.session.rollback()
                if not is_retryable(error) or attempt == _ATTEMPTS - 1:
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
