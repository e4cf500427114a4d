"""How values read on a page: money, dates, phones, in the reader's language and time zone."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date as babel_date
from babel.dates import format_timedelta
from flask import Flask
from flask_babel import format_datetime, get_timezone
from markupsafe import Markup

from portal.kernel import clock, phones
from portal.kernel.contact import linked, spelled
from portal.kernel.countries import country_name
from portal.kernel.i18n import _, ngettext, said_date
from portal.kernel.money import FRANCS, LEAD_CREDITS, NARROW_GAP, POINTS, XOF, Money, decimals, grouped
from portal.web.languages import current_language

_INSIDE_A_NUMBER = re.compile(r"(?<=[0-9]) (?=[0-9])")
_PATTERNS = {
    "fr": (
        "EEEE d\u00a0MMMM y",
        "d\u00a0MMM\u00a0y",
        "EEEE d\u00a0MMMM y 'à'\u00a0HH\u00a0'h'\u00a0mm",
        "d\u00a0MMM\u00a0y, HH\u00a0'h'\u00a0mm",
    ),
    "en": (
        "EEEE d\u00a0MMMM y",
        "d\u00a0MMM\u00a0y",
        "EEEE d\u00a0MMMM y 'at'\u00a0HH:mm",
        "d\u00a0MMM\u00a0y, HH:mm",
    ),
    "wo": (
        "EEEE d\u00a0MMMM y",
        "d\u00a0MMM\u00a0y",
        "EEEE d\u00a0MMMM y, HH:mm",
        "d\u00a0MMM\u00a0y, HH:mm",
    ),
}


def register(app: Flask) -> None:
    """Give the filters to every template."""
    app.jinja_env.filters.update(
        money=money,
        number=number,
        percent=percent,
        long_date=long_date,
        short_date=short_date,
        day_of_year=day_of_year,
        month=month,
        date_time=date_time,
        short_moment=short_moment,
        deadline=deadline,
        relative_time=relative_time,
        phone=phone,
        country=country_name,
        masked_phone=phones.masked,
        unbroken=unbroken,
        linked_to_us=linked,
        spelled_out=spelled,
    )


def money(amount: int | Money | None, currency: str = XOF) -> str:
    """`15 000 F CFA`, `120 points`; the same digits in every language, decimals only where the unit has them."""
    if amount is None:
        return ""
    if isinstance(amount, Money):
        return money(amount.minor, amount.currency)
    if currency == POINTS:
        return ngettext("%(points)s point", "%(points)s points", amount, points=grouped(amount))
    if currency == LEAD_CREDITS:
        return ngettext("%(credits)s credit", "%(credits)s credits", amount, credits=grouped(amount))
    places = decimals(currency)
    text = grouped(abs(amount) // 10**places)
    if places:
        text += f",{abs(amount) % 10**places:0{places}d}"
    sign = "−" if amount < 0 else ""
    return sign + text + (FRANCS if currency == XOF else f"\u00a0{currency}")


def number(value: int | Decimal) -> str:
    """Thousands apart, with a gap that does not break; the decimal mark is the reader's."""
    text = grouped(value)
    return text if current_language() == "en" else text.replace(".", ",")


def percent(value: int | Decimal) -> str:
    """`82,5 %`, as the reader writes it; two decimals at most."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{text}%" if current_language() == "en" else f"{text.replace('.', ',')}{NARROW_GAP}%"


def phone(number: str) -> str:
    """`77 123 45 67` for a Senegalese number, never broken over two lines."""
    return phones.for_people(number).replace(" ", "\u00a0")


def unbroken(text: str) -> str:
    """The sentence with each number in it in one piece: no line ends in `77 123 45 67`."""
    whole = _INSIDE_A_NUMBER.sub("\u00a0", str(text))
    return Markup(whole) if isinstance(text, Markup) else whole  # nosec B704 # noqa: S704  (it was safe before)


def long_date(value: date | datetime | None) -> str:
    """`samedi 21 novembre 2026`."""
    return _format(value, 0)


def day_of_year(value: date) -> str:
    """`21 novembre`: a birthday without the year."""
    pattern = "d\u00a0MMMM"
    return said_date(babel_date(value, pattern, locale=current_language()), current_language())


def short_date(value: date | datetime | None) -> str:
    """`21 nov. 2026`."""
    return _format(value, 1)


def month(value: str) -> str:
    """`novembre 2026` for `2026-11`."""
    return babel_date(date.fromisoformat(f"{value}-01"), "MMMM y", locale=current_language())


def date_time(value: datetime | None) -> str:
    """`samedi 21 novembre 2026 à 14 h 05`, in the reader's time zone."""
    return _format(value, 2)


def short_moment(value: datetime | None) -> str:
    """`21 nov. 2026, 14 h 05`, for dense tables."""
    return _format(value, 3)


def deadline(value: datetime | None) -> str:
    """The last day of what ends at midnight, the moment of what ends at any other time."""
    if value is None:
        return ""
    day = clock.last_day(value, get_timezone())
    return long_date(day) if day is not None else date_time(value)


def relative_time(value: datetime | None) -> str:
    """`il y a 3 minutes`; a date once it is more than a week away."""
    if value is None:
        return ""
    distance = value - clock.now()
    seconds = abs(distance.total_seconds())
    if seconds < 45:
        return _("just now")
    if seconds > 7 * 86400:
        return short_date(value)
    return format_timedelta(distance, add_direction=True, locale=current_language())


def _format(value: date | datetime | None, pattern: int) -> str:
    if value is None:
        return ""
    language = current_language()
    if isinstance(value, datetime):
        return said_date(str(format_datetime(value, _PATTERNS[language][pattern])), language)
    return said_date(babel_date(value, _PATTERNS[language][pattern], locale=language), language)
