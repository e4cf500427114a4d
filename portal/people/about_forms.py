"""What people fill in about themselves besides name and place, and where post reaches them."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, RadioField, SelectField

from portal.kernel.asking import kind_named
from portal.kernel.forms import (
    PortalForm,
    answers,
    long_text_field,
    number_field,
    optional,
    required,
    text_field,
)
from portal.kernel.i18n import _, lazy
from portal.people.about import LARGEST_HOUSEHOLD, AboutFacts, Gender, Network, Occupation
from portal.people.models import AddressType
from portal.people.offering import LONGEST_ABOUT
from portal.people.place_forms import PlaceFields
from portal.people.words import ADDRESS_LABELS, GENDER_LABELS, HOST_LABELS, OCCUPATION_LABELS
from portal.people.writing import LONGEST_LETTER

_NO_CAPITALS = {"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}


def _handle_field(label: str) -> Any:
    return text_field(label, 50, optional(), render_kw=_NO_CAPITALS)


class AboutForm(PortalForm):
    """Demographics and handles."""

    gender = SelectField(lazy("I am"), [optional()])
    occupation = SelectField(lazy("What I do"), [optional()])
    household = number_field(lazy("How many we are at home"), 1, LARGEST_HOUSEHOLD, optional())
    instagram = _handle_field(lazy("Name on Instagram"))
    facebook = _handle_field(lazy("Name on Facebook"))
    tiktok = _handle_field(lazy("Name on TikTok"))
    x = _handle_field(lazy("Name on X"))
    linkedin = _handle_field(lazy("Name on LinkedIn"))
    youtube = _handle_field(lazy("Name on YouTube"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nothing = {"": _("I keep it to myself")}
        self.gender.choices = answers(nothing | GENDER_LABELS)
        self.occupation.choices = answers(nothing | OCCUPATION_LABELS)

    def facts(self) -> AboutFacts:
        """What was said, as the service takes it."""
        return AboutFacts(
            gender=kind_named(Gender, self.gender.data),
            occupation=kind_named(Occupation, self.occupation.data),
            household=self.household.data,
            handles={network: self[network.value].data for network in Network},
        )


class OfferForm(PortalForm):
    """What a host or guide offers."""

    host_type = RadioField(
        lazy("What I offer"),
        [required(lazy("Please say what you offer."))],
        choices=answers(HOST_LABELS),
    )
    about = long_text_field(
        lazy("What guests should know"), LONGEST_ABOUT, required(lazy("Please say a few words."))
    )
    languages = text_field(
        lazy("Languages I speak"), 300, optional(), description=lazy("With commas between: wolof, français.")
    )
    is_available = BooleanField(lazy("I am free at the moment: show it on my card"))


class LetterForm(PortalForm):
    """A few words from a sponsor."""

    words = long_text_field(lazy("Your words"), LONGEST_LETTER, required(lazy("Please write something.")))


class AddressForm(PlaceFields):
    """A postal address."""

    type = RadioField(
        lazy("What is it for?"),
        [required(lazy("Please say what this address is for."))],
        choices=answers(ADDRESS_LABELS),
        default=AddressType.PRIMARY.value,
    )
    street = text_field(
        lazy("Street and number"),
        255,
        required(lazy("Please enter the street or the quarter.")),
        description=lazy("Or the quarter and what stands near: Sacré-Cœur 3, behind the pharmacy."),
        render_kw={"autocomplete": "street-address"},
    )
    city = text_field(
        lazy("Town"),
        100,
        required(lazy("Please enter the town.")),
        render_kw={"list": "towns", "autocomplete": "address-level2"},
    )
    postal_code = text_field(
        lazy("Postal code"), 10, optional(), render_kw={"autocomplete": "postal-code", "inputmode": "text"}
    )
    is_default = BooleanField(lazy("Use this one first"))
