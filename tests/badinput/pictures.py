"""Files that are not what they say: bombs, two formats in one, cut off, with something hidden, with a place."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from functools import cache
from typing import Any

from PIL import Image, PngImagePlugin

SECRET = b"<script>bad()</script><?php bad(); ?>"
_GPS, _DESCRIPTION = 0x8825, 0x010E
_ALTITUDE = 6


def photo(kind: str = "PNG", size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    """A picture like any other."""
    out = io.BytesIO()
    Image.new("RGB", size, "#B1244C").save(out, kind, **options)
    return out.getvalue()


@cache
def zip_bomb() -> bytes:
    """An archive of a few kilobytes that holds twenty million bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("contacts.vcf", bytes(20_000_000))
    return out.getvalue()


@cache
def not_pictures() -> dict[str, bytes]:
    """What must be refused, by what it is."""
    jpeg, png = photo("JPEG"), photo()
    return {
        "nothing": b"",
        "a text": b"This is a picture, really.",
        "a program": b"MZ\x90\x00" + bytes(range(256)) * 40,
        "a drawing with a script": b'<svg xmlns="http://www.w3.org/2000/svg"><script>bad()</script></svg>',
        "a page": b"<!doctype html><script>bad()</script>",
        "a script that is a GIF": b"GIF89a/*" + photo("GIF")[8:] + b"*/=1;bad()",
        "an animation": _animation("GIF"),
        "a bitmap": photo("BMP"),
        "a layered file": photo("TIFF"),
        "a JPEG cut off": jpeg[: len(jpeg) // 2],
        "a PNG cut off": png[: len(png) // 2],
        "a PNG with a wrong sum": png[:40] + bytes([png[40] ^ 255]) + png[41:],
        "a WebP cut off": photo("WEBP")[:30],
        "an empty PNG that claims thousands of millions": _claims(50_000, 50_000),
        "an empty PNG that claims a hundred millions": _claims(12_000, 12_000),
        "a small file of very many pixels": photo(size=(4_200, 4_200)),
        "no width": _claims(0, 40),
        "an archive": zip_bomb(),
        "a comment that swells": _swelling(b"zTXt", b"c\0\0"),
        "nine megabytes": jpeg + bytes(8 * 1024 * 1024),
    }


@cache
def pictures_with_more() -> dict[str, bytes]:
    """Pictures that may be kept, if nothing of what else they hold is kept with them."""
    return {
        "a page behind a JPEG": photo("JPEG", comment=SECRET) + SECRET,
        "an archive behind a JPEG": photo("JPEG") + zip_bomb(),
        "a program in a PNG": photo(pnginfo=_notes()) + SECRET,
        "a colour profile with a script": photo("JPEG", icc_profile=SECRET * 4),
        "a profile in a WebP": photo("WEBP", icc_profile=SECRET * 4, exif=b"Exif\0\0" + SECRET, xmp=SECRET),
        "where and when it was taken": photo("JPEG", exif=_whereabouts()),
        "a camera's note that cannot be read": photo("JPEG", exif=b"Exif\0\0MM\0*" + SECRET),
        "an animated WebP": _animation("WEBP"),
        "an animated PNG": _animation("PNG"),
        "two pictures in one": photo("MPO"),
        "four inks": _inks(),
        "hardly any height": photo(size=(9_000, 1)),
    }


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _claims(width: int, height: int, *more: bytes) -> bytes:
    """A PNG of a few bytes that says how large it is."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = _chunk(b"IDAT", zlib.compress(b"\0\0\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + body + _chunk(b"IEND", b"")


def _swelling(kind: bytes, start: bytes) -> bytes:
    return _claims(1, 1, _chunk(kind, start + zlib.compress(bytes(50_000_000), 9)))


def _animation(kind: str) -> bytes:
    out = io.BytesIO()
    first, *others = (Image.new("RGB", (60, 40), colour) for colour in ("red", "green", "blue"))
    first.save(out, kind, save_all=True, append_images=others)
    return out.getvalue()


def _notes() -> PngImagePlugin.PngInfo:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", SECRET.decode())
    notes.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    return notes


def _whereabouts() -> Image.Exif:
    """What a phone writes: a place, and words."""
    exif = Image.Exif()
    exif[_DESCRIPTION] = SECRET.decode()
    exif.get_ifd(_GPS)[_ALTITUDE] = 1234.5
    return exif


def _inks() -> bytes:
    out = io.BytesIO()
    Image.new("CMYK", (60, 40)).save(out, "JPEG")
    return out.getvalue()
