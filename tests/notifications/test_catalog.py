"""Words are filled in strictly: nothing missing, nothing extra, nothing evaluated."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

import portal.messages  # noqa: F401
from portal.notifications.catalog import (
    EMAIL,
    REGISTRY,
    Category,
    MessageTemplate,
    NotificationType,
    Priority,
    Text,
    WordsError,
    fill,
    fill_html,
    register,
    spoken,
    template_for,
)


def message(**changes: object) -> MessageTemplate:
    values: dict[str, object] = {
        "key": "test_message",
        "category": Category.POT,
        "type": NotificationType.STATUS_UPDATE,
        "priority": Priority.MEDIUM,
        "channels": (EMAIL,),
        "variables": {"name": "string"},
        "texts": {"fr": Text(subject="Bonjour {name}", body="{name}, c’est prêt.")},
    }
    return MessageTemplate(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.covers("NTF-20")
@pytest.mark.parametrize(
    "text",
    [
        Text(subject="{other}", body="x"),
        Text(subject="x", body="{other}"),
        Text(subject="x", body="x", sms="{other}"),
        Text(subject="x", body="x", action="{other}"),
        Text(subject="x", body="x", html="<b>{other}</b>"),
        Text(subject="x", body="{name.__class__}"),
        Text(subject="x", body="{name[0]}"),
        Text(subject="x", body="{name!r}"),
        Text(subject="x", body="{name:>20}"),
        Text(subject="x", body="{}"),
        Text(subject="x", body="{name"),
    ],
    ids=lambda text: f"{text.subject}|{text.body}|{text.sms}|{text.action}|{text.html}",
)
def test_a_text_may_name_only_declared_variables_plainly(text: Text) -> None:
    with pytest.raises(WordsError):
        message(texts={"fr": text})


def test_a_message_has_french_words_and_languages_we_speak() -> None:
    words = Text(subject="x", body="x")
    with pytest.raises(WordsError):
        message(texts={"en": words})
    with pytest.raises(WordsError):
        message(texts={"fr": words, "de": words})
    with pytest.raises(WordsError):
        message(variables={"name": "anything"})


def test_two_rooms_cannot_use_one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.notifications.catalog.REGISTRY", dict(REGISTRY))
    register([message()])
    with pytest.raises(WordsError, match="test_message"):
        register([message()])
    with pytest.raises(WordsError, match="no_such"):
        template_for("no_such")


@pytest.mark.covers("NTF-20")
@pytest.mark.parametrize("data", [{}, {"name": "Awa", "more": "x"}, {"name": None}, {"name": 3}])
def test_missing_undeclared_or_unfit_data_is_an_error(data: dict[str, object]) -> None:
    with pytest.raises(WordsError):
        spoken({"name": "string"}, data, "fr")


@pytest.mark.parametrize(
    ("kind", "value", "language", "words"),
    [
        ("string", "{name}", "fr", "{name}"),
        ("number", 1200, "en", "1\u202f200"),
        ("money", 15000, "fr", "15\u202f000\u00a0F\u00a0CFA"),
        ("date", date(2026, 11, 21), "fr", "samedi 21\u00a0novembre 2026"),
        ("deadline", datetime(2026, 11, 21, 23, tzinfo=UTC), "fr", "samedi 21\u00a0novembre 2026"),
        (
            "deadline",
            datetime(2026, 11, 21, 22, tzinfo=UTC),
            "fr",
            "samedi 21\u00a0novembre 2026 à\u00a023\u00a0h\u00a000",
        ),
        ("date", date(2026, 11, 21), "en", "Saturday 21\u00a0November 2026"),
        (
            "datetime",
            datetime(2026, 11, 21, 23, 30, tzinfo=UTC),
            "fr",
            "dimanche 22\u00a0novembre 2026 à\u00a000\u00a0h\u00a030",
        ),
    ],
)
def test_values_are_spoken_in_the_readers_language_and_time(
    kind: str, value: object, language: str, words: str
) -> None:
    said = spoken({"x": kind}, {"x": value}, language, ZoneInfo("Europe/Paris"))
    assert fill("{x}", said) == words


def test_what_people_typed_is_escaped_in_html_and_never_evaluated() -> None:
    said = spoken({"name": "string"}, {"name": "<script>{name}"}, "fr")
    assert fill_html("<b>{name}</b>", said) == "<b>&lt;script&gt;{name}</b>"


@pytest.mark.covers("NTF-22", "NTF-24")
def test_every_registered_message_can_be_filled_in_every_language() -> None:
    samples = {
        "string": "Awa",
        "person": "Awa Ndiaye",
        "number": 3,
        "money": 500,
        "date": date(2026, 1, 1),
        "datetime": datetime(2026, 1, 1, tzinfo=UTC),
        "deadline": datetime(2026, 1, 1, tzinfo=UTC),
    }
    assert REGISTRY
    for known in REGISTRY.values():
        data = {name: samples[kind] for name, kind in known.variables.items()}
        for language, text in known.texts.items():
            said = spoken(known.variables, data, language)
            assert all("{" not in fill(part, said) for part in text.parts()), known.key
            assert len(fill(text.sms or text.body, said)) < 1600


def test_whoever_is_asked_to_write_to_us_is_led_there_in_every_message() -> None:
    """The words are marked (`portal/kernel/contact.py`), in each language alike."""
    asks = re.compile(
        r"\b(?:write|talk) to us\b|\b(?:call|contact) us\b|[ée]crivez-nous|appelez-nous", re.IGNORECASE
    )
    marked = re.compile(r"\[\[[^\[\]]+\]\]")
    asking = {
        key: [f"{text.body} {text.sms or ''}" for text in message.texts.values()]
        for key, message in REGISTRY.items()
        if any(asks.search(text.body) for text in message.texts.values())
    }

    assert len(asking) > 5
    assert {
        key: bodies for key, bodies in asking.items() if not all(marked.search(body) for body in bodies)
    } == {}
    assert [
        (key, body) for key, bodies in asking.items() for body in bodies if asks.search(marked.sub("", body))
    ] == []
