"""Every place that takes a picture: what is none is refused beside its field, what hides something loses it."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.badinput.doors import Door
from tests.badinput.judging import complaints
from tests.badinput.pictures import SECRET, not_pictures, photo, pictures_with_more
from tests.badinput.shelf import Shelf
from tests.badinput.table import DOORS, knock
from tests.badinput.trying import Trial, Tried

_ROW = {door.key: door for door in DOORS}
PLACES = (
    (_ROW["pots_client.create", "POST"], "cover"),
    (_ROW["pots_client.edit", "POST"], "cover"),
    (_ROW["pots_client.add_photo", "POST"], "photo"),
    (_ROW["people.edit_profile", "POST"], "photo"),
    (_ROW["packs_partner.new", "POST"], "photo"),
    (_ROW["packs_partner.edit", "POST"], "photo"),
    (_ROW["packs_partner.add_picture", "POST"], "gallery_photo"),
    (_ROW["packs_admin.new", "POST"], "photo"),
    (_ROW["packs_admin.edit", "POST"], "photo"),
    (_ROW["packs_admin.add_picture", "POST"], "gallery_photo"),
)
BOOK = (_ROW["referrals_sponsor.import_contacts", "POST"], "file")
# What it takes and refuses is told in `tests/people/test_papers.py`: it lies sealed on the disk.
PAPER = (_ROW["people.paper_list", "POST"], "scan")
_HIDDEN = (SECRET[:12], b"Exif", b"EXIF", b"ICCP", b"XMP ", b"PK\x03\x04")
_ALL = pytest.mark.parametrize(("door", "field"), PLACES, ids=str)
_NAMES = (
    "photo.jpg",
    "photo.PNG",
    "Awa. 12 ans",
    "../../../etc/passwd",
    "photo.php\x00.png",
    "",
    "A" * 3_000 + ".png",
    "<script>bad()</script>",
)


def _send(trial: Trial, door: Door, field: str, data: bytes, name: str = "photo.jpg") -> Tried:
    return knock(trial, door, files={field: (data, name)})


def test_every_place_that_takes_a_file_is_tried(trial: Trial) -> None:
    """A new one is found by the form it stands in."""
    taking = {
        (door.key, field.name)
        for door in DOORS
        if door.form is not None
        for form in knock(trial, door).heard.forms
        for field in form
        if field.type == "FileField" and field.name in knock(trial, door).heard.body
    }

    assert taking == {(door.key, field) for door, field in (*PLACES, BOOK, PAPER)}


@_ALL
def test_what_is_no_picture_is_refused_beside_its_field(trial: Trial, door: Door, field: str) -> None:
    shelf = Shelf(trial)
    wrong = []
    for kind, data in not_pictures().items():
        # Without a single byte it may be that nothing was chosen, where nothing must be.
        allowed = {422} if data or door.files else {422, door.answer}
        tried = _send(trial, door, field, data)
        wrong += [f"{kind}: {one}" for one in complaints(tried, allowed)]
        left = shelf.take_new()
        if tried.status == 422 and (left or f'id="{field}-error"' not in tried.page):
            wrong.append(f"{kind}: says nothing at the field, or left a file behind")

    assert wrong == []


@pytest.mark.covers("POT-13", "PACK-07")
@_ALL
def test_of_a_picture_only_what_is_seen_is_kept(trial: Trial, door: Door, field: str) -> None:
    """Neither a second format nor a place, words, colour profile or further pictures."""
    shelf = Shelf(trial)
    for kind, data in pictures_with_more().items():
        tried = _send(trial, door, field, data)
        assert [*complaints(tried, {door.answer})] == [], kind
        kept = shelf.take_new()
        assert kept, kind
        for stored in kept:
            assert not any(part in stored for part in _HIDDEN), kind
            with Image.open(io.BytesIO(stored)) as picture:
                assert (picture.format, getattr(picture, "n_frames", 1)) == ("WEBP", 1), kind
                assert dict(picture.getexif()) == {}, kind


@pytest.mark.parametrize(("door", "field"), [*PLACES, BOOK, PAPER], ids=str)
@pytest.mark.parametrize("name", ["photo.exe", "photo.jpg.HTML", "contacts.svg", "scan.zip", ".php"])
def test_a_name_with_an_ending_of_something_else_is_refused(
    trial: Trial, door: Door, field: str, name: str
) -> None:
    """Whatever the file holds (ASVS 5.2.2)."""
    tried = _send(trial, door, field, photo(), name)

    assert [*complaints(tried, {422})] == []
    assert "has to end in" in tried.page
    assert f'id="{field}-error"' in tried.page


@_ALL
def test_the_name_of_a_file_decides_nothing(trial: Trial, door: Door, field: str) -> None:
    shelf = Shelf(trial)
    for name in _NAMES:
        # Without a name a browser means that nothing was chosen.
        allowed = {door.answer} if name or not door.files else {422}
        tried = _send(trial, door, field, photo(), name)
        assert [*complaints(tried, allowed)] == [], name
    shelf.take_new()


def test_a_large_photo_of_a_phone_is_taken(trial: Trial) -> None:
    """The bounds are for bombs: twelve million pixels of a camera stay below them."""
    door, field = PLACES[3]
    data = photo("JPEG", size=(4_080, 3_060))

    assert _send(trial, door, field, data).status == door.answer


@pytest.mark.parametrize(("door", "field"), [*PLACES, BOOK, PAPER], ids=str)
def test_a_file_that_is_too_large_is_refused_with_a_sentence(trial: Trial, door: Door, field: str) -> None:
    """Before anything of it is read."""
    tried = _send(trial, door, field, bytes(trial.app.config["MAX_CONTENT_LENGTH"] + 1))

    assert [*complaints(tried, {413})] == []
    assert "This file is too large" in tried.page
