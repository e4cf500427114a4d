"""What every request must be before a view reads it, so that no view has to ask.

PostgreSQL stores no NUL: an address that holds one names nothing (404), a query is read without it, and a form
refuses it beside its field (`portal.kernel.forms`). Pages read forms alone: any other body is refused (415).
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote_from_bytes

from flask import Flask, Request, abort, request

_PROGRAMS = ("/api/", "/webhooks/")
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_NUL = re.compile(rb"%00|\x00")
_AS_IT_IS = bytes(range(0x21, 0x7F))


class PortalRequest(Request):
    """A request whose query can be read as text and stored, whatever bytes it came as."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        kept = _NUL.sub(b"", self.query_string)
        self.query_string = quote_from_bytes(kept, safe=_AS_IT_IS).encode()


def register(app: Flask) -> None:
    """Look at every request before anything else does."""
    app.request_class = PortalRequest
    app.before_request(_refuse_unreadable)


def is_for_programs() -> bool:
    """Whether the address is one that programs call."""
    return request.path.startswith(_PROGRAMS)


def _refuse_unreadable() -> None:
    if "\x00" in request.path:
        abort(404)
    is_form = request.method != "POST" or request.mimetype in _FORMS or not request.mimetype
    if not is_form and not is_for_programs():
        abort(415)
