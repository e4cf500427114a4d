"""How often what costs much may be asked for (G-31); registered with the other operator values (`values.py`)."""

from __future__ import annotations

from portal.config.registry import setting
from portal.kernel.i18n import lazy

PICTURES_PER_HOUR = setting(
    "people.pictures_per_hour", 120, lazy("Pictures one person may send in an hour"), "G-31", 1, 10_000
)
IMPORTS_PER_HOUR = setting(
    "referrals.imports_per_hour",
    30,
    lazy("Address books one person may read in within an hour"),
    "G-31",
    1,
    1000,
)
SHARES_PER_MINUTE = setting(
    "pots.shares_per_minute",
    60,
    lazy("Pictures to share, made in a minute for one address"),
    "G-31",
    1,
    10_000,
)
GIFTS_PER_MINUTE = setting(
    "donations.per_minute", 60, lazy("Gifts begun in a minute from one address"), "G-31", 1, 10_000
)
PAYOUT_ACCOUNTS_PER_HOUR = setting(
    "payouts.accounts_per_hour",
    10,
    lazy("Changes of a payout account that one person may try in an hour"),
    "G-31",
    1,
    1000,
)
