"""From a file or pasted text to contacts: what was understood, what was merged, what was refused and why.

Nothing is kept here: the sponsor looks at the preview first, then `contacts.keep` takes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _
from portal.referrals.addresses import Problem, Reachable, Written, understood
from portal.referrals.spreadsheets import read_rows
from portal.referrals.vcards import is_card_file, read_cards

MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_CONTACTS = 2_000
MAX_ENTRIES = 5_000
_SHOWN = 80
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x19\x1c-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Found:
    """A contact that would be kept, and the line it comes from."""

    line: int
    who: Reachable


@dataclass(frozen=True, slots=True)
class Remark:
    """A line that gives no contact of its own: where, what it says (shortened), and why."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do; every entry read is in exactly one of the three."""

    contacts: tuple[Found, ...]
    merged: tuple[Remark, ...]
    refused: tuple[Remark, ...]

    @property
    def read(self) -> int:
        """How many entries there were."""
        return len(self.contacts) + len(self.merged) + len(self.refused)


def preview(data: bytes, *, field: str = "file") -> Preview:
    """Read a vCard or CSV file, or the same as pasted text, by its content and never by its name (R-34).

    Raises `InvalidInput` for `field` when it is too large or is neither.
    """
    if len(data) > MAX_FILE_BYTES:
        raise InvalidInput(_("This file is larger than 5 MB."), field=field)
    text = _decoded(data)
    entries = list(islice(_entries(text, field), MAX_ENTRIES + 1))
    if not entries:
        raise _nothing_found(field)
    found = _sorted_out(entries[:MAX_ENTRIES])
    if len(entries) <= MAX_ENTRIES:
        return found
    rest = _("From here on nothing was read: at most %(limit)s entries at a time.", limit=MAX_ENTRIES)
    return replace(found, refused=(*found.refused, Remark(entries[-1].line, "", rest)))


def _entries(text: str, field: str) -> Iterator[Written]:
    if is_card_file(text):
        return read_cards(text)
    if _NOT_TEXT.search(text):
        raise _nothing_found(field)
    return read_rows(text)


def _nothing_found(field: str) -> InvalidInput:
    return InvalidInput(_("We found no contact here. Use a vCard (.vcf) or CSV file."), field=field)


def _decoded(data: bytes) -> str:
    """The text, in the encoding that phones and spreadsheets really use: UTF-8, UTF-16, else Windows'."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    if data[1:2] == b"\x00" and data[3:4] == b"\x00":
        return data.decode("utf-16-le", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _sorted_out(entries: list[Written]) -> Preview:
    contacts: list[Found] = []
    merged: list[Remark] = []
    refused: list[Remark] = []
    known: dict[str, int] = {}
    for entry in entries:
        who = _problem(entry.problem) if entry.problem else understood(entry)
        if isinstance(who, str):
            refused.append(Remark(entry.line, _shown(entry), who))
            continue
        place = _known_place(known, who)
        if place is not None:
            merged.append(Remark(entry.line, _shown(entry), _same_as(contacts[place])))
            contacts[place] = replace(contacts[place], who=_completed(contacts[place].who, who, known))
        elif len(contacts) >= MAX_CONTACTS:
            too_many = _("At most %(limit)s contacts are taken at a time.", limit=MAX_CONTACTS)
            refused.append(Remark(entry.line, _shown(entry), too_many))
            continue
        else:
            place = len(contacts)
            contacts.append(Found(entry.line, who))
        for mark in (contacts[place].who.phone, contacts[place].who.email):
            if mark:
                known[mark] = place
    return Preview(tuple(contacts), tuple(merged), tuple(refused))


def _known_place(known: dict[str, int], who: Reachable) -> int | None:
    """Where the list has somebody with this number, else with this address."""
    places = (known.get(mark) for mark in (who.phone, who.email) if mark)
    return next((place for place in places if place is not None), None)


def _completed(first: Reachable, again: Reachable, known: dict[str, int]) -> Reachable:
    """The first entry with what it lacked, unless that belongs to another contact."""
    return Reachable(
        first.name or again.name,
        first.phone or (again.phone if again.phone not in known else None),
        first.email or (again.email if again.email not in known else None),
    )


def _same_as(found: Found) -> str:
    return _("The same person as in line %(line)s.", line=found.line)


def _problem(problem: Problem) -> str:
    return _("This card is cut off.") if problem is Problem.CUT else _("This card cannot be read.")


def _shown(entry: Written) -> str:
    """Enough of the line to find it again."""
    return " · ".join(part for part in (entry.name or "", *entry.phones, *entry.emails) if part)[:_SHOWN]
