"""Every sentence of the portal is spoken in French and in Wolof, with the same blanks to fill."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

PROJECT_ROOT = Path(__file__).resolve().parents[2]
TRANSLATIONS = PROJECT_ROOT / "portal" / "translations"
KEYWORDS = ("_", "lazy", "marked", "ngettext:1,2")
BLANK = re.compile(r"%\(\w+\)[sd]")
# The style page shows parts with sample words; nobody but builders opens it.
_SAMPLES = ("templates/style", "portal/web/style_samples.py")


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> list[Message]:
    """Every message of code and templates."""
    found = tmp_path_factory.mktemp("messages") / "messages.pot"
    command = [
        sys.executable,
        "-m",
        "babel.messages.frontend",
        "extract",
        "-F",
        str(TRANSLATIONS / "babel.cfg"),
    ]
    for keyword in KEYWORDS:
        command += ["-k", keyword]
    subprocess.run([*command, "-o", str(found), "."], cwd=PROJECT_ROOT, capture_output=True, check=True)
    with found.open("rb") as file:
        catalog = read_po(file)
    assert len(catalog) > 1000
    return [
        message
        for message in catalog
        if message.id and not all(place.startswith(_SAMPLES) for place, _line in message.locations)
    ]


def catalog_of(language: str) -> Catalog:
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def texts(value: object) -> list[str]:
    return [value] if isinstance(value, str) else [str(part) for part in value]  # type: ignore[attr-defined]


@pytest.mark.covers("PPL-09")
@pytest.mark.parametrize("language", ["fr", "wo"])
def test_no_sentence_is_left_untranslated(language: str, spoken: list[Message]) -> None:
    catalog = catalog_of(language)

    missing = [
        message.id
        for message in spoken
        if (known := catalog.get(message.id)) is None or not all(texts(known.string))
    ]

    assert missing == []


MARKED = re.compile(r"\[\[[^\[\]]+\]\]")
ASKED_TO_WRITE = re.compile(r"\b(?:write|talk) to us\b|\b(?:call|contact) us\b", re.IGNORECASE)


def test_whoever_is_asked_to_write_to_us_is_led_there(spoken: list[Message]) -> None:
    """The words are marked, so that a page makes them a link (`portal/kernel/contact.py`), in each language."""
    asked = [message for message in spoken if any(map(ASKED_TO_WRITE.search, texts(message.id)))]
    assert len(asked) > 10
    # Wave writes to us; nobody else is told so.
    assert [
        message.id
        for message in asked
        if not MARKED.search(texts(message.id)[0]) and not str(message.id).startswith("Wave writes")
    ] == []

    for language in ("fr", "wo"):
        catalog = catalog_of(language)
        assert [
            (message.id, text)
            for message in spoken
            if (known := catalog.get(message.id)) is not None
            for text in texts(known.string)
            if len(MARKED.findall(text)) != len(MARKED.findall(texts(message.id)[0]))
        ] == []


@pytest.mark.parametrize("language", ["fr", "wo"])
def test_translations_keep_the_blanks(language: str) -> None:
    wrong = []
    for message in catalog_of(language):
        wanted = set(BLANK.findall(" ".join(texts(message.id)))) - {"%(num)s"}
        for text in texts(message.string) if message.id else []:
            if set(BLANK.findall(text)) - {"%(num)s"} != wanted:
                wrong.append((message.id, text))

    assert wrong == []
