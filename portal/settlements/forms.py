"""The forms of disputes, answers and corrections."""

from __future__ import annotations

from uuid import UUID

from wtforms import HiddenField

from portal.kernel.forms import PortalForm, long_text_field, number_field, optional, required
from portal.kernel.i18n import lazy
from portal.kernel.ids import new_id, parse_id
from portal.settlements.deciding import MAX_REASON

_MOST = 100_000_000


class DisputeForm(PortalForm):
    """Why a partner does not agree."""

    reason = long_text_field(lazy("What is wrong?"), MAX_REASON, required())


class ResolutionForm(PortalForm):
    """What was found, and the correction if there is one."""

    reason = long_text_field(lazy("Your answer"), MAX_REASON, required())
    correction = number_field(lazy("Correction for the next settlement"), -_MOST, _MOST, optional())


class CorrectionForm(PortalForm):
    """A correction outside a dispute. `once` names it, so that a form sent twice corrects once."""

    correction = number_field(lazy("Amount, negative when they owe us"), -_MOST, _MOST, required())
    reason = long_text_field(lazy("Why"), MAX_REASON, required())
    once = HiddenField(default=lambda: str(new_id()))

    def correction_id(self) -> UUID:
        """What the page was given, else a new one."""
        return parse_id(self.once.data) or new_id()
