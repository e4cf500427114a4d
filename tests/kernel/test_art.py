"""Drawn pictures: the same for the same seed, of the promised size and format, and hard to break."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops

from portal.kernel import art
from portal.kernel.scenes import SCENES


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_cover_is_the_same_for_the_same_pot_and_another_for_another() -> None:
    assert art.pot_cover("awa") == art.pot_cover("awa")
    assert len({art.pot_cover(str(seed)) for seed in range(12)}) > 10


def test_a_cover_is_light_enough_for_a_phone() -> None:
    for seed in range(12):
        data = art.pot_cover(str(seed))
        assert opened(data).format == "WEBP"
        assert opened(data).size == art.COVER_SIZE
        assert len(data) < 90 * 1024


@pytest.mark.parametrize("category", [*SCENES, "anything else"])
def test_a_pack_has_a_picture_whatever_its_category(category: str) -> None:
    data = art.pack_picture(category, "djoloff")
    assert opened(data).size == art.COVER_SIZE
    assert data == art.pack_picture(category, "djoloff")


def test_categories_do_not_share_a_picture() -> None:
    assert len({art.pack_picture(category, "x") for category in SCENES}) == len(SCENES)


@pytest.mark.parametrize("name", ["Awa Ndiaye", "ŋ", "", "Ñuul-kuk-ñombi " * 20])
def test_anybody_gets_a_portrait(name: str) -> None:
    assert opened(art.portrait(name)).size == (256, 256)


@pytest.mark.parametrize("title", ["", "Awa", "Le très grand anniversaire " * 9, "x" * 300])
@pytest.mark.parametrize("percent", [-5, 0, 1, 75, 250])
def test_a_share_preview_holds_any_title_and_any_progress(title: str, percent: int) -> None:
    picture = opened(art.pot_preview(title, "15 000 F CFA", percent, None))
    assert picture.format == "JPEG"
    assert picture.size == (1200, 630)


def test_a_share_preview_shows_the_cover_it_is_given_and_survives_a_broken_one() -> None:
    red = io.BytesIO()
    Image.new("RGB", (300, 200), "#ff0000").save(red, "WEBP")
    shown = opened(art.pot_preview("Awa", "15 000 F CFA", 50, red.getvalue())).convert("RGB")
    right_edge = shown.getpixel((1150, 300))
    assert isinstance(right_edge, tuple)
    assert right_edge[0] > 200
    assert right_edge[1] < 60
    broken = opened(art.pot_preview("Awa", "15 000 F CFA", 50, b"not a picture"))
    drawn = opened(art.pot_preview("Awa", "15 000 F CFA", 50, None))
    assert ImageChops.difference(broken, drawn).getbbox() is None


def test_the_shipped_fonts_write_french_and_wolof() -> None:
    for weight in ("Regular", "Bold"):
        font = art._font(weight, 40)
        shapes = {letter: bytes(font.getmask(letter)) for letter in "ŋŊñÑëËéèêàùçœŒ’−€"}
        missing = bytes(font.getmask("\uffff"))
        assert [letter for letter, shape in shapes.items() if shape == missing] == []
