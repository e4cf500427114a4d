"""Pictures people send: decoded, turned upright, stripped of everything else, re-encoded.

A picture of a few kilobytes can hold a gigabyte of colour: only so many pixels are taken, they are made fewer
before anything else is done with them, and a process decodes one picture at a time.
"""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Sequence

from PIL import Image, ImageOps, UnidentifiedImageError

from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _

MAX_UPLOAD_BYTES = 8 * 1024 * 1024
# What cameras write can be decoded at a fraction of its size (JPEG, or MPO where it holds two); PNG and WebP cannot.
_MAX_PIXELS = {"JPEG": 40_000_000, "MPO": 40_000_000, "PNG": 16_000_000, "WEBP": 16_000_000}
_FORMATS = ("JPEG", "PNG", "WEBP")
# What files of these formats are called.
PICTURE_ENDINGS = ("jpg", "jpeg", "jfif", "png", "webp")
# Modes whose neighbouring pixels can be mixed into one.
_SHRINKABLE = frozenset({"L", "LA", "RGB", "RGBA", "CMYK", "YCbCr"})

_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_UNREADABLE = (UnidentifiedImageError, OSError, ValueError, SyntaxError)

_one_at_a_time = threading.Lock()


def clean_picture(
    data: bytes, *, longest_side: int = 1600, square: bool = False, field: str = "photo"
) -> bytes:
    """A fresh WebP of what `data` shows, at most `longest_side` pixels; cropped square if asked.

    Metadata, hidden payloads and every other format are gone. Raises `InvalidInput` with a sentence.
    """
    if len(data) > MAX_UPLOAD_BYTES:
        raise InvalidInput(_("This picture is larger than 8 MB. Please choose a smaller one."), field=field)
    picture = _picture(data, longest_side, square, field)
    if square:
        side = min(*picture.size, longest_side)
        picture = ImageOps.fit(picture, (side, side))
    return _as_webp(picture)


def clean_pages(pages: Sequence[bytes], *, longest_side: int, field: str) -> bytes:
    """A fresh WebP of several pictures, one below the other. Raises `InvalidInput` for what is not a picture."""
    drawn = [_picture(page, longest_side, False, field) for page in pages]
    whole = Image.new("RGB", (max(page.width for page in drawn), sum(page.height for page in drawn)), "white")
    top = 0
    for page in drawn:
        whole.paste(page, (0, top))
        top += page.height
    return _as_webp(whole)


def _picture(data: bytes, longest_side: int, square: bool, field: str) -> Image.Image:
    try:
        with _one_at_a_time, warnings.catch_warnings():
            # What a camera has noted badly is no reason to refuse what it saw.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _decoded(data, longest_side, square, field)
    except _BOMBS:
        raise _too_many_pixels(field) from None
    except _UNREADABLE as error:
        raise InvalidInput(
            _("This file is not a picture we can read. Use a JPEG, PNG or WebP photo."), field=field
        ) from error


def _as_webp(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=80, method=4)
    return out.getvalue()


def _decoded(data: bytes, longest_side: int, square: bool, field: str) -> Image.Image:
    """The picture upright and small: its longer side, or for a square its shorter one, as long as is needed."""
    with Image.open(io.BytesIO(data), formats=_FORMATS) as source:
        if source.width * source.height > _MAX_PIXELS[source.format or ""]:
            raise _too_many_pixels(field)
        ratio = max(source.size) / min(source.size) if square else 1
        box = (round(longest_side * ratio), round(longest_side * ratio))
        source.draft("RGB", box)
        picture = source if source.mode in _SHRINKABLE else source.convert("RGB")
        picture.thumbnail(box)
        return _upright(picture).convert("RGB")


def _upright(picture: Image.Image) -> Image.Image:
    """Turned as the camera was held; as it lies when the camera's note about that cannot be read."""
    try:
        return ImageOps.exif_transpose(picture)
    except _UNREADABLE:
        return picture


def _too_many_pixels(field: str) -> InvalidInput:
    return InvalidInput(_("This picture has too many pixels. Please choose a smaller one."), field=field)
