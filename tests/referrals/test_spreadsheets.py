"""Tables and pasted lines as people have them."""

from __future__ import annotations

import pytest

from portal.referrals.spreadsheets import read_rows

GOOGLE = (
    "First Name,Middle Name,Last Name,Phonetic First Name,Nickname,Organization Name,Labels,"
    "E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value\r\n"
    'Khady,,Bâ,,"K, la reine",,* myContacts,Home,khady@example.org,Mobile,+221 78 111 22 33 ::: 77 111 22 33,,\r\n'
)
OLD_GOOGLE = (
    "Name,Given Name,Family Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value\n"
    "Khady Bâ,Khady,Bâ,* myContacts,,,Mobile,781112233\n"
)
OUTLOOK = (
    '"First Name","Last Name","Company Main Phone","E-mail Display Name","E-mail Address","Mobile Phone"\r\n'
    '"Moussa","Diop","","Moussa (moussa@example.org)","moussa@example.org","77 987 65 43"\r\n'
)
FRENCH = "Nom;Prénom;Téléphone;Adresse de messagerie\nSarr;Fatou;77 123 45 67;fatou@example.org\n"
WOLOF = "tur\ttelefon\nIbou Fall\t761234567\n"


@pytest.mark.covers("REF-44")
@pytest.mark.parametrize(
    ("text", "name", "phones", "emails"),
    [
        (GOOGLE, "Khady Bâ", ("+221 78 111 22 33", "77 111 22 33"), ("khady@example.org",)),
        (OLD_GOOGLE, "Khady Bâ", ("781112233",), ()),
        (
            OUTLOOK,
            "Moussa Diop",
            ("77 987 65 43",),
            ("Moussa (moussa@example.org)", "moussa@example.org"),
        ),
        (FRENCH, "Fatou Sarr", ("77 123 45 67",), ("fatou@example.org",)),
        (WOLOF, "Ibou Fall", ("761234567",), ()),
        ("\ufeffNom,Mobile\nAwa,771234567\n", "Awa", ("771234567",), ()),
    ],
    ids=["Google", "Google before 2023", "Outlook", "French spreadsheet", "Wolof, tabs", "byte order mark"],
)
def test_a_table_with_a_heading_is_understood(
    text: str, name: str, phones: tuple[str, ...], emails: tuple[str, ...]
) -> None:
    (row,) = read_rows(text)

    assert (row.line, row.name, row.phones, row.emails) == (2, name, phones, emails)


@pytest.mark.covers("REF-44")
@pytest.mark.parametrize(
    ("line", "name", "phones", "emails"),
    [
        ("Awa Diop, 77 123 45 67", "Awa Diop", ("77 123 45 67",), ()),
        ("Awa Diop 77 123 45 67", "Awa Diop", ("77 123 45 67",), ()),
        ("77 123 45 67 Awa Diop", "Awa Diop", ("77 123 45 67",), ()),
        ("Awa - +221771234567", "Awa", ("+221771234567",), ()),
        ("Awa;77.123.45.67;awa@exemple.sn", "Awa", ("77.123.45.67",), ("awa@exemple.sn",)),
        ("Awa (bureau), 771234567", "Awa (bureau)", ("771234567",), ()),
        ("Awa (771234567)", "Awa", ("(771234567",), ()),
        ("Awa <awa@exemple.sn>", "Awa", (), ("awa@exemple.sn",)),
        ("771234567", None, ("771234567",), ()),
        ('"Diop, Awa",771234567', "Diop, Awa", ("771234567",), ()),
        ("Awa, 77 12", "Awa, 77 12".replace(",", ""), (), ()),
    ],
)
def test_a_pasted_line_is_understood_in_any_order(
    line: str, name: str | None, phones: tuple[str, ...], emails: tuple[str, ...]
) -> None:
    (row,) = read_rows(line)

    assert (row.name, row.phones, row.emails) == (name, phones, emails)


def test_an_open_quote_swallows_no_other_line() -> None:
    found = list(read_rows('"Awa, 771234567\nFatou, 761234567\n'))

    assert [row.phones for row in found] == [("771234567",), ("761234567",)]


def test_a_note_over_two_lines_does_not_break_a_table() -> None:
    text = 'Nom,Notes,Mobile\nAwa,"une\ndeux",771234567\nFatou,,761234567\n'

    assert [(row.line, row.name) for row in read_rows(text)] == [(3, "Awa"), (4, "Fatou")]
