"""Names and words that reach others under our sender: no address, nothing to call."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.kernel.errors import InvalidInput
from portal.kernel.names import (
    first_name,
    is_name,
    organisation_name,
    person_name,
    refuse_links,
    shortened_name,
)


@pytest.fixture(autouse=True)
def _inside(session_app: Flask) -> Iterator[None]:
    with session_app.app_context():
        yield


@pytest.mark.parametrize(
    "name",
    [
        "Awa Ndiaye",
        "Dr. Awa N'Diaye-Sow",
        "J.-P. Diop (Sally)",
        "El Hadji Malick 3",
        "Ndèye Maïmouna",
        "أوا",
        "Promo 2015",
        "A. K. M. Fall",
    ],
)
def test_a_name_is_kept_as_it_is(name: str) -> None:
    assert person_name(f"  {name.replace(' ', '  ')}\u200b ", "name") == name


@pytest.mark.parametrize("name", ["Chez Awa", "1960", "Sénégal & Cie", "Hôtel (Saly) n° 24"])
def test_the_name_of_a_house_is_kept_as_it_is(name: str) -> None:
    assert organisation_name(f" \u200b{name} ", "name") == name


@pytest.mark.parametrize("name", ["WAVE: wave-sn.example/x", "Appelez 77 123 45 67", "a@b", "\u200b", "..."])
def test_what_leads_somewhere_is_no_name_of_a_house(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        organisation_name(name, "name")
    assert refused.value.field == "name"


@pytest.mark.parametrize(
    "name",
    [
        "WAVE: confirmez sur http://wave-sn.example/x",
        "Confirmez sur wave-sn.example",
        "WWW. wave",
        "www.wave",
        "Wave-sn\u3002example",
        "wave-sn．ｅｘａｍｐｌｅ",
        "wave-sn.\u200bexample",
        "Awa awa@exemple",
        "Appelez 77 123 45 67",
        "Appelez 77-123.45/67",
        "Appelez ７７１２３４５６７",
        "Awa 12345",
        "...",
        "x" * 256,
    ],
)
def test_what_leads_somewhere_is_no_name(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        person_name(name, "name")
    assert refused.value.field == "name"


@pytest.mark.parametrize(
    ("name", "first"),
    [("Awa Ndiaye", "Awa"), ("", ""), ("Anticonstitutionnellement Vôtre", "Anticonstitutionnel…")],
)
def test_a_text_message_says_the_first_name_and_not_too_much_of_it(name: str, first: str) -> None:
    assert first_name(name) == first


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Awa Ndiaye", "Awa Ndiaye"),
        ("Awa Marie Nd", "Awa Marie Nd"),
        ("Awa Marie Ndi", "Awa Marie…"),
        ("Awa Marie-Jo Sow", "Awa…"),
        ("Awamarie-Jo Sow", "Awamarie-Jo…"),
        ("Anticonstitution", "Anticonstit…"),
        # The accent stands apart from its letter, and goes or stays with it.
        ("Anticonstie\u0301tution", "Anticonsti…"),
        ("Anticonste\u0301tution", "Anticonste\u0301…"),
        ("Anticonsti\U0001f44d\U0001f3fftution", "Anticonsti…"),
    ],
)
def test_a_long_name_ends_after_a_whole_word_or_letter(name: str, shown: str) -> None:
    assert shortened_name(name, 12) == shown
    assert len(shown) <= 12


@pytest.mark.parametrize(
    "words", ["Viens sur wave.sn", "http://x", "ftp://1.2.3.4", "wave-sn。example", "www.x"]
)
def test_words_to_others_hold_no_web_address(words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        refuse_links(words, "message")
    assert refused.value.field == "message"
    assert not is_name(words)


@pytest.mark.parametrize(
    "words", [None, "", "Viens à 17.30 ! C'est 12.500 F.", "Viens... Awa. Le 3/5, au 77 123 45 67."]
)
def test_words_without_one_are_let_through(words: str | None) -> None:
    refuse_links(words, "message")
