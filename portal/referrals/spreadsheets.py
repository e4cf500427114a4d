"""Contacts in rows: CSV files of Google, Outlook and spreadsheets, and lines pasted or picked on a phone."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _
from portal.referrals.addresses import Written

_DELIMITERS = ",;\t"
# More columns than any address book has, and longer cells.
_MAX_CELLS = 100
_MAX_CELL = 2_000
_LABELS = re.compile(r"type|label|libellé|étiquette")
_PHONE = re.compile(r"phone(?!tic)|mobile|portable|gsm|whatsapp|\bt[ée]l|num[ée]ro")
# A heading names a number, it does not hold one.
_MAX_DIGITS = 3
_EMAIL = re.compile(r"mail|courriel|messagerie")
_FULL_NAMES = frozenset(
    {"name", "full name", "display name", "nom complet", "nom et prénom", "tur", "contact"}
)
_NAME_PARTS = (
    frozenset({"first name", "given name", "prénom", "prenom"}),
    frozenset({"middle name", "additional name", "deuxième prénom"}),
    frozenset({"last name", "family name", "surname", "nom de famille", "nom", "sant"}),
)
# Google puts several values of one label into one cell.
_SEVERAL = " ::: "
_NUMBER_INSIDE = re.compile(r"\+?\(?\d[\d\s().\-/\u00a0\u202f]{5,}\d")
# Begins where a word begins, so that a long word without an @ is looked at once and not from each of its letters.
_ADDRESS_INSIDE = re.compile(r"(?<![^\s,;<>()\"])[^\s,;<>()\"]+@[^\s,;<>()\"]+")
_AROUND_NAMES = " \t,;:<>\"'-–|"


@dataclass(slots=True)
class _Columns:
    """Which columns of a heading hold what."""

    full_name: list[int] = field(default_factory=list)
    parts: tuple[list[int], list[int], list[int]] = field(default_factory=lambda: ([], [], []))
    phones: list[int] = field(default_factory=list)
    emails: list[int] = field(default_factory=list)


def read_rows(text: str) -> Iterator[Written]:
    """Every row that holds anything: by its heading when there is one, else by what its cells look like.

    Raises `InvalidInput` when the text is not a table.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    columns = _columns(_cells(first, delimiter))
    if columns is None:
        yield from _plain_lines(text, delimiter)
    else:
        yield from _rows_below(text, delimiter, columns)


def _columns(heading: list[str]) -> _Columns | None:
    """What the heading names; None when it names neither a number nor an address, so it is a row itself."""
    if len(heading) < 2:
        return None
    columns = _Columns()
    for place, cell in enumerate(heading):
        title = cell.strip().strip("\ufeff").casefold()
        if "@" in title or sum(map(str.isdigit, title)) > _MAX_DIGITS or _LABELS.search(title):
            continue
        if _EMAIL.search(title):
            columns.emails.append(place)
        elif _PHONE.search(title):
            columns.phones.append(place)
        elif title in _FULL_NAMES:
            columns.full_name.append(place)
        else:
            for part, names in zip(columns.parts, _NAME_PARTS, strict=True):
                if title in names:
                    part.append(place)
    return columns if columns.phones or columns.emails else None


def _rows_below(text: str, delimiter: str, columns: _Columns) -> Iterator[Written]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    has_heading = False
    try:
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if not has_heading:
                has_heading = True
                continue
            yield Written(
                reader.line_num,
                _name(row, columns),
                tuple(_values(row, columns.phones)),
                tuple(_values(row, columns.emails)),
            )
    except csv.Error:
        raise InvalidInput(_("This table cannot be read. Save it as CSV again."), field="file") from None


def _name(row: list[str], columns: _Columns) -> str | None:
    full = next(_values(row, columns.full_name), None)
    return full or " ".join(value for part in columns.parts for value in _values(row, part)) or None


def _values(row: list[str], places: list[int]) -> Iterator[str]:
    for place in places:
        cell = row[place].strip() if place < len(row) else ""
        yield from (value.strip() for value in cell.split(_SEVERAL) if value.strip())


def _plain_lines(text: str, delimiter: str) -> Iterator[Written]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield _guessed(number, _cells(line, delimiter))


def _guessed(number: int, cells: list[str]) -> Written:
    """`Awa Diop, 77 123 45 67` in any order and with any sign between: what is left over is the name."""
    phones: list[str] = []
    emails: list[str] = []
    names: list[str] = []
    for cell in cells:
        emails += _ADDRESS_INSIDE.findall(cell)
        cell = _ADDRESS_INSIDE.sub(" ", cell)
        phones += _NUMBER_INSIDE.findall(cell)
        names.append(_left_over(_NUMBER_INSIDE.sub(" ", cell)))
    return Written(number, " ".join(name for name in names if name) or None, tuple(phones), tuple(emails))


def _left_over(text: str) -> str:
    """What is a name in it: without the signs that stood around the number, and half a bracket."""
    name = text.strip(_AROUND_NAMES)
    return name if name.count("(") == name.count(")") else name.strip(_AROUND_NAMES + "()")


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])[:_MAX_CELLS]
    except csv.Error:
        cells = [line]
    return [cell[:_MAX_CELL] for cell in cells]
