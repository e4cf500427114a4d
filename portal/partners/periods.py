"""Settlement periods: which calendar days of the platform are counted together (STL-07)."""

from __future__ import annotations

from datetime import date, timedelta

from portal.partners.models import PaymentTerms


def period_of(terms: PaymentTerms, day: date) -> tuple[date, date]:
    """The first and the last day, both included, of the period that `day` lies in.

    Weeks begin on Monday, months on the first, quarters in January, April, July and October.
    """
    if terms is PaymentTerms.WEEKLY:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    months = 3 if terms is PaymentTerms.QUARTERLY else 1
    first_month = day.month - (day.month - 1) % months
    start = date(day.year, first_month, 1)
    return start, _first_of(day.year, first_month + months) - timedelta(days=1)


def _first_of(year: int, month: int) -> date:
    """The first day of a month counted on past December."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
