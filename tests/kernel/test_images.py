"""Pictures people send, and what a picture must not do to the process that reads it."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from portal.kernel import images
from portal.kernel.errors import InvalidInput
from portal.kernel.images import clean_picture
from tests.harness.together import at_once


def picture(width: int, height: int, kind: str = "PNG", mode: str = "RGB", **options: Any) -> bytes:
    """A picture whose left half is red and whose right half is blue."""
    drawn = Image.new("RGB", (width, height), "red")
    drawn.paste("blue", (width // 2, 0, width, height))
    out = io.BytesIO()
    drawn.convert(mode).save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_small_file_of_very_many_pixels_is_refused(app: Flask, kind: str) -> None:
    """Such a file of 2 KB took 800 MB of a web process, which eight of them at once would have ended."""
    with app.test_request_context(), pytest.raises(InvalidInput, match="pixels") as refused:
        clean_picture(picture(4_001, 4_000, kind), field="cover")

    assert refused.value.field == "cover"


def test_a_photo_of_forty_million_pixels_is_never_decoded_whole(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    load = Image.Image.load

    def noting(self: Image.Image) -> Any:
        sizes.append(self.size)
        return load(self)

    data = picture(8_000, 5_000, "JPEG")
    monkeypatch.setattr(Image.Image, "load", noting)
    with app.test_request_context():
        clean = opened(clean_picture(data))

    assert clean.size == (1_600, 1_000)
    assert max(width * height for width, height in sizes) <= 4_000 * 2_500


def test_a_process_decodes_one_picture_at_a_time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most, guard = 0, 0, threading.Lock()
    really_open = Image.open

    @contextmanager
    def counting(*given: Any, **options: Any) -> Iterator[Image.Image]:
        nonlocal inside, most
        with guard:
            inside += 1
            most = max(most, inside)
        with really_open(*given, **options) as found:
            yield found
        with guard:
            inside -= 1

    data = picture(1_200, 1_200)
    monkeypatch.setattr(images.Image, "open", counting)

    at_once(app, [lambda: clean_picture(data)] * 6)

    assert most == 1


@pytest.mark.parametrize(
    ("size", "square", "expected"),
    [
        ((3_000, 2_000), False, (1_600, 1_067)),
        ((2_000, 3_000), False, (1_067, 1_600)),
        ((300, 200), False, (300, 200)),
        ((3_000, 2_000), True, (1_600, 1_600)),
        ((300, 200), True, (200, 200)),
        ((9_000, 3), True, (3, 3)),
        ((9_000, 3), False, (1_600, 1)),
    ],
)
def test_a_picture_is_made_as_small_as_is_needed(
    app: Flask, size: tuple[int, int], square: bool, expected: tuple[int, int]
) -> None:
    with app.test_request_context():
        clean = opened(clean_picture(picture(*size), square=square))

    assert (clean.size, clean.format, clean.mode) == (expected, "WEBP", "RGB")


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "I;16"])
def test_pictures_of_every_kind_of_colour_are_read(app: Flask, mode: str) -> None:
    data = picture(400, 300, mode=mode if mode != "I;16" else "L")
    if mode == "I;16":
        out = io.BytesIO()
        Image.new("I;16", (400, 300)).save(out, "PNG")
        data = out.getvalue()

    with app.test_request_context():
        assert opened(clean_picture(data)).size == (400, 300)


def test_a_photo_is_turned_upright_and_says_no_more_where_it_was_taken(app: Flask) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    exif[0x010F] = "somebody's phone"
    data = picture(400, 200, "JPEG", exif=exif)

    with app.test_request_context():
        clean = opened(clean_picture(data))

    assert clean.size == (200, 400)
    assert not clean.getexif()
    top, bottom = clean.getpixel((100, 20)), clean.getpixel((100, 380))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > 60 > top[2]
    assert bottom[2] > 200 > 60 > bottom[0]
