"""Address books as real phones write them."""

from __future__ import annotations

import base64

import pytest

from portal.referrals.addresses import Problem, Written
from portal.referrals.vcards import read_cards

PHOTO = base64.b64encode(bytes(range(256)) * 3).decode()


def folded(text: str, end: str) -> str:
    """A base64 picture as 3.0 folds it: 72 signs a line, a blank before each."""
    return end.join(
        f" {text[start : start + 72]}" if start else text[:72] for start in range(0, len(text), 72)
    )


SAMSUNG = "\r\n".join(
    [
        "BEGIN:VCARD",
        "VERSION:2.1",
        "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=4E=64=69=61=79=65;=41=C3=AF=73=73=61=74=6F=75;;;",
        "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=41=C3=AF=73=73=61=74=6F=75=20=4E=64=69=61=79=65=20=28=",
        "=62=75=72=65=61=75=29",
        "TEL;CELL;PREF:771234567",
        "TEL;X-Custom(CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=50=72=6F):+221 76 555 44 33",
        f"PHOTO;ENCODING=BASE64;JPEG:{folded(PHOTO, chr(13) + chr(10))}",
        "",
        "X-ANDROID-CUSTOM:vnd.android.cursor.item/relation;;1;;;;;;;;;;;;;",
        "END:VCARD",
    ]
)
IPHONE = "\n".join(
    [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "PRODID:-//Apple Inc.//iPhone OS 17.4//EN",
        "N:Diop;Moussa;;;",
        "FN:Moussa Diop",
        "item1.TEL;type=pref:+221 77 987 65 43",
        "item1.X-ABLabel:_$!<Mobile>!$_",
        "item2.EMAIL;type=INTERNET:moussa.diop@exem",
        " ple.sn",
        "item2.X-ABLabel:école",
        f"PHOTO;ENCODING=b;TYPE=JPEG:{folded(PHOTO, chr(10))}",
        "NOTE:Ami de Thiès\\nTEL:999",
        "END:VCARD",
    ]
)
GOOGLE = "\r\n".join(
    [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "FN:Khady Bâ",
        "N:Bâ;Khady;;;",
        "EMAIL;TYPE=INTERNET;TYPE=HOME:khady@example.org",
        "TEL;TYPE=CELL:(+221) 78-111-22-33",
        "item1.URL:http\\://www.google.com/profiles/1",
        "CATEGORIES:myContacts,Famille",
        "END:VCARD",
    ]
)
NOKIA = "\r\n".join(
    [
        "BEGIN:VCARD",
        "VERSION:2.1",
        "N;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:S=E8ne;B=E9atrice",
        "TEL;HOME;VOICE:33 823 45 67",
        "TEL;CELL;VOICE:00221771112233",
        "NOTE;ENCODING=QUOTED-PRINTABLE:ligne 1=0D=0A=",
        "TEL;CELL:000",
        "END:VCARD",
    ]
)
VERSION_FOUR = "\r\n".join(
    [
        "BEGIN:VCARD",
        "VERSION:4.0",
        "FN:Fatou\\, la voisine",
        'TEL;VALUE=uri;PREF=1;TYPE="voice,cell":tel:+221-77-223-12-34;ext=5',
        "EMAIL;TYPE=work:fatou@example.sn",
        f"PHOTO:data:image/jpeg;base64,{folded(PHOTO, chr(13) + chr(10))}",
        "END:VCARD",
    ]
)


@pytest.mark.covers("REF-44")
@pytest.mark.parametrize(
    ("card", "expected"),
    [
        pytest.param(
            SAMSUNG,
            Written(1, "Aïssatou Ndiaye (bureau)", ("771234567", "+221 76 555 44 33"), ()),
            id="Samsung 2.1, quoted-printable with soft breaks and a label of its own",
        ),
        pytest.param(
            IPHONE,
            Written(1, "Moussa Diop", ("+221 77 987 65 43",), ("moussa.diop@exemple.sn",)),
            id="iPhone 3.0, grouped and folded",
        ),
        pytest.param(
            GOOGLE,
            Written(1, "Khady Bâ", ("(+221) 78-111-22-33",), ("khady@example.org",)),
            id="Google 3.0",
        ),
        pytest.param(
            NOKIA,
            Written(1, "Béatrice Sène", ("33 823 45 67", "00221771112233"), ()),
            id="Nokia 2.1, Latin 1, without FN",
        ),
        pytest.param(
            VERSION_FOUR,
            Written(1, "Fatou, la voisine", ("+221-77-223-12-34",), ("fatou@example.sn",)),
            id="4.0, a number as an address",
        ),
    ],
)
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"], ids=["CRLF", "LF", "CR"])
def test_a_card_of_a_real_phone_is_understood(card: str, expected: Written, end: str) -> None:
    text = card.replace("\r\n", "\n").replace("\n", end)

    assert list(read_cards(text)) == [expected]


def test_the_cards_of_a_file_are_found_with_their_lines() -> None:
    found = list(read_cards("\n".join([IPHONE, "", NOKIA.replace("\r\n", "\n"), GOOGLE])))

    assert [card.name for card in found] == ["Moussa Diop", "Béatrice Sène", "Khady Bâ"]
    assert found[1].line == len(IPHONE.splitlines()) + 2


def test_a_broken_card_does_not_hide_the_next_one() -> None:
    cut = "BEGIN:VCARD\nVERSION:3.0\nFN:Coupée\nTEL:77"

    found = list(read_cards(f"{cut}\n{GOOGLE}\n{cut}"))

    assert [(card.name, card.problem) for card in found] == [
        (None, Problem.CUT),
        ("Khady Bâ", None),
        (None, Problem.CUT),
    ]


@pytest.mark.parametrize("charset", ["KLINGON", "UTF-16"])
def test_a_name_that_cannot_be_read_does_not_cost_the_number(charset: str) -> None:
    card = (
        "BEGIN:VCARD\nVERSION:2.1\n"
        f"FN;CHARSET={charset};ENCODING=QUOTED-PRINTABLE:=41=42=43\nTEL;CELL:771112233\nEND:VCARD"
    )

    (found,) = read_cards(card)

    assert found.phones == ("771112233",)
    assert found.problem is None


def test_a_card_of_endless_lines_is_read_as_far_as_any_real_card_goes() -> None:
    card = "BEGIN:VCARD\nVERSION:3.0\n" + "TEL:771112233\n" * 50_000 + "END:VCARD\n"

    (found,) = read_cards(card)

    assert 0 < len(found.phones) < 300


@pytest.mark.parametrize("name", ["=ZZ=", "=", "==41", "=4"])
def test_broken_quoted_printable_is_no_reason_to_stop(name: str) -> None:
    card = (
        f"BEGIN:VCARD\nVERSION:2.1\nFN;ENCODING=QUOTED-PRINTABLE:{name}\nTEL:771112233\nEND:VCARD\n{GOOGLE}"
    )

    assert list(read_cards(card))[-1].name == "Khady Bâ"


def test_what_cannot_be_read_is_not_written_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:Awa\nTEL;(771234567\nTEL:761234567\nEND:VCARD\n"

    (read,) = read_cards(card)

    assert read.phones == ("761234567",)
    assert caplog.records == []
