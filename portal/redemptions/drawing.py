"""Drawing the QR picture of a code: vector for the page and the printer, PNG for keeping (QR-01)."""

from __future__ import annotations

from flask import current_app
from markupsafe import Markup

from portal.kernel.qr import qr_file, qr_svg
from portal.redemptions.models import QrCode
from portal.redemptions.signing import sign

# 12 pixels a module print at 5 cm and 300 dpi.
_PNG_SCALE = 12


def inline_svg(code: QrCode) -> Markup:
    """The drawing as a part of a page."""
    return qr_svg(_signed(code))


def as_png(code: QrCode) -> bytes:
    """The drawing as a picture that prints sharp."""
    return qr_file(_signed(code), "png", scale=_PNG_SCALE)


def _signed(code: QrCode) -> str:
    return sign(code.id, current_app.config["SETTINGS"].qr_signing_key)
