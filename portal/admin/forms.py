"""What operators fill in."""

from __future__ import annotations

from uuid import UUID

from wtforms import BooleanField, HiddenField

from portal.admin.words import DUTY_LABELS
from portal.kernel.forms import PortalForm, long_text_field, number_field, optional, required, text_field
from portal.kernel.i18n import lazy
from portal.kernel.ids import new_id, parse_id
from portal.kernel.roles import Duty
from portal.people.metadata import LONGEST_NOTES

_MOST = 1_000_000_000


class HouseMoneyForm(PortalForm):
    """What the house put into the wallet itself. `once` names it, so that a form sent twice counts once."""

    amount = number_field(lazy("Amount, negative when it was taken out"), -_MOST, _MOST, required())
    reason = long_text_field(lazy("Reason"), 500, required())
    once = HiddenField(default=lambda: str(new_id()))

    def movement_id(self) -> UUID:
        """What the page was given, else a new one."""
        return parse_id(self.once.data) or new_id()


class DutiesForm(PortalForm):
    """What a regular admin is there for."""

    support = BooleanField(DUTY_LABELS[Duty.SUPPORT])
    finance = BooleanField(DUTY_LABELS[Duty.FINANCE])
    operations = BooleanField(DUTY_LABELS[Duty.OPERATIONS])
    reason = long_text_field(lazy("Reason"), 500, required(lazy("Please say why.")))

    def chosen(self) -> set[Duty]:
        """The duties that are ticked."""
        return {duty for duty in Duty if self[duty].data}


class ValueForm(PortalForm):
    """A new value, as text; its setting knows how to read it."""

    value = text_field(lazy("New value"), 100, required())
    reason = long_text_field(lazy("Reason"), 500, required())


class NotesForm(PortalForm):
    """What staff note about a person; nobody else reads it."""

    notes = long_text_field(lazy("Notes"), LONGEST_NOTES, optional())
