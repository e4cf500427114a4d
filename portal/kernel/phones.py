"""One validator for phone numbers: anything a person types to E.164 (R-12)."""

from __future__ import annotations

import phonenumbers
from flask import current_app, has_app_context

from portal.kernel.environment import SENEGAL
from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _

MAX_TYPED_LENGTH = 40
# What the numbering plan calls satellites and services that are of no country.
_NOWHERE = "001"
_OF_PHONES = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


def home_region() -> str:
    """Whose numbers are typed without the code of a country: Senegal's, unless the operator says otherwise."""
    return str(current_app.config["SETTINGS"].home_region) if has_app_context() else SENEGAL


def to_e164(typed: str, region: str | None = None) -> str:
    """The number in E.164 form, at most 16 characters (`+221771234567`).

    Raises `InvalidInput` with a sentence when it is not a number that can be called in `region` (home) or abroad.
    """
    number = parse_e164(typed, region)
    if number is None:
        raise InvalidInput(_("This phone number does not look right. Example: 77 123 45 67."), field="phone")
    return number


def parse_e164(typed: str, region: str | None = None) -> str | None:
    """As `to_e164`, but None instead of an error."""
    if len(typed) > MAX_TYPED_LENGTH:
        return None
    try:
        number = phonenumbers.parse(typed, region or home_region())
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def gets_texts(e164: str) -> bool:
    """Whether text messages reach this number at the usual price: a mobile one of a country, or one that may be."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return False
    is_of_a_country = phonenumbers.region_code_for_number(number) not in (None, _NOWHERE)
    return is_of_a_country and phonenumbers.number_type(number) in _OF_PHONES


def country_of(e164: str) -> str:
    """The two letters of the country whose number this is; empty for a number of none."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(e164, None)) or ""
    except phonenumbers.NumberParseException:
        return ""


def to_mobile(typed: str, region: str | None = None) -> str:
    """As `to_e164`, for a number that we write to. Raises `InvalidInput` also for one that gets no text messages."""
    number = to_e164(typed, region)
    if not gets_texts(number):
        raise InvalidInput(
            _("This number gets no text messages. Please give a mobile number."), field="phone"
        )
    return number


def for_people(e164: str) -> str:
    """The number as people write it: national form at home, international abroad."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    at_home = phonenumbers.region_code_for_number(number) == home_region()
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, form.NATIONAL if at_home else form.INTERNATIONAL)


def masked(e164: str) -> str:
    """Enough of the number to recognise one's own, too little to call it."""
    return f"{e164[:6]}•••{e164[-2:]}"
