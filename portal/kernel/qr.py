"""QR pictures: a drawing as a part of a page, and a file to keep or to print."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup

# Four modules of quiet zone are what the standard asks for.
_BORDER = 4
_CORRECTION = "m"


def qr_svg(text: str, *, border: int = _BORDER) -> Markup:
    """The drawing as a part of a page."""
    # Paths of numbers alone: nothing of `text` stands in it.
    return Markup(_drawn(text).svg_inline(omitsize=True, border=border))  # nosec B704 # noqa: S704


def qr_file(text: str, kind: str, *, scale: int) -> bytes:
    """The drawing as a file, `svg` or `png`, with `scale` pixels a module."""
    out = io.BytesIO()
    _drawn(text).save(out, kind=kind, border=_BORDER, scale=scale)
    return out.getvalue()


def _drawn(text: str) -> segno.QRCode:
    return segno.make_qr(text, error=_CORRECTION)
