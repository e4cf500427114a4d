"""Pictures people send: decoded, turned upright, stripped of everything else, re-encoded."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _

MAX_UPLOAD_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000
_FORMATS = ("JPEG", "PNG", "WEBP")


def clean_picture(
    data: bytes, *, longest_side: int = 1600, square: bool = False, field: str = "photo"
) -> bytes:
    """A fresh WebP of what `data` shows, at most `longest_side` pixels; cropped square if asked.

    Metadata, hidden payloads and every other format are gone. Raises `InvalidInput` with a sentence.
    """
    if len(data) > MAX_UPLOAD_BYTES:
        raise InvalidInput(_("This picture is larger than 8 MB. Please choose a smaller one."), field=field)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_FORMATS) as source:
                if source.width * source.height > MAX_PIXELS:
                    raise InvalidInput(_("This picture has too many pixels."), field=field)
                picture = ImageOps.exif_transpose(source).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning) as error:
        raise InvalidInput(
            _("This file is not a picture we can read. Use a JPEG, PNG or WebP photo."), field=field
        ) from error
    if square:
        side = min(picture.size)
        picture = ImageOps.fit(picture, (min(side, longest_side), min(side, longest_side)))
    else:
        picture.thumbnail((longest_side, longest_side))
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=80, method=4)
    return out.getvalue()
