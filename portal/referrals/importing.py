"""From a file or pasted text to contacts: what was understood, and what was refused line by line and why."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select

from portal.identity.models import User
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _
from portal.kernel.phones import parse_e164
from portal.referrals.models import SponsorContact
from portal.referrals.vcards import read_cards

MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_CONTACTS = 2_000
MAX_NAME = 255
_NAMES = frozenset({"name", "nom", "tur", "full name", "nom complet", "display name", "first name", "prénom"})
_PHONES = frozenset({"phone", "telephone", "téléphone", "tel", "mobile", "phone 1 - value", "numéro"})
_EMAILS = frozenset({"email", "e-mail", "mail", "e-mail 1 - value", "courriel", "adresse e-mail"})


@dataclass(frozen=True, slots=True)
class Understood:
    """One contact ready to be kept; at least one of `phone` (E.164) and `email` (lower case) is set."""

    name: str | None
    phone: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that gives no contact: where, what it said (shortened), and why."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do: nothing is kept yet."""

    contacts: tuple[Understood, ...]
    refused: tuple[RefusedLine, ...]
    merged: int


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    added: int
    completed: int
    known: int


@dataclass(frozen=True, slots=True)
class _Line:
    line: int
    name: str | None
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    problem: str | None = None


def preview(data: bytes) -> Preview:
    """Read a vCard or CSV file (or the same as pasted text). Raises `InvalidInput` when it is neither."""
    if len(data) > MAX_FILE_BYTES:
        raise InvalidInput(_("This file is larger than 5 MB."), field="file")
    text = _decoded(data)
    if "BEGIN:VCARD" in text.upper():
        lines = [_Line(*asdict(card).values()) for card in read_cards(text)]
    else:
        lines = list(_csv_lines(text))
    if not lines:
        raise InvalidInput(
            _("We found no contact in this file. Use a vCard (.vcf) or CSV file."), field="file"
        )
    return _sorted_out(lines)


def keep(sponsor_id: UUID, contacts: Iterable[Understood], *, by: Actor) -> Imported:
    """Add contacts to the sponsor's list; one already there (by phone or e-mail) is completed, not doubled."""
    # One import of a sponsor at a time, so that positions stay without gaps and without doubles.
    db.session.execute(select(User.id).where(User.id == sponsor_id).with_for_update(key_share=True))
    known = list(
        db.session.execute(
            select(SponsorContact).where(SponsorContact.sponsor_user_id == sponsor_id)
        ).scalars()
    )
    by_phone = {row.phone: row for row in known if row.phone}
    by_email = {row.email: row for row in known if row.email}
    position = db.session.execute(
        select(func.coalesce(func.max(SponsorContact.position), -1)).where(
            SponsorContact.sponsor_user_id == sponsor_id
        )
    ).scalar_one()
    added = completed = same = 0
    for contact in contacts:
        there = by_phone.get(contact.phone) or by_email.get(contact.email)
        if there is not None:
            changed = _complete(there, contact, by_phone, by_email)
            completed, same = completed + changed, same + (not changed)
            continue
        position += 1
        row = SponsorContact(
            sponsor_user_id=sponsor_id,
            position=position,
            name=contact.name,
            phone=contact.phone,
            email=contact.email,
            source="import",
            created_by=by.user_id,
        )
        db.session.add(row)
        by_phone |= {row.phone: row} if row.phone else {}
        by_email |= {row.email: row} if row.email else {}
        added += 1
    return Imported(added, completed, same)


def understood(name: str | None, phones: Iterable[str], emails: Iterable[str]) -> Understood | str:
    """One contact from what was written, or the sentence that says why there is none."""
    typed = [number for number in phones if number.strip()]
    numbers = [number for number in (parse_e164(text) for text in typed) if number]
    addresses = [address for address in (_address(text) for text in emails if text.strip()) if address]
    if not numbers and not addresses:
        return _("This number cannot be called.") if typed else _("There is no phone number and no e-mail.")
    clean = " ".join((name or "").replace("\x00", "").split())[:MAX_NAME]
    return Understood(clean or None, numbers[0] if numbers else None, addresses[0] if addresses else None)


def _complete(
    row: SponsorContact,
    contact: Understood,
    by_phone: dict[str | None, SponsorContact],
    by_email: dict[str | None, SponsorContact],
) -> bool:
    """Fill what the known contact lacks, unless another contact has it."""
    before = (row.name, row.phone, row.email)
    row.name = row.name or contact.name
    if row.phone is None and contact.phone and contact.phone not in by_phone:
        row.phone = contact.phone
        by_phone[contact.phone] = row
    if row.email is None and contact.email and contact.email not in by_email:
        row.email = contact.email
        by_email[contact.email] = row
    return (row.name, row.phone, row.email) != before


def _sorted_out(lines: list[_Line]) -> Preview:
    contacts: list[Understood] = []
    refused: list[RefusedLine] = []
    merged = 0
    seen: set[str] = set()
    for line in lines:
        found = understood(line.name, line.phones, line.emails) if line.problem is None else _problem(line)
        if isinstance(found, Understood) and len(contacts) >= MAX_CONTACTS:
            found = _("At most %(limit)s contacts are taken from one file.", limit=MAX_CONTACTS)
        if isinstance(found, str):
            refused.append(RefusedLine(line.line, _shown(line), found))
            continue
        marks = {mark for mark in (found.phone, found.email) if mark}
        if marks & seen:
            merged += 1
        else:
            contacts.append(found)
        seen |= marks
    return Preview(tuple(contacts), tuple(refused), merged)


def _problem(line: _Line) -> str:
    return _("This card is cut off.") if line.problem == "cut" else _("This card cannot be read.")


def _shown(line: _Line) -> str:
    return " · ".join(part for part in (line.name or "", *line.phones, *line.emails) if part)[:80]


def _address(text: str) -> str | None:
    try:
        return validate_email(text.strip()[:320], check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("cp1252", errors="replace")


def _csv_lines(text: str) -> Iterator[_Line]:
    """Rows with a heading that names the columns, else cells guessed by what they look like."""
    if "\x00" in text:
        raise InvalidInput(
            _("We found no contact in this file. Use a vCard (.vcf) or CSV file."), field="file"
        )
    sample = text[:4096]
    delimiter = max(",;\t", key=sample.count) if any(sign in sample for sign in ",;\t") else ","
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error:
        raise InvalidInput(_("This CSV file cannot be read."), field="file") from None
    heading = [cell.strip().casefold() for cell in rows[0]] if rows else []
    named = bool({*heading} & (_PHONES | _EMAILS))
    for number, row in enumerate(rows[1:] if named else rows, start=2 if named else 1):
        if any(cell.strip() for cell in row):
            yield _named_row(number, heading, row) if named else _guessed_row(number, row)


def _named_row(number: int, heading: list[str], row: list[str]) -> _Line:
    cells = list(zip(heading, row, strict=False))
    name = " ".join(value.strip() for title, value in cells if title in _NAMES and value.strip())
    return _Line(
        number,
        name or None,
        tuple(value for title, value in cells if title in _PHONES),
        tuple(value for title, value in cells if title in _EMAILS),
    )


def _guessed_row(number: int, row: list[str]) -> _Line:
    emails = tuple(cell for cell in row if "@" in cell)
    phones = tuple(cell for cell in row if cell not in emails and sum(map(str.isdigit, cell)) >= 7)
    words = [cell.strip() for cell in row if cell.strip() and cell not in emails and cell not in phones]
    return _Line(number, " ".join(words) or None, phones, emails)
