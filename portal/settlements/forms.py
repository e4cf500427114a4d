"""The forms of disputes, answers and corrections."""

from __future__ import annotations

from wtforms import IntegerField

from portal.kernel.forms import Between, PortalForm, long_text_field, optional, required
from portal.kernel.i18n import lazy
from portal.settlements.deciding import MAX_REASON

_MOST = 100_000_000


class DisputeForm(PortalForm):
    """Why a partner does not agree."""

    reason = long_text_field(lazy("What is wrong?"), MAX_REASON, required())


class ResolutionForm(PortalForm):
    """What was found, and the correction if there is one."""

    reason = long_text_field(lazy("Your answer"), MAX_REASON, required())
    correction = IntegerField(
        lazy("Correction for the next settlement (F CFA)"), [optional(), Between(min=-_MOST, max=_MOST)]
    )


class CorrectionForm(PortalForm):
    """A correction outside a dispute."""

    reason = long_text_field(lazy("Why"), MAX_REASON, required())
    correction = IntegerField(
        lazy("Amount (F CFA, negative when they owe us)"), [required(), Between(min=-_MOST, max=_MOST)]
    )
