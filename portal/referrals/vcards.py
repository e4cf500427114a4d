"""Address books as phones export them: vCard 2.1, 3.0 and 4.0 (Android, iPhone, Google, old Nokia).

vobject reads a card well but stumbles over what we do not need (photos, vendor fields), so each card is
reduced to the lines about names, numbers and addresses before it is read.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import vobject
from vobject.base import Component, ParseError

from portal.referrals.addresses import Problem, Written

_WANTED = re.compile(
    r"^(?:[\w-]+\.)?(?:(?:BEGIN|END):VCARD\s*$|(?:VERSION|FN|N|TEL|EMAIL)(?=[;:(]))", re.IGNORECASE
)
_NAME = re.compile(r"^(?:[\w-]+\.)?(FN|N)[;:]", re.IGNORECASE)
# Some Android phones write TEL;X-Custom(CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=4D=61)…
_CUSTOM_LABEL = re.compile(r";X-[\w-]+\([^)]*\)", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")
# Far more than anybody's card has; what lies beyond is not read.
_MAX_LINE = 2_000
_MAX_LINES = 200
# It would write every line it cannot read into our log, with the names and numbers in it.
logging.getLogger("vobject.base").setLevel(logging.CRITICAL)
_UNREADABLE = (ParseError, StopIteration, ValueError, LookupError, AttributeError)


def is_card_file(text: str) -> bool:
    """Whether the text holds cards at all."""
    return "BEGIN:VCARD" in text.upper()


def read_cards(text: str) -> Iterator[Written]:
    """Every card with the line it begins at; a broken one does not hide the others."""
    for line, lines in _cards(text):
        yield _read(line, lines)


def _cards(text: str) -> Iterator[tuple[int, list[str]]]:
    start, inside = 0, None
    for number, line in enumerate(_LINE_END.split(text), start=1):
        word = line.strip().upper()
        if word == "BEGIN:VCARD":
            if inside is not None:
                yield start, inside
            start, inside = number, [line.strip()]
        elif inside is not None:
            inside.append(line)
            if word == "END:VCARD":
                yield start, inside
                inside = None
    if inside is not None:
        yield start, inside


def _read(line: int, lines: list[str]) -> Written:
    if lines[-1].strip().upper() != "END:VCARD":
        return Written(line, None, (), (), Problem.CUT)
    reduced = list(_reduced(lines))
    # A name in an encoding that does not exist must not cost the number.
    for attempt in (reduced, [text for text in reduced if not _NAME.match(text)]):
        try:
            return _parsed(line, attempt)
        except _UNREADABLE:
            continue
    return Written(line, None, (), (), Problem.UNREADABLE)


def _parsed(line: int, lines: list[str]) -> Written:
    text = "\r\n".join(lines) + "\r\n"
    card = next(vobject.readComponents(text, validate=False, ignoreUnreadable=True, allowQP=True))
    phones = tuple(_without_scheme(entry.value) for entry in card.contents.get("tel", ()))
    emails = tuple(str(entry.value).strip() for entry in card.contents.get("email", ()))
    return Written(line, _name(card), phones, emails)


def _reduced(lines: list[str]) -> Iterator[str]:
    """The wanted properties with their folded and quoted-printable continuation lines."""
    keeping = soft_break = False
    kept = 0
    for line in lines:
        # Cut first: what a label's pattern does with a line of megabytes would take hours.
        line = line[:_MAX_LINE]
        if soft_break or line[:1] in (" ", "\t"):
            wanted = keeping
        else:
            wanted = keeping = bool(_WANTED.match(line))
            line = _CUSTOM_LABEL.sub("", line)
        soft_break = line.endswith("=") and (soft_break or "QUOTED-PRINTABLE" in line.upper())
        if wanted and kept < _MAX_LINES:
            kept += 1
            yield line
    if kept == _MAX_LINES:
        yield "END:VCARD"


def _name(card: Component) -> str | None:
    if "fn" in card.contents and str(card.fn.value).strip():
        return str(card.fn.value).strip()
    if "n" in card.contents:
        return " ".join(str(card.n.value).split()) or None
    return None


def _without_scheme(value: object) -> str:
    text = str(value).strip()
    return text.removeprefix("tel:").split(";")[0]
