"""Countries by their three letters (ISO 3166-1, R-11); CLDR names them in the reader's language."""

from __future__ import annotations

from functools import cache

from babel import Locale
from babel.core import get_global
from flask_babel import get_locale

HOME = "SEN"
# What CLDR lists beside today's countries: names of the past, and regions that have no letters of their own.
_NO_COUNTRY = frozenset(
    ["ASC", "BUR", "CPT", "DDR", "DGA", "FXX", "QUU", "TAA", "TMP", "XAA", "XBB", "XKK", "YMD", "ZAR", "ZZZ"]
)  # fmt: skip


@cache
def _two_letters() -> dict[str, str]:
    """The two letters of every country, by its three."""
    named = Locale("en").territories
    return {
        code: replaced[0]
        for code, replaced in get_global("territory_aliases").items()
        if len(code) == 3 and code.isalpha() and code not in _NO_COUNTRY
        if len(replaced) == 1 and len(replaced[0]) == 2 and replaced[0] in named
    }


def is_country(code: str) -> bool:
    """Whether the three letters are those of a country."""
    return code in _two_letters()


def country_name(code: str) -> str:
    """What the reader calls the country; its letters where nobody knows them."""
    locale = get_locale() or Locale("fr")
    return str(locale.territories.get(_two_letters().get(code, ""), code))


def country_names() -> dict[str, str]:
    """Every country with its name, this one first, the others in the order of their names."""
    named = {code: country_name(code) for code in _two_letters()}
    return dict(sorted(named.items(), key=lambda one: (one[0] != HOME, one[1].casefold())))
