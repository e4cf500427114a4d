"""Numbers with a decimal mark: read as anybody writes them, shown as the reader does."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from flask_babel import format_decimal
from wtforms import DecimalField, Field
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import TextInput

from portal.kernel.i18n import _

_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,9})?")
# A comma is a mark too, and what some keyboards and pages give for a minus is one.
_SIGNS = str.maketrans({",": ".", "\u2212": "-"})
_EXAMPLE = Decimal("82.5")


def read_decimal(typed: str) -> str:
    """What was typed with the signs that a program reads: `1 082,5` is `1082.5`."""
    return "".join(typed.split()).translate(_SIGNS)


def written_decimal(value: Decimal) -> str:
    """The number as the reader types it: `82,5` in French and Wolof, `82.5` in English."""
    return str(format_decimal(value, "0.#########"))


class _Decimal(DecimalField):  # type: ignore[misc]  # wtforms ships no types
    """Digits, a mark and a sign, nothing else.

    A line of text: a browser's own number field loses what is typed with the mark it does not expect.
    """

    widget = TextInput()
    data: Any

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else written_decimal(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = read_decimal(valuelist[0]) if valuelist else ""
        self.data = None
        if typed and not _NUMBER.fullmatch(typed):
            example = written_decimal(_EXAMPLE)
            raise ValueError(_("Please enter a number, for example %(example)s.", example=example))
        if typed:
            self.data = Decimal(typed)


class _Decimals:
    """A number from `low` to `high` with at most `places` digits after the mark."""

    def __init__(self, low: int, high: int, places: int) -> None:
        self.low, self.high, self.places = low, high, places

    def __call__(self, form: Any, field: Field) -> None:
        if field.process_errors:
            raise StopValidation
        value: Decimal | None = field.data
        if value is None or not self.low <= value <= self.high:
            message = _("Please enter a number from %(low)s to %(high)s.", low=self.low, high=self.high)
            raise ValidationError(message)
        if value != round(value, self.places):
            raise ValidationError(
                _("Please use at most %(places)s digits after the mark.", places=self.places)
            )


def decimal_field(label: str, low: int, high: int, places: int, *rules: Any) -> DecimalField:
    """A number from `low` to `high` with at most `places` digits after the mark."""
    # A phone's keyboard for decimals has no minus.
    keyboard = {"inputmode": "text" if low < 0 else "decimal", "autocomplete": "off"}
    return _Decimal(label, [*rules, _Decimals(low, high, places)], render_kw=keyboard)
