"""Values for one field, by what kind of field it is: now and then one that fits, mostly one that nobody means."""

from __future__ import annotations

from hypothesis import strategies as st
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    Field,
    IntegerField,
    TimeField,
)
from wtforms.fields.choices import SelectFieldBase

from portal.kernel.forms import EmailAddress, PhoneNumber
from portal.people.forms import DayField
from tests.badinput import hostile

Text = st.SearchStrategy[str]

# Halves of signs, signs without a width, signs that turn the line, control signs and NUL are among them.
_ANY_SIGN = st.characters(exclude_categories=())
_ODD_SIGNS = st.sampled_from(
    "\x00\x07\x1b\x7f\x85\u00ad\u0300\u200b\u200d\u202e\u2028\ufeff\ufffe\U000e0041\ud800\udfff٣߃🎂"
)
_DIGITS = st.sampled_from(("0123456789", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "߀߁߂߃߄߅߆߇߈߉"))


def _long(one: str, times: int) -> str:
    return (one * times)[:120_000]


def texts() -> Text:
    """Any text: of any signs, very long, or one that would do something where it is not taken as text."""
    return st.one_of(
        st.text(_ANY_SIGN, max_size=30),
        st.text(st.one_of(_ODD_SIGNS, st.sampled_from("aé <&\"'\r\n\t")), max_size=20),
        st.sampled_from(hostile.TEXTS),
        st.builds(_long, st.text(_ANY_SIGN, min_size=1, max_size=4), st.integers(50, 30_000)),
        st.just(""),
    )


def _in_other_digits(number: int, digits: str) -> str:
    return "".join(digits[int(sign)] if sign.isdigit() else sign for sign in str(number))


def numbers() -> Text:
    """Numbers as people, programs and other scripts write them, small and without end."""
    return st.one_of(
        st.integers(-10, 200_000).map(str),
        st.integers(-(2**65), 2**65).map(str),
        st.floats(allow_nan=True, allow_infinity=True).map(repr),
        st.builds(_in_other_digits, st.integers(-1_000, 10**12), _DIGITS),
        st.builds(
            "{}{}{}".format,
            st.integers(-99, 99),
            st.sampled_from(".,'_ \u202f\u00a0eE"),
            st.integers(0, 10**9),
        ),
        st.sampled_from((*hostile.NO_DECIMALS, "-0", "+5", "1e309", "1e-400", "½", "²", "０", "9" * 400)),
    )


def days() -> Text:
    """Days in each way of writing them, within and beyond the calendar."""
    part = st.integers(-1, 40)
    year = st.one_of(st.integers(1900, 2100), st.integers(-1, 100_000))
    return st.one_of(
        st.dates().map(str),
        st.builds("{}/{}/{}".format, part, part, year),
        st.builds("{}-{:02}-{:02}".format, year, st.integers(0, 13), st.integers(0, 32)),
        st.datetimes(timezones=st.none() | st.timezones()).map(lambda moment: moment.isoformat()),
        st.sampled_from(hostile.NO_CALENDAR_DAYS),
    )


def times() -> Text:
    """Times of a day and what looks like one."""
    return st.one_of(
        st.times().map(str),
        st.builds("{}:{}".format, st.integers(-1, 30), st.integers(-1, 70)),
        st.sampled_from(hostile.NO_TIMES),
    )


def emails() -> Text:
    """Addresses that are allowed and hardly ever seen, and those that are none."""
    return st.one_of(
        st.emails(),
        st.builds("{}@{}".format, st.text(_ANY_SIGN, max_size=10), st.text(_ANY_SIGN, max_size=10)),
        st.sampled_from(hostile.NO_EMAILS),
    )


def phones() -> Text:
    """Numbers of many countries, in many ways of writing, and those that are none."""
    return st.one_of(
        st.builds("+{}{}".format, st.sampled_from((221, 33, 1, 225, 999, 0)), st.integers(0, 10**12)),
        st.builds("77{:07}".format, st.integers(0, 10**7)),
        st.builds(_in_other_digits, st.integers(770_000_000, 779_999_999), _DIGITS),
        st.sampled_from(hostile.NO_PHONES),
    )


def ids(names: list[str]) -> Text:
    """Ids of the world, of whatever kind and whoever they belong to, and what is no id."""
    return st.one_of(
        st.sampled_from([f"{{{name}}}" for name in names]),
        st.uuids().map(str),
        st.sampled_from((hostile.UNKNOWN_ID, "0", "not-an-id", "{}")),
    )


def anything(names: list[str]) -> Text:
    """A value for a name of which nothing is known."""
    return st.one_of(
        texts(), numbers(), days(), ids(names), st.sampled_from((*hostile.IN_ADDRESS, *hostile.SOME_CURSORS))
    )


def values_for(field: Field | None, names: list[str]) -> Text:
    """Values for a field of a form; None is one that a view reads by itself."""
    if field is None:
        return anything(names)
    if isinstance(field, SelectFieldBase):
        offered = [str(choice[0]) for choice in getattr(field, "iter_choices", list)()]
        return st.one_of(st.sampled_from(offered or [""]), ids(names), st.sampled_from(hostile.NO_CHOICES))
    rules = {type(rule) for rule in field.validators}
    for kind, made in _BY_KIND:
        if isinstance(field, kind) or kind in rules:
            return st.one_of(made(), made(), texts())
    return st.one_of(texts(), texts(), ids(names), numbers())


def _ticks() -> Text:
    return st.sampled_from(("y", "", "no", "false", "0", "on", "\x00"))


_BY_KIND = (
    (BooleanField, _ticks),
    (IntegerField, numbers),
    (DecimalField, numbers),
    (DayField, days),
    (DateField, days),
    (TimeField, times),
    (EmailAddress, emails),
    (PhoneNumber, phones),
)
