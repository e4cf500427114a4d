"""Which days a settlement counts together."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.partners.models import PaymentTerms
from portal.partners.periods import period_of


@pytest.mark.covers("PRT-05", "STL-07")
@pytest.mark.parametrize(
    ("terms", "day", "start", "end"),
    [
        ("weekly", date(2026, 11, 16), date(2026, 11, 16), date(2026, 11, 22)),
        ("weekly", date(2026, 11, 22), date(2026, 11, 16), date(2026, 11, 22)),
        ("weekly", date(2027, 1, 1), date(2026, 12, 28), date(2027, 1, 3)),
        ("monthly", date(2026, 11, 21), date(2026, 11, 1), date(2026, 11, 30)),
        ("monthly", date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
        ("monthly", date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        ("quarterly", date(2026, 1, 1), date(2026, 1, 1), date(2026, 3, 31)),
        ("quarterly", date(2026, 11, 21), date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_follows_the_payment_terms(terms: str, day: date, start: date, end: date) -> None:
    assert period_of(PaymentTerms(terms), day) == (start, end)


@pytest.mark.covers("STL-07")
@given(
    terms=st.sampled_from(PaymentTerms),
    day=st.dates(min_value=date(2020, 1, 1), max_value=date(2060, 1, 1)),
)
def test_periods_follow_each_other_without_gap_or_overlap(terms: PaymentTerms, day: date) -> None:
    start, end = period_of(terms, day)

    assert start <= day <= end
    assert period_of(terms, start) == period_of(terms, end) == (start, end)
    assert period_of(terms, end + timedelta(days=1))[0] == end + timedelta(days=1)
