"""Address books that no phone exports: a page or a sentence, and nobody is on the list."""

from __future__ import annotations

import pytest

from portal.referrals.importing import MAX_CONTACTS, MAX_FILE_BYTES
from tests.badinput.hostile import ATTRIBUTES, FORMULA, SCRIPT
from tests.badinput.judging import complaints
from tests.badinput.pictures import photo, zip_bomb
from tests.badinput.table import DOORS, knock
from tests.badinput.trying import Trial

_DOOR = next(door for door in DOORS if door.key == ("referrals_sponsor.import_contacts", "POST"))
_CONFIRM = next(door for door in DOORS if door.key == ("referrals_sponsor.confirm_import", "POST"))
_CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{}\r\nTEL:{}\r\nEND:VCARD\r\n"


def _cards(count: int) -> bytes:
    return "".join(_CARD.format(f"Ami {n}", f"77{n:07d}") for n in range(count)).encode()


def _nested(depth: int) -> bytes:
    return ("BEGIN:VCARD\r\nVERSION:3.0\r\n" * depth + "TEL:771234567\r\n" + "END:VCARD\r\n" * depth).encode()


# What each leads to: a preview (200) or a sentence at the field (422).
BOOKS = {
    "nothing": (b"", 422),
    "blanks": (b" \r\n\t\r\n", 422),
    "a program": (b"MZ" + bytes(range(256)) * 40, 422),
    "a picture": (photo(), 422),
    "a zip bomb": (zip_bomb(), 422),
    "too large": (b"x" * (MAX_FILE_BYTES + 1), 422),
    "very many cards": (_cards(MAX_CONTACTS + 200), 200),
    "a card in a card in a card": (_nested(500), 200),
    "a card of one endless line": (b"BEGIN:VCARD\r\nFN:" + b"A" * 1_000_000 + b"\r\nTEL:771234567\r\nEND:VCARD", 200),
    "a card folded without end": (b"BEGIN:VCARD\r\nFN:A" + b"\r\n A" * 200_000 + b"\r\nEND:VCARD", 200),
    "a card that never ends": (b"BEGIN:VCARD\r\nFN:Awa\r\nTEL:771234567", 200),
    "cards that only begin": (b"BEGIN:VCARD\r\n" * 50_000, 200),
    "a card in an encoding that is none": (
        b"BEGIN:VCARD\r\nFN;CHARSET=KLINGON;ENCODING=QUOTED-PRINTABLE:=41=ZZ=00\r\nTEL:771234567\r\nEND:VCARD", 200,
    ),
    "a card with NUL in its name": (
        b"BEGIN:VCARD\r\nVERSION:2.1\r\nFN;ENCODING=QUOTED-PRINTABLE:A=00wa\r\nTEL:771234567\r\nEND:VCARD", 200,
    ),
    "a card that says it is UTF-16": (_CARD.format("Awa", "771234567").encode("utf-16"), 200),
    "a card of bytes that are no text": (b"BEGIN:VCARD\r\nFN:\xff\xfe\x80\r\nTEL:771234567\r\nEND:VCARD", 200),
    "a card with a script": (_CARD.format(SCRIPT + ATTRIBUTES[0], "771234567").encode(), 200),
    "a card with a formula": (_CARD.format(FORMULA, "771234567").encode(), 200),
    "a table of a million columns": (b"Nom,Mobile" + b"," * 1_000_000 + b"\nAwa,771234567\n", 200),
    "a table of a million empty columns": (b"," * 1_000_000, 200),
    "a quotation mark that never closes": (b'Nom,Mobile\n"Awa,771234567\n' + b"x,771234568\n" * 1_000, 200),
    "a cell of five hundred thousand signs": (b'Nom,Mobile\n"' + b"A" * 500_000 + b'",771234567\n', 422),
    "a table with formulas": (f'Nom,Mobile\n"{FORMULA}",771234567\n@SUM(1+1),771234568\n'.encode(), 200),
    "a table with a script": (f'Nom,Mobile\n"{SCRIPT}",771234567\n'.encode(), 200),
    "a table in UTF-16": ("Nom;Mobile\nAwa;771234567\n".encode("utf-16"), 200),
    "a table in UTF-16 cut in half": ("Nom;Mobile\nAwa;771234567\n".encode("utf-16")[:-1], 200),
    "a table with a mark": (b"\xef\xbb\xbfNom,Mobile\nAwa,771234567\n", 200),
    "a table of NUL": (bytes(100_000), 422),
    "a table with NUL": (b"Nom,Mobile\nAwa\x00,771234567\n", 422),
    "a table with lines of every kind": (b"Nom,Mobile\rAwa,771234567\r\nModou,771234568\n\x0bX\x0c\x1c", 422),
}  # fmt: skip


@pytest.mark.covers("REF-44")
@pytest.mark.parametrize("kind", BOOKS)
@pytest.mark.parametrize("name", ["contacts.vcf", "contacts.csv"])
def test_an_address_book_is_read_or_refused_and_nothing_is_kept(trial: Trial, kind: str, name: str) -> None:
    data, answer = BOOKS[kind]

    tried = knock(trial, _DOOR, form={}, files={"file": (data, name)})

    assert [*complaints(tried, {answer})] == []
    assert tried.changed == set()


@pytest.mark.parametrize("kind", [kind for kind, (data, answer) in BOOKS.items() if answer == 200])
def test_what_was_read_of_it_can_be_kept(trial: Trial, kind: str) -> None:
    """No name that a page shows is one that the database refuses."""
    preview = knock(trial, _DOOR, form={}, files={"file": (BOOKS[kind][0], "contacts")})
    sealed = preview.page.partition('name="sealed" value="')[2].partition('"')[0]
    if not sealed:
        return

    assert [*complaints(knock(trial, _CONFIRM, form={"sealed": sealed}), {303})] == []


@pytest.mark.parametrize("sealed", ["", "x", "\x00", "WyJ4Il0.x.y", "é" * 2_000, "{sealed}x"])
def test_a_preview_that_is_not_ours_is_refused(trial: Trial, sealed: str) -> None:
    given = sealed.replace("{sealed}", trial.world.names["sealed"])

    tried = knock(trial, _CONFIRM, form={"sealed": given})

    assert [*complaints(tried, {422})] == []
    assert tried.changed == set()


def test_somebody_elses_preview_is_refused(trial: Trial) -> None:
    tried = knock(trial, _CONFIRM, by="client")

    assert [*complaints(tried, {422})] == []
