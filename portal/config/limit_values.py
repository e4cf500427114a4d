"""How often what costs much may be asked for (G-31); registered with the other operator values (`values.py`)."""

from __future__ import annotations

from portal.config.registry import REGISTRY, Setting, setting
from portal.kernel.i18n import lazy

PICTURES_PER_HOUR = setting(
    "people.pictures_per_hour", 120, lazy("Pictures one person may send in an hour"), "G-31", 1, 10_000
)
IMPORTS_PER_HOUR = setting(
    "referrals.imports_per_hour",
    30,
    lazy("Address books one person may import in an hour"),
    "G-31",
    1,
    1000,
)
CHANGES_PER_MINUTE = setting(
    "portal.changes_per_minute",
    240,
    lazy("Forms one person may send in a minute, of whatever kind"),
    "G-31",
    10,
    10_000,
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
EVERY_COUNTRY = "*"
TEXT_COUNTRIES = Setting(
    "notifications.text_countries",
    EVERY_COUNTRY,
    lazy(
        "Countries whose numbers get codes, and other text messages before somebody has proved them:"
        " two letters each (SN FR), or * for all"
    ),
    "G-31",
    pattern=r"\*|[A-Z]{2}(?: [A-Z]{2})*",
)
REGISTRY[TEXT_COUNTRIES.key] = TEXT_COUNTRIES
TEXTS_PER_DAY = setting(
    "notifications.unproved_texts_per_day",
    5_000,
    lazy("Text messages in a day to numbers that nobody has proved, besides codes"),
    "G-31",
    0,
    1_000_000,
)
TEXTS_AT_HOME = setting(
    "notifications.unproved_texts_at_home",
    4_000,
    lazy("Text messages in a day to numbers of our own country that nobody has proved, besides codes"),
    "G-31",
    0,
    1_000_000,
)
TEXTS_PER_COUNTRY = setting(
    "notifications.unproved_texts_per_country",
    500,
    lazy("Text messages in a day to numbers of any one other country that nobody has proved, besides codes"),
    "G-31",
    0,
    1_000_000,
)
