"""One validator for phone numbers: anything a person types to E.164 (R-12)."""

from __future__ import annotations

import phonenumbers

from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _

DEFAULT_REGION = "SN"
MAX_TYPED_LENGTH = 40


def to_e164(typed: str, region: str = DEFAULT_REGION) -> str:
    """The number in E.164 form, at most 16 characters (`+221771234567`).

    Raises `InvalidInput` with a sentence when it is not a number that can be called in `region` or abroad.
    """
    number = parse_e164(typed, region)
    if number is None:
        raise InvalidInput(_("This phone number does not look right. Example: 77 123 45 67."), field="phone")
    return number


def parse_e164(typed: str, region: str = DEFAULT_REGION) -> str | None:
    """As `to_e164`, but None instead of an error."""
    if len(typed) > MAX_TYPED_LENGTH:
        return None
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def for_people(e164: str) -> str:
    """The number as people write it: national form at home, international abroad."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    at_home = phonenumbers.region_code_for_number(number) == DEFAULT_REGION
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, form.NATIONAL if at_home else form.INTERNATIONAL)


def masked(e164: str) -> str:
    """Enough of the number to recognise one's own, too little to call it."""
    return f"{e164[:6]}•••{e164[-2:]}"
