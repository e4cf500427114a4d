"""Shares always sum to their total; rounding follows the one rule (reconciliation §1)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.money import (
    CurrencyMismatch,
    Money,
    convertible,
    percentage_share,
    running_share,
    split,
)
from portal.web.filters import money

percents = st.decimals(min_value=0, max_value=100, places=2)


@pytest.mark.covers("PAY-05", "PAY-06")
@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
def test_parts_sum_to_the_total_and_none_strays_from_its_quota(total: int, weights: list[int]) -> None:
    parts = split(total, weights)

    assert sum(parts) == total
    whole = sum(weights)
    assert all(
        abs(part * whole - total * weight) < whole for part, weight in zip(parts, weights, strict=True)
    )


def test_a_tie_goes_to_the_earlier_line() -> None:
    assert split(1, [1, 1]) == [1, 0]
    assert split(5, [1, 1, 1]) == [2, 2, 1]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_weights_that_share_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="positive"):
        split(10, weights)


@pytest.mark.covers("STL-03")
@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=60), percents)
def test_lines_add_up_to_the_share_of_the_period_at_every_moment(
    amounts: list[int], percent: Decimal
) -> None:
    total = shares = 0
    for amount in amounts:
        line = running_share(total, amount, percent)
        assert 0 <= line <= amount
        total += amount
        shares += line
        assert shares == percentage_share(total, percent)


@pytest.mark.covers("PAY-06")
@given(st.integers(0, 10**12), percents)
def test_a_percentage_shares_as_two_lines_do(total: int, percent: Decimal) -> None:
    assert percentage_share(total, percent) == split(total, [percent, 100 - percent])[0]


@pytest.mark.parametrize("percent", ["-0.01", "100.01"])
def test_more_than_the_whole_is_no_percentage(percent: str) -> None:
    with pytest.raises(ValueError, match="between 0 and 100"):
        percentage_share(100, Decimal(percent))


@pytest.mark.covers("REF-63")
@pytest.mark.parametrize(
    ("points", "rate", "expected"),
    [
        (333, "2.5", (332, 830)),
        (500, "1.0000", (500, 500)),
        (7, "0.3333", (0, 0)),
        (10_000, "0.3333", (10_000, 3333)),
        (0, "2", (0, 0)),
    ],
)
def test_only_points_worth_whole_francs_convert(points: int, rate: str, expected: tuple[int, int]) -> None:
    assert convertible(points, Decimal(rate)) == expected


@pytest.mark.covers("PAY-05")
def test_money_refuses_fractions_and_mixed_currencies() -> None:
    with pytest.raises(TypeError):
        Money(1.5)  # type: ignore[arg-type]
    with pytest.raises(CurrencyMismatch):
        Money(1, "XOF") + Money(1, "EUR")
    assert Money(3) + Money(4) - Money(2) == Money(5)


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (15_000, "XOF", "15\u202f000\u00a0F\u00a0CFA"),
        (-2_500, "XOF", "−2\u202f500\u00a0F\u00a0CFA"),
        (999, "XOF", "999\u00a0F\u00a0CFA"),
        (1_234_567, "PTS", "1\u202f234\u202f567 points"),
        (123_456, "EUR", "1\u202f234,56\u00a0EUR"),
    ],
)
def test_no_line_ends_inside_an_amount(amount: int, currency: str, words: str) -> None:
    assert money(amount, currency) == words
