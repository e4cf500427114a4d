"""What sponsors and admins fill in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField

from portal.kernel.forms import (
    AtMost,
    PortalForm,
    answers,
    email_field,
    file_field,
    long_text_field,
    number_field,
    optional,
    phone_field,
    required,
    text_field,
)
from portal.kernel.i18n import _, lazy
from portal.kernel.ids import new_id, parse_id
from portal.kernel.names import MAX_NAME
from portal.referrals.inviting import MAX_MESSAGE, Invitee
from portal.referrals.limits import MOST_PER_DAY
from portal.referrals.models import PIPELINE_STEPS, Referral
from portal.referrals.pipeline import MAX_NOTES, MAX_REASON
from portal.referrals.words import STAGE_LABELS

MAX_PASTED = 200_000
MAX_POINTS = 10**9
_MAX_SEALED = 1_900_000

_NOT_MINE = {"autocomplete": "off"}


class InviteForm(PortalForm):
    """Somebody to invite, with a word of one's own."""

    name = text_field(lazy("First name or name"), MAX_NAME, optional(), render_kw=_NOT_MINE)
    phone = phone_field(
        lazy("Phone number"),
        optional(),
        description=lazy("The invitation goes out by SMS. Example: 77 123 45 67."),
        render_kw=_NOT_MINE,
    )
    email = email_field(
        lazy("E-mail address"),
        optional(),
        description=lazy("Instead of the number, or beside it: then the invitation goes out by e-mail."),
        render_kw=_NOT_MINE,
    )
    message = long_text_field(lazy("Your message"), MAX_MESSAGE, optional(), render_kw={"rows": 3})

    def invitee(self) -> Invitee:
        """What was filled in."""
        return Invitee(self.name.data, self.phone.data, self.email.data, self.message.data)


class ContactForm(PortalForm):
    """Somebody on the list."""

    name = text_field(lazy("Name"), MAX_NAME, optional(), render_kw=_NOT_MINE)
    phone = phone_field(lazy("Phone number"), optional(), render_kw=_NOT_MINE)
    email = email_field(lazy("E-mail address"), optional(), render_kw=_NOT_MINE)

    def facts(self) -> tuple[str | None, str | None, str | None]:
        """Name, phone and e-mail as typed."""
        return self.name.data, self.phone.data, self.email.data


class ImportForm(PortalForm):
    """An address book: a file, or lines pasted or picked on the phone."""

    file = file_field(
        lazy("Your address book (.vcf or .csv)"),
        ("vcf", "csv", "txt"),
        optional(),
        description=lazy("On the phone: Contacts, Share or Export, all contacts. At most 5 MB."),
    )
    lines = long_text_field(
        lazy("Or paste your contacts"),
        MAX_PASTED,
        optional(),
        description=lazy("One person a line: Awa Diop, 77 123 45 67"),
        render_kw={"rows": 6, "autocomplete": "off", "spellcheck": "false"},
    )

    def given(self) -> tuple[bytes, str]:
        """The bytes to read and the field they come from; a file wins over pasted lines."""
        data: bytes = self.file.data.read() if self.file.data else b""
        if data:
            return data, "file"
        return (self.lines.data or "").encode(), "lines" if self.lines.data else "file"


class ConfirmImportForm(PortalForm):
    """A preview handed back."""

    sealed = HiddenField(validators=[required(), AtMost(_MAX_SEALED)])


class BatchForm(PortalForm):
    """Who of a batch is invited, with which words."""

    contacts = SelectMultipleField(lazy("Contacts"), validate_choice=False)
    message = long_text_field(
        lazy("Your message to all of them"), MAX_MESSAGE, optional(), render_kw={"rows": 3}
    )
    choice = HiddenField(validators=[AtMost(10)])

    def chosen(self) -> list[str] | None:
        """The ticked contacts; None for all."""
        return None if self.choice.data == "all" else list(self.contacts.data or [])


class QuoteForm(PortalForm):
    """How many points for which pot; only a question, so it stands in the address."""

    pot = SelectField(lazy("Pot"), [required(lazy("Please choose a pot."))])
    points = number_field(lazy("Points"), 1, MAX_POINTS, required(lazy("Please enter a number of points.")))

    @classmethod
    def of(cls, pots: Iterable[Any], **values: Any) -> QuoteForm:
        """The form with the pots that take points."""
        form = cls(**values)
        form.pot.choices = answers({str(pot.id): f"{pot.title} · {pot.owner_name}" for pot in pots})
        return form

    def pot_id(self) -> UUID | None:
        """The chosen pot."""
        return parse_id(self.pot.data)


class ConvertForm(PortalForm):
    """What was shown and agreed to; its key converts once."""

    pot = HiddenField(validators=[required(), AtMost(36)])
    points = number_field(lazy("Points"), 1, MAX_POINTS, required())
    francs = number_field(lazy("Francs"), 1, MAX_POINTS * 1000, required())
    submission_key = HiddenField(validators=[required(), AtMost(100)])

    @classmethod
    def fresh(cls, pot_id: UUID, points: int, francs: int) -> ConvertForm:
        """A form to confirm, with a key of its own."""
        values = {"pot": str(pot_id), "points": points, "francs": francs, "submission_key": str(new_id())}
        return cls(formdata=None, data=values)


class LimitForm(PortalForm):
    """More or fewer invitations today."""

    maximum = number_field(lazy("Invitations today"), 1, MOST_PER_DAY, required())
    reason = long_text_field(lazy("Reason"), 500, required(lazy("Please say why.")), render_kw={"rows": 2})


class ReferralForm(PortalForm):
    """What staff know of a referral."""

    stage = SelectField(lazy("Stage"), [optional()])
    reason = text_field(
        lazy("Reason"),
        MAX_REASON,
        optional(),
        description=lazy("Needed for a rejection."),
    )
    taken_back = BooleanField(lazy("Rejected because the invitation was taken back"))
    notes = long_text_field(lazy("Notes"), MAX_NOTES, optional())

    @classmethod
    def of(cls, referral: Referral) -> ReferralForm:
        """The form with the stages that may come next."""
        form = cls(data={"notes": referral.notes, "stage": ""})
        following = [stage for stage in STAGE_LABELS if PIPELINE_STEPS.allows(referral.pipeline_stage, stage)]  # type: ignore[arg-type]
        form.stage.choices = answers(
            {"": _("As it is")} | {stage: str(STAGE_LABELS[stage]) for stage in following}
        )
        return form
