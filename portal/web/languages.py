"""French first, then English, then Wolof: the person's choice, then the cookie, then the browser's."""

from __future__ import annotations

from flask import has_request_context, request
from flask_babel import Babel

from portal.kernel.visitor import visitor

LANGUAGES = {"fr": "Français", "en": "English", "wo": "Wolof"}
STORED = {"fr": "fr-SN", "en": "en", "wo": "wo"}
COOKIE = "language"
DEFAULT = "fr"

babel = Babel()


def current_language() -> str:
    """`fr`, `en` or `wo` for this request; French where nobody is reading (jobs name the reader's own)."""
    if not has_request_context():
        return DEFAULT
    person = visitor()
    if person is not None:
        return language_of(person.locale)
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(list(LANGUAGES)) or DEFAULT


def language_of(locale: str) -> str:
    """The language of a stored locale such as `fr-SN`."""
    language = locale.replace("_", "-").split("-")[0].lower()
    return language if language in LANGUAGES else DEFAULT


def current_timezone() -> str:
    """The reader's time zone."""
    person = visitor()
    return person.timezone if person is not None else "Africa/Dakar"
