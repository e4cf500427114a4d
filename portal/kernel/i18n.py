"""Translation, typed: `_` for a sentence now, `lazy` for one that is spoken when it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from gettext import NullTranslations
from typing import Any

import flask_babel
from flask import g, has_app_context
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

LANGUAGES = {"fr": "Français", "en": "English", "wo": "Wolof"}
STORED = {"fr": "fr-SN", "en": "en", "wo": "wo"}
DEFAULT_LANGUAGE = "fr"
_THE_FIRST = re.compile(r"(?<![0-9])1(?=\u00a0[^\W\d_]{3})")


def language_of(locale: str) -> str:
    """The language of a stored locale such as `fr-SN`; French for one we do not speak."""
    language = locale.replace("_", "-").split("-")[0].lower()
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Translate into `language` (fr, en, wo) inside the block, for readers other than the visitor."""
    with flask_babel.force_locale(language):
        before = g.pop("catalog", None) if has_app_context() else None
        try:
            yield
        finally:
            if has_app_context():
                g.catalog = before


def _(message: str, **values: Any) -> str:
    """The sentence in the reader's language, `%(name)s` filled from `values`."""
    text = _catalog().gettext(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, count: int, **values: Any) -> str:
    """The form of the sentence for `count`, which is `%(num)s` in it."""
    text = _catalog().ngettext(singular, plural, count)
    return text % {"num": count, **values}


def said_date(written: str, language: str) -> str:
    """A date that is written out, with the first of a month as people say it: `1er décembre` in French."""
    return _THE_FIRST.sub("1er", written) if language == "fr" else written


def lazy(message: str) -> str:
    """A sentence declared before the reader is known (form labels, registries)."""
    text: str = flask_babel.lazy_gettext(message)
    return text


@pass_eval_context
def in_template(where: EvalContext, message: str, **values: Any) -> str:
    """`_` as templates have it: `values` are escaped where the template escapes."""
    text = _catalog().gettext(message)
    if where.autoescape:
        text = Markup(text)  # nosec B704 # noqa: S704  (our own sentence)
    # A sentence without blanks is spoken as it stands; one with a percent sign doubles it.
    return text % values if "%" in text else text


@pass_eval_context
def numbered_in_template(where: EvalContext, singular: str, plural: str, count: int, **values: Any) -> str:
    """`ngettext` as templates have it."""
    text = _catalog().ngettext(singular, plural, count)
    if where.autoescape:
        text = Markup(text)  # nosec B704 # noqa: S704  (our own sentence)
    return text % {"num": count, **values}


def _catalog() -> NullTranslations:
    """The reader's catalog, looked for once in a request: a page speaks some hundred sentences."""
    try:
        held = g._get_current_object()
    except RuntimeError:
        nobody: NullTranslations = flask_babel.get_translations()
        return nobody
    catalog: NullTranslations | None = held.get("catalog")
    if catalog is None:
        catalog = held.catalog = flask_babel.get_translations()
    return catalog


def marked(message: str) -> str:
    """Name a sentence for translation where it is declared; `_` speaks it where it is shown."""
    return message
