"""French first, then English, then Wolof: the person's choice, then the cookie, then the browser's."""

from __future__ import annotations

from flask import has_request_context, request

from portal.kernel.cookies import read_cookie
from portal.kernel.i18n import DEFAULT_LANGUAGE as DEFAULT
from portal.kernel.i18n import LANGUAGES, STORED, language_of
from portal.kernel.visitor import visitor

__all__ = ["LANGUAGES", "STORED", "current_language", "current_timezone", "language_of"]

COOKIE = "language"


def current_language() -> str:
    """`fr`, `en` or `wo` for this request; French where nobody is reading (jobs name the reader's own)."""
    if not has_request_context():
        return DEFAULT
    person = visitor()
    if person is not None:
        return language_of(person.locale)
    chosen = read_cookie(COOKIE)
    if chosen and chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(list(LANGUAGES)) or DEFAULT


def current_timezone() -> str:
    """The reader's time zone."""
    person = visitor()
    return person.timezone if person is not None else "Africa/Dakar"
