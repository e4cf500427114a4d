"""Money in integer minor units, and the one way to share a total (reconciliation §1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import total_ordering

XOF = "XOF"
POINTS = "PTS"
LEAD_CREDITS = "CRD"

# Currencies without a minor unit: one franc is one unit, never a hundred.
_ZERO_DECIMALS = frozenset({"XOF", "XAF", "GNF", "JPY", "KRW", "RWF", "UGX", POINTS, LEAD_CREDITS})

# Between thousands: narrow, and no line ends there.
NARROW_GAP = "\u202f"
# What follows a number of francs: no line ends before its name, nor inside it.
FRANCS = "\u00a0F\u00a0CFA"

# Far above any pot and far below bigint, so that sums of many rows cannot overflow.
MAX_AMOUNT_MINOR = 10**12


class CurrencyMismatch(ValueError):
    """Two amounts of different units were put together."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount: `minor` units of `currency` (1 500 XOF is `Money(1500, "XOF")`)."""

    minor: int
    currency: str = XOF

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise TypeError("money is counted in whole minor units")
        if len(self.currency) != 3 or not self.currency.isupper():
            raise ValueError("a currency has three capital letters")

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.minor


def grouped(value: int | Decimal) -> str:
    """`15 000`: digits in threes that stay on one line, the same in every language."""
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return text.replace(",", NARROW_GAP)


def decimals(currency: str) -> int:
    """How many digits of the amount stand after the decimal mark."""
    return 0 if currency in _ZERO_DECIMALS else 2


def francs(amount: int) -> str:
    """`15 000 F CFA`, in one piece."""
    return f"{grouped(amount)}{FRANCS}"


def split(total: int, weights: Sequence[int | Decimal | Fraction]) -> list[int]:
    """Share `total` by `weights`, in minor units, by largest remainder; ties go to the earlier line.

    The parts always sum to `total`. Weights are not negative and not all zero, else `ValueError`.
    """
    exact = [Fraction(weight) for weight in weights]
    whole = sum(exact, Fraction(0))
    if whole <= 0 or any(weight < 0 for weight in exact):
        raise ValueError("weights must be positive")
    quotas = [total * weight / whole for weight in exact]
    parts = [quota.numerator // quota.denominator for quota in quotas]
    remainders = [quota - part for quota, part in zip(quotas, parts, strict=True)]
    by_remainder = sorted(range(len(parts)), key=lambda line: (-remainders[line], line))
    for line in by_remainder[: total - sum(parts)]:
        parts[line] += 1
    return parts


def percentage_share(total: int, percent: Decimal) -> int:
    """The first party's part of `total` at `percent` (0 to 100), the second taking the rest.

    Largest remainder with the tie to the first line, as in `split(total, [percent, 100 - percent])`: of two
    parts that is the half rounded up. In whole numbers, because every scan counts it twice.
    """
    part, whole = percent.as_integer_ratio()
    if not 0 <= percent <= 100:
        raise ValueError("a percentage lies between 0 and 100")
    return (2 * total * part + 100 * whole) // (200 * whole)


def running_share(total_before: int, amount: int, percent: Decimal) -> int:
    """The share of a line that raises a period's total from `total_before` by `amount`.

    Share of the total so far minus share of the total before, so the lines always add up to the
    share of the period's total (reconciliation §1, M-12).
    """
    return percentage_share(total_before + amount, percent) - percentage_share(total_before, percent)


def convertible(points: int, rate: Decimal) -> tuple[int, int]:
    """The most points, up to `points`, worth whole francs at `rate`, and those francs (G-03).

    333 points at 2.5 give (332, 830).
    """
    exact = Fraction(rate)
    usable = points - points % exact.denominator
    return usable, int(usable * exact)
