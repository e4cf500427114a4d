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


@pytest.mark.parametrize("language", ["fr", "wo"])
def test_translations_keep_the_blanks(language: str) -> None:
    wrong = []
    for message in catalog_of(language):
        wanted = set(BLANK.findall(" ".join(texts(message.id)))) - {"%(num)s"}
        for text in texts(message.string) if message.id else []:
            if set(BLANK.findall(text)) - {"%(num)s"} != wanted:
                wrong.append((message.id, text))

    assert wrong == []
