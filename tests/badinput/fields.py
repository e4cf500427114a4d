"""What is tried in a field, by what kind of field it is and which bounds it declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    Field,
    FileField,
    HiddenField,
    IntegerField,
    PasswordField,
    StringField,
    TimeField,
)
from wtforms.fields.choices import SelectFieldBase

from portal.kernel.forms import AtMost, Between, EmailAddress, PhoneNumber
from portal.people.forms import DayField
from tests.badinput import hostile
from tests.badinput.hostile import Case, Verdict

# By the class of the field, or by a rule it declares; the first that fits.
_FORBIDDEN: tuple[tuple[type, tuple[str, ...]], ...] = (
    (SelectFieldBase, hostile.NO_CHOICES),
    (IntegerField, hostile.NO_WHOLE_NUMBERS),
    (DecimalField, hostile.NO_DECIMALS),
    (DayField, (*hostile.NO_DAYS, "01/01/2999", "01/01/1600")),
    (DateField, hostile.NO_CALENDAR_DAYS),
    (TimeField, hostile.NO_TIMES),
    (EmailAddress, (*hostile.NO_EMAILS, hostile.HUGE)),
    (PhoneNumber, (*hostile.NO_PHONES, hostile.HUGE)),
)


def cases_of(field: Field | None) -> Iterator[Case]:
    """Every bad value for a field of a form; None is a value that a view reads by itself."""
    if field is None:
        yield Case("left out", None, Verdict.EITHER)
        yield Case("twice", ["", hostile.SCRIPT], Verdict.EITHER)
        yield from _either("", *hostile.TEXTS, *hostile.NO_NUMBERS, hostile.HUGE)
        return
    if isinstance(field, FileField):
        yield from _either("a text where a file belongs", hostile.SCRIPT)
        return
    if isinstance(field, BooleanField):
        yield from _either(*hostile.NO_CHOICES)
        return
    yield from _missing(field)
    yield from _of_its_kind(field)


def _missing(field: Field) -> Iterator[Case]:
    verdict = Verdict.REFUSED if field.flags.required else Verdict.EITHER
    yield Case("left out", None, verdict)
    yield Case("empty", "", verdict)
    yield Case("blank", "  \t ", verdict)
    yield Case("invisible", hostile.INVISIBLE, verdict)
    yield Case("twice", ["", hostile.SCRIPT], Verdict.EITHER)


def _of_its_kind(field: Field) -> Iterator[Case]:
    rules = {type(rule): rule for rule in field.validators}
    forbidden = next(
        (values for kind, values in _FORBIDDEN if isinstance(field, kind) or kind in rules), None
    )
    if forbidden is not None:
        is_checked = getattr(field, "validate_choice", True)
        yield from _refused((*forbidden, *_beyond(rules.get(Between)))) if is_checked else _either(*forbidden)
    elif isinstance(field, HiddenField):
        yield from _either(*hostile.TEXTS, hostile.NUL, hostile.HUGE)
    else:
        yield from _text(field, rules)


def _text(field: StringField, rules: dict[type, Any]) -> Iterator[Case]:
    yield from _refused((hostile.NUL, hostile.HUGE))
    if AtMost in rules:
        yield Case("one too long", "x" * (rules[AtMost].max + 1))
    if not isinstance(field, PasswordField):
        yield from _either(*hostile.TEXTS)


def _beyond(bounds: Between | None) -> tuple[str, ...]:
    return (str(bounds.min - 1), str(bounds.max + 1)) if bounds else ()


def _refused(values: Iterable[str]) -> Iterator[Case]:
    yield from (Case(repr(value[:60]), value) for value in values)


def _either(*values: str) -> Iterator[Case]:
    yield from (Case(repr(value[:60]), value, Verdict.EITHER) for value in values)
