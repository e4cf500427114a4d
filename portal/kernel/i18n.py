"""Translation, typed: `_` for a sentence now, `lazy` for one that is spoken when it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import flask_babel

LANGUAGES = {"fr": "Français", "en": "English", "wo": "Wolof"}
STORED = {"fr": "fr-SN", "en": "en", "wo": "wo"}
DEFAULT_LANGUAGE = "fr"


def language_of(locale: str) -> str:
    """The language of a stored locale such as `fr-SN`; French for one we do not speak."""
    language = locale.replace("_", "-").split("-")[0].lower()
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Translate into `language` (fr, en, wo) inside the block, for readers other than the visitor."""
    with flask_babel.force_locale(language):
        yield


def _(message: str, **values: Any) -> str:
    """The sentence in the reader's language, `%(name)s` filled from `values`."""
    text: str = flask_babel.gettext(message, **values)
    return text


def ngettext(singular: str, plural: str, count: int, **values: Any) -> str:
    """The form of the sentence for `count`, which is `%(num)s` in it."""
    text: str = flask_babel.ngettext(singular, plural, count, **values)
    return text


def lazy(message: str) -> str:
    """A sentence declared before the reader is known (form labels, registries)."""
    text: str = flask_babel.lazy_gettext(message)
    return text


def marked(message: str) -> str:
    """Name a sentence for translation where it is declared; `_` speaks it where it is shown."""
    return message
