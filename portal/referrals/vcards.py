"""Address books as phones export them: vCard 2.1, 3.0 and 4.0 (Android, iPhone, Google).

vobject reads a card well but stumbles over what we do not need (photos, vendor fields), so each card is
reduced to the lines about names, numbers and addresses before it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import vobject
from vobject.base import ParseError

_WANTED = re.compile(r"^(?:[\w-]+\.)?(BEGIN|END|VERSION|FN|N|TEL|EMAIL)(?=[;:(])", re.IGNORECASE)
# Some Android phones write TEL;X-Custom(CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=4D=61)…
_CUSTOM_LABEL = re.compile(r";X-[\w-]+\([^)]*\)", re.IGNORECASE)
_MAX_LINE = 2_000


@dataclass(frozen=True, slots=True)
class Card:
    """One person of an address book, as written there; `problem` is set when the card could not be read."""

    line: int
    name: str | None
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    problem: str | None = None


def read_cards(text: str) -> Iterator[Card]:
    """Every card of the file with the line it begins at; a broken one does not hide the others."""
    for line, lines in _cards(text):
        yield _read(line, lines)


def _cards(text: str) -> Iterator[tuple[int, list[str]]]:
    start, inside = 0, None
    for number, line in enumerate(text.splitlines(), start=1):
        word = line.strip().upper()
        if word == "BEGIN:VCARD":
            if inside is not None:
                yield start, inside
            start, inside = number, [line]
        elif inside is not None:
            inside.append(line)
            if word == "END:VCARD":
                yield start, inside
                inside = None
    if inside is not None:
        yield start, inside


def _read(line: int, lines: list[str]) -> Card:
    if lines[-1].strip().upper() != "END:VCARD":
        return Card(line, None, (), (), problem="cut")
    reduced = "\r\n".join(_reduced(lines)) + "\r\n"
    try:
        card = next(vobject.readComponents(reduced, validate=False, ignoreUnreadable=True, allowQP=True))
        phones = tuple(_without_scheme(entry.value) for entry in card.contents.get("tel", ()))
        emails = tuple(str(entry.value).strip() for entry in card.contents.get("email", ()))
        return Card(line, _name(card), phones, emails)
    except (ParseError, StopIteration, ValueError, LookupError, AttributeError):
        return Card(line, None, (), (), problem="unreadable")


def _reduced(lines: list[str]) -> Iterator[str]:
    """The wanted properties with their folded and quoted-printable continuation lines."""
    keeping = soft_break = False
    for line in lines:
        if soft_break or line[:1] in (" ", "\t"):
            wanted = keeping
        else:
            wanted = keeping = bool(_WANTED.match(line))
            line = _CUSTOM_LABEL.sub("", line)
        soft_break = line.endswith("=") and (soft_break or "QUOTED-PRINTABLE" in line.upper())
        if wanted:
            yield line[:_MAX_LINE]


def _name(card: vobject.base.Component) -> str | None:
    if "fn" in card.contents and str(card.fn.value).strip():
        return str(card.fn.value).strip()
    if "n" in card.contents:
        return " ".join(str(card.n.value).split()) or None
    return None


def _without_scheme(value: object) -> str:
    text = str(value).strip()
    return text.removeprefix("tel:").split(";")[0]
