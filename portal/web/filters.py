"""How values read on a page: money, dates, phones, in the reader's language and time zone."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date as babel_date
from babel.dates import format_timedelta
from flask import Flask
from flask_babel import format_datetime

from portal.kernel import clock, phones
from portal.kernel.i18n import _, ngettext
from portal.kernel.money import LEAD_CREDITS, NARROW_GAP, POINTS, XOF, Money, decimals, grouped
from portal.web.languages import current_language

_PATTERNS = {
    "fr": ("EEEE d MMMM y", "d MMM y", "EEEE d MMMM y 'à' HH 'h' mm"),
    "en": ("EEEE d MMMM y", "d MMM y", "EEEE d MMMM y 'at' HH:mm"),
    "wo": ("EEEE d MMMM y", "d MMM y", "EEEE d MMMM y, HH:mm"),
}


def register(app: Flask) -> None:
    """Give the filters to every template."""
    app.jinja_env.filters.update(
        money=money,
        number=grouped,
        long_date=long_date,
        short_date=short_date,
        date_time=date_time,
        relative_time=relative_time,
        phone=phones.for_people,
        masked_phone=phones.masked,
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
    return f"{sign}{text}{NARROW_GAP}{'F CFA' if currency == XOF else currency}"


def long_date(value: date | datetime | None) -> str:
    """`samedi 21 novembre 2026`."""
    return _format(value, 0)


def short_date(value: date | datetime | None) -> str:
    """`21 nov. 2026`."""
    return _format(value, 1)


def date_time(value: datetime | None) -> str:
    """`samedi 21 novembre 2026 à 14 h 05`, in the reader's time zone."""
    if value is None:
        return ""
    return str(format_datetime(value, _PATTERNS[current_language()][2]))


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
        return str(format_datetime(value, _PATTERNS[language][pattern]))
    return babel_date(value, _PATTERNS[language][pattern], locale=language)
