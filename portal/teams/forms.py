"""The form by which an organisation invites; each kind adds its roles."""

from __future__ import annotations

from portal.kernel.forms import PortalForm, required, text_field
from portal.kernel.i18n import lazy


class InvitationForm(PortalForm):
    """Whom to invite: an address or a number, whoever has it."""

    contact = text_field(
        lazy("E-mail or mobile number"), 255, required(lazy("Write an e-mail address or a mobile number."))
    )
