"""The forms of codes and scans."""

from __future__ import annotations

from wtforms import HiddenField

from portal.kernel.forms import AtMost, PortalForm, optional, required, text_field
from portal.kernel.i18n import lazy
from portal.redemptions.permits import MAX_LENGTH
from portal.redemptions.scanning import MAX_NONCE, MAX_SCANNED

_MAX_DIGITS = 15


class ScanForm(PortalForm):
    """What the camera read or somebody typed."""

    code = text_field(
        lazy("Code"), MAX_SCANNED, required(lazy("Scan a code, or type the twelve signs below it."))
    )
    venue = HiddenField(validators=[AtMost(40)])
    nonce = HiddenField(validators=[AtMost(MAX_NONCE)])


class ConfirmForm(PortalForm):
    """Yes, this gift is served now."""

    permit = HiddenField(validators=[required(), AtMost(MAX_LENGTH)])
    notes = text_field(lazy("Note"), 300, optional())


class ChooseForm(PortalForm):
    """Yes, this pack at this price."""

    price = HiddenField(validators=[AtMost(_MAX_DIGITS)])

    def agreed_price(self) -> int:
        """What the owner has seen that it costs, in XOF; 0 when the form does not say."""
        typed = self.price.data or ""
        return int(typed) if typed.isascii() and typed.isdigit() else 0
