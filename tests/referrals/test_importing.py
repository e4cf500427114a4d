"""What a preview says of a file: understood, merged, refused, line by line; and what it refuses cleanly."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from flask import Flask

from portal.kernel.errors import InvalidInput
from portal.referrals.addresses import Reachable
from portal.referrals.importing import MAX_CONTACTS, MAX_ENTRIES, MAX_FILE_BYTES, preview

TABLE = """Nom,Mobile,E-mail
Awa Diop,77 123 45 67,
Fatou,,FATOU@exemple.sn
Awa (bureau),+221771234567,awa@exemple.sn
Sans rien,,
Faux numéro,12345,
Fausse adresse,,awa@
Encore Awa,,awa@exemple.sn
"""


@pytest.fixture(autouse=True)
def speaking(app: Flask) -> object:
    with app.test_request_context():
        yield


@pytest.mark.covers("REF-44")
def test_a_preview_counts_what_was_understood_merged_and_refused() -> None:
    found = preview(TABLE.encode())

    assert [(one.line, one.who) for one in found.contacts] == [
        (2, Reachable("Awa Diop", "+221771234567", "awa@exemple.sn")),
        (3, Reachable("Fatou", None, "fatou@exemple.sn")),
    ]
    assert [one.line for one in found.merged] == [4, 8]
    assert [one.line for one in found.refused] == [5, 6, 7]
    assert found.read == 7
    assert all(one.reason for one in (*found.merged, *found.refused))
    assert "12345" in found.refused[1].text


@pytest.mark.covers("REF-44")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252"])
def test_a_file_is_read_in_the_encoding_it_was_written_in(encoding: str) -> None:
    card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Hélène Thiès\r\nTEL:771234567\r\nEND:VCARD\r\n"

    for text in (card, "Nom;Mobile\r\nHélène Thiès;771234567\r\n"):
        (only,) = preview(text.encode(encoding)).contacts
        assert only.who == Reachable("Hélène Thiès", "+221771234567", None)


def test_a_number_is_read_as_people_in_senegal_write_it() -> None:
    lines = ["77 123 45 67", "221771234567", "00221 77 123 45 67", "+33 6 12 34 56 78", "33 823 45 67"]

    found = preview("\n".join(lines).encode())

    assert [one.who.phone for one in found.contacts] == ["+221771234567", "+33612345678"]
    assert len(found.merged) == 2
    assert "33 823 45 67" in found.refused[0].text


def _zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("contacts.vcf", b"0" * 50_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   \r\n \n",
        _zip_bomb(),
        gzip.compress(b"0" * 50_000_000),
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
        b"Awa\x00,771234567\n",
        b"\xff\xfe" + bytes(3_001),
        b"MZ" + bytes(range(256)) * 40,
    ],
    ids=["empty", "blanks", "zip bomb", "gzip bomb", "picture", "NUL", "torn UTF-16", "program"],
)
def test_what_is_no_address_book_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        preview(data)

    assert refused.value.field == "file"
    assert refused.value.message


def test_a_file_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(InvalidInput, match="5"):
        preview(b"a" * (MAX_FILE_BYTES + 1))


def test_of_a_huge_list_the_rest_is_named_and_not_taken() -> None:
    lines = [f"Ami {number}, 7700{number:05d}" for number in range(MAX_ENTRIES + 50)]

    found = preview("\n".join(lines).encode())

    assert len(found.contacts) == MAX_CONTACTS
    assert len(found.refused) == MAX_ENTRIES - MAX_CONTACTS + 1
    assert found.refused[-1].line == MAX_ENTRIES + 1


@pytest.mark.parametrize(
    "data",
    [
        b"a," * (MAX_FILE_BYTES // 2),
        b'"' * (MAX_FILE_BYTES - 1),
        b"Nom,Mobile\n" + b'"' + b"x" * (MAX_FILE_BYTES - 100),
        b"BEGIN:VCARD\nEND:VCARD\n" * (MAX_FILE_BYTES // 22 - 1),
        b"BEGIN:VCARD\n" * (MAX_FILE_BYTES // 12 - 1),
        b"7" * (MAX_FILE_BYTES - 1),
        (b"7" * 30 + b"-") * (MAX_FILE_BYTES // 31 - 1),
        b"@" * (MAX_FILE_BYTES - 1),
        b"a@" * (MAX_FILE_BYTES // 2 - 1),
        # Each of the next three was hours of work for one pattern before it was bounded.
        (b"a" * 130_000 + b"\n") * (MAX_FILE_BYTES // 130_001),
        b"BEGIN:VCARD\nTEL" + b";X-a(" * (MAX_FILE_BYTES // 5 - 10) + b"\nEND:VCARD\n",
        (b"BEGIN:VCARD\n" + b"BEGIN:A\n" * 190 + b"END:VCARD\n") * (MAX_FILE_BYTES // 1543),
    ],
    ids=[
        "cells", "quotes", "one cell", "empty cards", "open cards", "digits", "groups", "ats", "addresses",
        "long words", "open labels", "cards in cards",
    ],
)  # fmt: skip
def test_a_large_file_of_nonsense_gives_a_preview_or_a_sentence(data: bytes) -> None:
    try:
        found = preview(data).contacts
    except InvalidInput:
        found = ()

    assert found == ()


def test_names_are_tidied_and_bounded() -> None:
    found = preview(f"  Awa\u200b \t Diop {'x' * 400}, 771234567".encode())

    name = found.contacts[0].who.name
    assert name is not None
    assert name.startswith("Awa Diop xxx")
    assert len(name) <= 255
