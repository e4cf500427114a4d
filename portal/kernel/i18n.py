"""Translation, typed: `_` for a sentence now, `lazy` for one that is spoken when it is shown."""

from __future__ import annotations

from typing import Any

import flask_babel


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
