"""What people fill in about themselves."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from babel.numbers import get_currency_name
from flask_babel import get_locale
from wtforms import BooleanField, RadioField, SelectField, StringField

from portal.kernel.forms import (
    PortalForm,
    answers,
    file_field,
    long_text_field,
    optional,
    required,
    text_field,
)
from portal.kernel.i18n import LANGUAGES as SPOKEN
from portal.kernel.i18n import STORED, _, lazy
from portal.kernel.images import PICTURE_ENDINGS
from portal.people.models import Relationship, Theme
from portal.people.place_forms import PlaceFields
from portal.people.services import CURRENCIES

_LONGEST_DATE = 20
_DAY_FIRST = re.compile(r"(\d{1,2})[\s./-]+(\d{1,2})[\s./-]+(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DIGITS_ONLY = re.compile(r"(\d{2})(\d{2})(\d{4})")

# Where people from Senegal live; anybody else may keep the zone they have.
ZONES = (
    "Africa/Dakar",
    "Africa/Abidjan",
    "Africa/Bamako",
    "Africa/Banjul",
    "Africa/Bissau",
    "Africa/Casablanca",
    "Africa/Conakry",
    "Africa/Johannesburg",
    "Africa/Lagos",
    "Africa/Libreville",
    "Africa/Nouakchott",
    "Africa/Tunis",
    "America/Los_Angeles",
    "America/New_York",
    "America/Toronto",
    "Asia/Dubai",
    "Asia/Riyadh",
    "Europe/Brussels",
    "Europe/London",
    "Europe/Madrid",
    "Europe/Paris",
    "Europe/Rome",
    "UTC",
)


def read_day(typed: str) -> date | None:
    """The day in `15/03/2001`, `15 3 2001`, `15032001` or `2001-03-15`; None when there is none."""
    text = typed.strip()
    for pattern, order in ((_DAY_FIRST, (3, 2, 1)), (_YEAR_FIRST, (1, 2, 3)), (_DIGITS_ONLY, (3, 2, 1))):
        found = pattern.fullmatch(text)
        if found is not None:
            try:
                return date(*(int(found.group(part)) for part in order))
            except ValueError:
                return None
    return None


class DayField(StringField):  # type: ignore[misc]  # wtforms ships no types
    """A day as people write it; one box, because a phone's calendar starts today, far from a birth."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = (valuelist[0] if valuelist else "").strip()
        self.data = None
        if typed:
            self.data = read_day(typed) if len(typed) <= _LONGEST_DATE else None
            if self.data is None:
                raise ValueError(_("Please write the day like this: 15/03/2001."))

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])[:_LONGEST_DATE]
        return self.data.strftime("%d/%m/%Y") if self.data else ""


def birthday_field(*rules: Any) -> DayField:
    """A day of birth, filled in by the phone where it knows it."""
    return DayField(
        lazy("Day of birth"),
        [*rules],
        description=lazy("Day, month, year. Example: 15/03/2001."),
        render_kw={"autocomplete": "bday", "inputmode": "text", "maxlength": _LONGEST_DATE},
    )


class ProfileForm(PlaceFields):
    """Names, words, picture and place."""

    full_name = text_field(
        lazy("Full name"), 255, required(lazy("Please enter your name.")), render_kw={"autocomplete": "name"}
    )
    display_name = text_field(
        lazy("Name shown to others"),
        100,
        optional(),
        description=lazy("Leave it empty to show your full name."),
        render_kw={"autocomplete": "nickname"},
    )
    bio = long_text_field(lazy("A few words about you"), 500, optional())
    photo = file_field(lazy("Photo"), PICTURE_ENDINGS, optional())
    remove_photo = BooleanField(lazy("Remove my photo"))
    interests = text_field(
        lazy("What I like"),
        500,
        optional(),
        description=lazy("With commas between: music, football, cooking."),
    )
    city = text_field(
        lazy("Town"), 100, optional(), render_kw={"list": "towns", "autocomplete": "address-level2"}
    )


class BirthdayForm(PortalForm):
    """The day of birth."""

    date_of_birth = birthday_field(required(lazy("Please enter your day of birth.")))


class GuardianForm(PortalForm):
    """The adult who answers for a minor."""

    contact = text_field(
        lazy("E-mail or phone number of your guardian"),
        255,
        required(lazy("Please say how we can reach your guardian.")),
        description=lazy(
            "We write there. To say yes this person opens an account of their own with that address or number, and"
            " is 18 or older."
        ),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    relationship = RadioField(
        lazy("This person is"),
        [required(lazy("Please say who this person is to you."))],
        choices=answers(
            {
                Relationship.PARENT.value: lazy("My father or my mother"),
                Relationship.GUARDIAN.value: lazy("My guardian"),
                Relationship.SIBLING.value: lazy("My grown-up brother or sister"),
                Relationship.OTHER.value: lazy("Another adult of my family"),
            }
        ),
    )


class AnotherGuardianForm(PortalForm):
    """Why the adult who answers for a minor should do so no more; the team reads it, the adult does not."""

    reason = long_text_field(
        lazy("Why should somebody else answer for you?"), 500, required(lazy("Please say why."))
    )


class SettingsForm(PortalForm):
    """How the portal speaks and looks, and what others may see."""

    locale = RadioField(
        lazy("Language"), choices=answers({STORED[language]: name for language, name in SPOKEN.items()})
    )
    timezone = SelectField(lazy("Time zone"))
    currency = SelectField(lazy("Currency"))
    theme = RadioField(
        lazy("Colours"),
        choices=answers(
            {
                Theme.SYSTEM.value: lazy("As on my phone"),
                Theme.LIGHT.value: lazy("Light"),
                Theme.DARK.value: lazy("Dark"),
            }
        ),
    )
    profile_visible = BooleanField(lazy("Others may see my profile"))
    share_referral_stats = BooleanField(lazy("Others may see how many people I have invited"))
    allow_contact_by_sponsors = BooleanField(lazy("Sponsors may write to me"))
    share_birthday = BooleanField(lazy("My connections may see on which day my birthday is"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency.choices = answers({code: _currency(code) for code in CURRENCIES})

    def offer_zones(self, present: str) -> None:
        """Offer the usual time zones, and the one the person has."""
        zones = ZONES if present in ZONES else (present, *ZONES)
        self.timezone.choices = answers({zone: zone.split("/")[-1].replace("_", " ") for zone in zones})


def _currency(code: str) -> str:
    """The currency's name in the reader's language, with its letters."""
    name = get_currency_name(code, locale=get_locale())
    return code if name == code else f"{name[:1].upper()}{name[1:]}, {code}"
