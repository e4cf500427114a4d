"""The forms of payouts."""

from __future__ import annotations

from portal.kernel.forms import PortalForm, phone_field, required, text_field
from portal.kernel.i18n import lazy


class PayoutAccountForm(PortalForm):
    """Where a partner wants to be paid."""

    phone = phone_field(lazy("Wave number"), required(), render_kw={"autocomplete": "off"})
    holder_name = text_field(
        lazy("Name of the account's holder"), 255, required(), render_kw={"autocomplete": "off"}
    )
