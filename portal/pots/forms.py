"""What owners, donors and admins fill in."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, RadioField, SelectChoice, SelectField
from wtforms.validators import StopValidation

from portal.config.values import DONATION_MAX, DONATION_MIN, POT_TARGET_DEFAULT, value_of
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
from portal.kernel.ids import parse_id, random_token
from portal.kernel.images import PICTURE_ENDINGS
from portal.kernel.money import MAX_AMOUNT_MINOR, francs
from portal.payments.words import REASON_LABELS
from portal.pots.giving import MAX_KEY, MAX_MESSAGE, MAX_NAME, Gift
from portal.pots.making import MAX_STORY, MAX_TITLE, Wishes
from portal.pots.models import Donation, Pot, ShareMethod, Visibility
from portal.pots.queries import PackChoice
from portal.pots.sharing import MAX_RECIPIENT, MAX_WORDS, Invitation
from portal.pots.words import METHOD_LABELS, VISIBILITY_LABELS

OTHER = "other"
_PRESETS = (1_000, 2_000, 5_000, 10_000, 25_000)


def _needed_for_other(form: Any, field: Any) -> None:
    """A free amount counts, and is needed, only when no preset was chosen."""
    if form.choice.data != OTHER:
        field.errors = []
        raise StopValidation
    if field.data is None:
        raise StopValidation(field.errors[0] if field.errors else _("Please enter an amount."))


class PotForm(PortalForm):
    """An owner's wishes for a pot."""

    title = text_field(
        lazy("Title of the pot"),
        MAX_TITLE,
        required(lazy("Please give your pot a title.")),
        description=lazy("For example: Awa turns 30."),
        render_kw={"autocomplete": "off"},
    )
    target = number_field(
        lazy("Target"),
        1,
        MAX_AMOUNT_MINOR,
        required(lazy("Please enter an amount.")),
        description=lazy("The price of what you wish for. Gifts stay welcome beyond it."),
    )
    description = long_text_field(
        lazy("Your story"),
        MAX_STORY,
        optional(),
        description=lazy("What would you like, and why? People give more when they know."),
    )
    cover = file_field(lazy("Cover photo"), PICTURE_ENDINGS, optional())
    pack = SelectField(lazy("The pack you wish for"), [optional()])
    visibility = RadioField(lazy("Who may see the pot?"), choices=answers(VISIBILITY_LABELS))
    allow_anonymous = BooleanField(lazy("People may give without their name"))
    show_names = BooleanField(lazy("Show the names of the people who give"))
    enable_messages = BooleanField(lazy("Show the messages of the people who give"))

    @classmethod
    def of(cls, pot: Pot | None, packs: list[PackChoice], *, title: str = "", **options: Any) -> PotForm:
        """The form filled from a pot, or with the usual answers for a new one called `title`."""
        form = cls(data=_wishes_of(pot, title), **options)
        form.pack.choices = [
            SelectChoice(value="", label=_("I will choose later")),
            *(SelectChoice(value=str(pack.id), label=_pack_line(pack)) for pack in packs),
        ]
        return form

    def wishes(self) -> Wishes:
        """What was filled in."""
        return Wishes(
            title=self.title.data,
            target_minor=self.target.data,
            story=self.description.data,
            visibility=Visibility(self.visibility.data),
            preferred_pack_id=parse_id(self.pack.data),
            allow_anonymous=self.allow_anonymous.data,
            show_names=self.show_names.data,
            enable_messages=self.enable_messages.data,
        )

    def photo(self) -> bytes | None:
        """The chosen cover, None when there is none."""
        return _uploaded(self.cover)


class PhotoForm(PortalForm):
    """One more photo for the gallery."""

    photo = file_field(lazy("Photo"), PICTURE_ENDINGS, required(lazy("Please choose a photo.")))

    def data_of_photo(self) -> bytes:
        """The chosen photo."""
        return _uploaded(self.photo) or b""


