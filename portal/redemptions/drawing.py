"""Drawing the QR picture of a code: vector for the page and the printer, PNG for keeping (QR-01)."""

from __future__ import annotations

import io

import segno
from flask import current_app
from markupsafe import Markup

from portal.redemptions.models import QrCode
from portal.redemptions.signing import sign

# Four modules of quiet zone are what the standard asks for; 12 pixels a module print at 5 cm and 300 dpi.
_BORDER = 4
_PNG_SCALE = 12


def inline_svg(code: QrCode) -> Markup:
    """The drawing as a part of a page."""
    return Markup(_drawn(code).svg_inline(border=_BORDER, omitsize=True))  # nosec B704 # noqa: S704  (segno's own markup)


def as_png(code: QrCode) -> bytes:
    """The drawing as a picture that prints sharp."""
    out = io.BytesIO()
    _drawn(code).save(out, kind="png", border=_BORDER, scale=_PNG_SCALE)
    return out.getvalue()


def _drawn(code: QrCode) -> segno.QRCode:
    token = sign(code.id, current_app.config["SETTINGS"].qr_signing_key)
    return segno.make_qr(token, error="m")
