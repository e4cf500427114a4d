"""The words of every notification as the code ships them, and the strict way they are filled in.

A room declares `MESSAGES` in its `messages.py`; `portal/messages.py` registers them all. A text that names a
variable its template does not declare ends the start, so a message never reaches a person half written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from markupsafe import escape

from portal.consent.models import Asked
from portal.kernel.clock import PLATFORM_ZONE, last_day
from portal.kernel.contact import spelled
from portal.kernel.i18n import DEFAULT_LANGUAGE, LANGUAGES, said_date
from portal.kernel.money import francs, grouped
from portal.kernel.names import first_name
from portal.notifications.models import Category, Channel, NotificationType, Priority

__all__ = [
    "EMAIL",
    "IN_APP",
    "SMS",
    "Category",
    "MessageTemplate",
    "NotificationType",
    "Priority",
    "Text",
    "WordsError",
    "fill",
    "fill_html",
    "register",
    "spoken",
    "template_for",
]

IN_APP = Channel.IN_APP
EMAIL = Channel.EMAIL
SMS = Channel.SMS

KINDS = frozenset({"string", "person", "number", "money", "date", "datetime", "deadline"})
_DATE = "EEEE d\u00a0MMMM y"
_MOMENT = {
    "fr": "EEEE d\u00a0MMMM y 'à'\u00a0HH\u00a0'h'\u00a0mm",
    "en": "EEEE d\u00a0MMMM y 'at'\u00a0HH:mm",
    "wo": "EEEE d\u00a0MMMM y, HH:mm",
}


class WordsError(ValueError):
    """A template and its data do not fit: a missing, undeclared or unusable variable."""


@dataclass(frozen=True, slots=True)
class Text:
    """One language: `subject` is also the title, `body` may have paragraphs, `action` labels the link.

    Without `sms` the body is sent as the text message.
    """

    subject: str
    body: str
    sms: str | None = None
    action: str | None = None
    html: str | None = None

    def parts(self) -> Iterable[str]:
        """Every part that holds words."""
        return (part for part in (self.subject, self.body, self.sms, self.action, self.html) if part)


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """One event's message: who it may interrupt, on which channels, with which variables, in which words.

    `variables` maps each `{name}` to its kind: string, person (somebody's name: a text message says the first name
    alone), number, money (minor XOF), date or datetime.
    `confidential` words (a code) are wiped from the delivery once it has been handed over.
    One that `counts_when_asked` for was counted then: no rule about numbers that nobody has proved stops it any more.
    `confidential` words (a code) are wiped from the delivery once it has been handed over. What `asks` something of
    somebody whose address another has typed says where to answer, by `{link}` (asking.py).
    """

    key: str
    category: Category
    type: NotificationType
    priority: Priority
    channels: tuple[Channel, ...]
    variables: Mapping[str, str]
    texts: Mapping[str, Text]
    confidential: bool = False
    counts_when_asked: bool = False
    asks: Asked | None = None

    def __post_init__(self) -> None:
        unknown_kinds = set(self.variables.values()) - KINDS
        if unknown_kinds or DEFAULT_LANGUAGE not in self.texts or set(self.texts) - set(LANGUAGES):
            raise WordsError(f"{self.key}: unknown kinds {unknown_kinds}, or languages {set(self.texts)}")
        for text in self.texts.values():
            check(self.key, text, self.variables)

    def text(self, language: str) -> Text:
        """The words in `language`, else in French."""
        return self.texts.get(language) or self.texts[DEFAULT_LANGUAGE]


REGISTRY: dict[str, MessageTemplate] = {}


def register(messages: Iterable[MessageTemplate]) -> None:
    """Add a room's messages. Raises `WordsError` when a key is taken."""
    for message in messages:
        if REGISTRY.setdefault(message.key, message) is not message:
            raise WordsError(f"two messages are called {message.key}")


def template_for(key: str) -> MessageTemplate:
    """The registered message. Raises `WordsError` for an unknown key: a programming error."""
    try:
        return REGISTRY[key]
    except KeyError:
        raise WordsError(f"no message is called {key}") from None


def check(key: str, text: Text, variables: Mapping[str, str]) -> None:
    """Raise `WordsError` unless every placeholder of `text` is a declared variable (NTF-20)."""
    undeclared = {name for part in text.parts() for name in placeholders(part)} - set(variables)
    if undeclared:
        raise WordsError(f"{key}: not declared: {', '.join(sorted(undeclared))}")


def placeholders(part: str) -> set[str]:
    """The names in `{braces}`. Raises `WordsError` for anything but a plain name."""
    try:
        fields = [(name, spec, conversion) for _, name, spec, conversion in Formatter().parse(part)]
    except ValueError as error:
        raise WordsError(str(error)) from None
    names = {name for name, _spec, _conversion in fields if name is not None}
    if any(spec or conversion for _name, spec, conversion in fields) or not all(map(str.isidentifier, names)):
        raise WordsError("a placeholder is a plain name in braces")
    return names


def spoken(
    variables: Mapping[str, str], data: Mapping[str, Any], language: str, zone: ZoneInfo = PLATFORM_ZONE
) -> dict[str, str]:
    """The data as words of `language`, times in `zone`.

    Raises `WordsError` when a declared variable is missing, one is not declared, or a value does not fit.
    """
    if set(data) != set(variables):
        missing, extra = set(variables) - set(data), set(data) - set(variables)
        raise WordsError(f"missing: {sorted(missing)}; not declared: {sorted(extra)}")
    return {name: _say(kind, data[name], language, zone) for name, kind in variables.items()}


def shortened(variables: Mapping[str, str], words: Mapping[str, str]) -> dict[str, str]:
    """The words as a text message says them: of a person's name the first."""
    return {
        name: first_name(value) if variables.get(name) == "person" else value for name, value in words.items()
    }


def fill(part: str, words: Mapping[str, str]) -> str:
    """`part` with its placeholders replaced and our address where it says to write to us; nothing else is evaluated."""
    return spelled(part).format_map(words)


def fill_html(part: str, words: Mapping[str, str]) -> str:
    """As `fill`, for HTML: what people typed is escaped."""
    return fill(part, {name: str(escape(value)) for name, value in words.items()})


def _say(kind: str, value: Any, language: str, zone: ZoneInfo) -> str:
    match kind, value:
        case (("string" | "person"), str()):
            return value
        case (("number" | "money"), int()) if not isinstance(value, bool):
            return francs(value) if kind == "money" else grouped(value)
        case "deadline", datetime() if (day := last_day(value, zone)) is not None:
            return said_date(format_date(day, _DATE, locale=language), language)
        case (("datetime" | "deadline"), datetime()):
            return said_date(
                format_datetime(value, _MOMENT[language], tzinfo=zone, locale=language), language
            )
        case "date", date():
            return said_date(format_date(value, _DATE, locale=language), language)
    raise WordsError(f"{type(value).__name__} is not a {kind}")
