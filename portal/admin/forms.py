"""What operators fill in."""

from __future__ import annotations

from portal.kernel.forms import PortalForm, long_text_field, required, text_field
from portal.kernel.i18n import lazy


class ReasonForm(PortalForm):
    """Why something is done; kept in the trail."""

    reason = long_text_field(lazy("Reason"), 500, required())


class ValueForm(PortalForm):
    """A new value, as text; its setting knows how to read it."""

    value = text_field(lazy("New value"), 100, required())
    reason = long_text_field(lazy("Reason"), 500, required())
