"""The forms of people who steer payments."""

from __future__ import annotations

from wtforms import SelectField

from portal.kernel.forms import PortalForm, answers, long_text_field, number_field, optional, required
from portal.kernel.i18n import lazy
from portal.kernel.money import MAX_AMOUNT_MINOR
from portal.payments.words import REASON_LABELS


class RefundForm(PortalForm):
    """Give money back, all or a part, and say why."""

    reason = SelectField(lazy("Reason"), choices=answers(REASON_LABELS))
    description = long_text_field(lazy("What happened?"), 1000, required())
    amount = number_field(lazy("Amount, if only a part goes back"), 1, MAX_AMOUNT_MINOR, optional())


class NoteForm(PortalForm):
    """What a person found out before a matter is closed."""

    note = long_text_field(lazy("What did you find?"), 1000, required())