class GiveForm(PortalForm):
    """A gift: how much, from whom, with which words."""

    choice = RadioField(
        lazy("How much would you like to give?"), [required(lazy("Please choose an amount."))]
    )
    amount = number_field(lazy("Another amount"), 1, MAX_AMOUNT_MINOR, _needed_for_other)
    name = text_field(lazy("Your name"), MAX_NAME, optional(), render_kw={"autocomplete": "name"})
    message = long_text_field(lazy("A few words"), MAX_MESSAGE, optional())
    email = email_field(
        lazy("E-mail"), optional(), description=lazy("For your receipt. Nobody else sees it.")
    )
    phone = phone_field(
        lazy("Phone number"),
        optional(),
        description=lazy("Only used if we have to send you money back. Nobody else sees it."),
    )
    is_anonymous = BooleanField(lazy("Do not show my name"))
    hide_amount = BooleanField(lazy("Do not show the amount"))
    form_key = HiddenField(validators=[required(), AtMost(MAX_KEY)])

    @classmethod
    def of(cls, again: Donation | None, name: str | None) -> GiveForm:
        """An empty form with a key of its own; `again` fills it from a gift that was not paid."""
        form = cls(data={"form_key": random_token(24), "name": name, "choice": "5000"} | _words_of(again))
        low, high = value_of(DONATION_MIN), value_of(DONATION_MAX)
        presets = [preset for preset in _PRESETS if low <= preset <= high]
        form.choice.choices = [
            *(SelectChoice(value=str(preset), label=francs(preset)) for preset in presets),
            SelectChoice(value=OTHER, label=_("Another amount")),
        ]
        return form

    def gift(self) -> Gift:
        """What was filled in."""
        return Gift(
            amount_minor=self.amount.data if self.choice.data == OTHER else int(self.choice.data),
            name=self.name.data,
            message=self.message.data,
            email=self.email.data,
            phone=self.phone.data,
            is_anonymous=self.is_anonymous.data,
            show_amount=not self.hide_amount.data,
        )


class InvitationForm(PortalForm):
    """For whom a link is, and by which way it goes."""

    method = RadioField(lazy("How will you send it?"), choices=answers(METHOD_LABELS))
    recipient = text_field(
        lazy("For whom?"),
        MAX_RECIPIENT,
        required(lazy("Please say for whom this link is.")),
        description=lazy("A phone number, an e-mail address, or the name of a group."),
        render_kw={"autocomplete": "off"},
    )
    message = long_text_field(lazy("Your words"), MAX_WORDS, optional())

    def invitation(self) -> Invitation:
        """What was filled in."""
        return Invitation(ShareMethod(self.method.data), self.recipient.data, self.message.data)


class EndPotForm(PortalForm):
    """An admin ends a pot."""

    reason = long_text_field(lazy("Why is this pot ended?"), 500, required())
    everything_back = BooleanField(lazy("Give every gift back to its donor now"))


class ReasonForm(PortalForm):
    """Why an admin lets a held gift count."""

    reason = long_text_field(lazy("What did you find?"), 500, required())


class RefundGiftForm(PortalForm):
    """Why a gift goes back."""

    reason = SelectField(lazy("Reason"), choices=answers(REASON_LABELS))
    description = long_text_field(lazy("What happened?"), 1000, required())


def _wishes_of(pot: Pot | None, title: str) -> dict[str, Any]:
    if pot is None:
        yes = {"allow_anonymous": True, "show_names": True, "enable_messages": True}
        usual = {"title": title, "target": value_of(POT_TARGET_DEFAULT)}
        return {"visibility": Visibility.PRIVATE.value} | usual | yes
    return {
        "title": pot.title,
        "target": pot.target_amount_minor,
        "description": pot.description,
        "pack": str(pot.preferred_pack_id or ""),
        "visibility": pot.visibility.value,
        "allow_anonymous": pot.allow_anonymous_donations,
        "show_names": pot.show_donor_names,
        "enable_messages": pot.enable_messages,
    }


def _words_of(donation: Donation | None) -> dict[str, Any]:
    if donation is None:
        return {}
    is_preset = donation.amount_minor in _PRESETS
    return {
        "choice": str(donation.amount_minor) if is_preset else OTHER,
        "amount": None if is_preset else donation.amount_minor,
        "name": donation.donor_name,
        "message": donation.donation_message,
        "email": donation.donor_email,
        "phone": donation.donor_phone,
        "is_anonymous": donation.is_anonymous,
        "hide_amount": not donation.show_amount,
    }


def _uploaded(field: FileField) -> bytes | None:
    data: bytes | None = field.data.read() if field.data else None
    return data or None


def _pack_line(pack: PackChoice) -> str:
    return f"{pack.name} · {pack.partner_name} · {francs(pack.price_minor)}"
