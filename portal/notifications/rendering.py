"""A message's words with its data filled in, as one recipient gets them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from portal.kernel.i18n import STORED, language_of
from portal.notifications.catalog import MessageTemplate, Text, fill, fill_html, shortened, spoken
from portal.notifications.texting import for_phones, typeset
from portal.notifications.wording import Words

_MAX_TITLE = 255
_MAX_ACTION = 100
_KEPT_BACK = "•••"


@dataclass(frozen=True, slots=True)
class Rendered:
    """Filled-in words. `kept` is what stays on record: the body, without the secrets of confidential words."""

    key: str
    locale: str
    title: str
    body: str
    kept: str
    sms: str
    action: str | None
    html: str | None
    data: dict[str, Any]


def render(message: MessageTemplate, words: Words, data: Mapping[str, Any], zone: ZoneInfo) -> Rendered:
    """Fill in. Raises `WordsError` when `data` does not fit the declared variables (NTF-20)."""
    return render_text(
        message,
        STORED[words.language],
        words.text,
        spoken(message.variables, data, words.language, zone),
        {name: _plain(value) for name, value in data.items()},
    )


def render_text(
    message: MessageTemplate, locale: str, text: Text, values: Mapping[str, str], data: dict[str, Any]
) -> Rendered:
    """Fill `values`, already spoken, into `text`."""
    kept = dict.fromkeys(values, _KEPT_BACK) if message.confidential else values
    language = language_of(locale)
    return Rendered(
        key=message.key,
        locale=locale,
        title=typeset(fill(text.subject, values), language)[:_MAX_TITLE],
        body=typeset(fill(text.body, values), language),
        kept=typeset(fill(text.body, kept), language),
        sms=for_phones(fill(text.sms or text.body, shortened(message.variables, values))),
        action=typeset(fill(text.action, values), language)[:_MAX_ACTION] if text.action else None,
        html=fill_html(text.html, values) if text.html else None,
        data=data,
    )


def _plain(value: Any) -> Any:
    """A JSON value for the record of what was filled in."""
    return value.isoformat() if isinstance(value, date) else value
