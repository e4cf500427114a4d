"""What people are called, and what words of theirs we carry to others: never a way to lure somebody elsewhere.

Names and words that one person types reach others in our messages, under our sender: what could be an address or a
number to call has no place in them.
"""

from __future__ import annotations

import re
import unicodedata

from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _

MAX_NAME = 255
# As much of a name as a text message says.
LONGEST_FIRST_NAME = 20
# As much of the name of a person, house or company as a message to others says.
LONGEST_IN_MESSAGES = 60
_ELLIPSIS = "…"
# Signs that belong to the letter before them: accents set apart, and shades of a picture.
_ON_THE_LETTER_BEFORE = re.compile("[\U0001f3fb-\U0001f3ff]")
_LINK = re.compile(r"://|\bwww\.|\w\.[^\W\d_]{2,}", re.IGNORECASE)
# Blanks and strokes between digits hide no number.
_LONG_NUMBER = re.compile(r"\d(?:[\s.,()/_-]*\d){4}")


def person_name(typed: str, field: str, most: int = MAX_NAME) -> str:
    """The name with single blanks and without signs nobody sees.

    Raises `InvalidInput` without a letter, past `most` characters, and for what is an address or a number.
    """
    if not any(sign.isalpha() for sign in typed):
        raise InvalidInput(_("Please enter your name."), field=field)
    return organisation_name(typed, field, most)


def organisation_name(typed: str, field: str, most: int = MAX_NAME) -> str:
    """What a house or company is called, as `person_name`; it may be a year alone."""
    seen = "".join(sign for sign in typed if sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cf"))
    name = " ".join(seen.split())
    if not any(sign.isalnum() for sign in name):
        raise InvalidInput(_("Please fill in this field."), field=field)
    if len(name) > most:
        raise InvalidInput(_("Please use at most %(limit)s characters.", limit=most), field=field)
    if not is_name(name):
        raise InvalidInput(
            _("A name has no web address, no @ and no long number in it. After a dot, leave a blank."),
            field=field,
        )
    return name


def is_name(words: str) -> bool:
    """Whether these words lead nowhere: no web address, no @ and no long run of digits."""
    plain = _plain(words)
    return "@" not in plain and not _LINK.search(plain) and not _LONG_NUMBER.search(plain)


def first_name(name: str) -> str:
    """The first name, as a text message has room for it."""
    return shortened_name((name.split() or [""])[0], LONGEST_FIRST_NAME)


def shortened_name(name: str, most: int = LONGEST_IN_MESSAGES) -> str:
    """At most `most` signs: what is longer ends after a whole word, else after a whole letter, with an ellipsis."""
    if len(name) <= most:
        return name
    end = most - len(_ELLIPSIS)
    words = name[: end + 1].rstrip()
    if " " in words:
        kept = words if len(words) <= end else words.rpartition(" ")[0]
        return kept.rstrip() + _ELLIPSIS
    while end > 1 and _belongs_to_the_letter_before(name[end]):
        end -= 1
    return name[:end] + _ELLIPSIS


def _belongs_to_the_letter_before(sign: str) -> bool:
    return unicodedata.category(sign).startswith("M") or bool(_ON_THE_LETTER_BEFORE.match(sign))


def refuse_links(words: str | None, field: str) -> None:
    """Raise `InvalidInput` for words with a web address in them."""
    if words and _LINK.search(_plain(words)):
        raise InvalidInput(
            _("Please write without web addresses: we send none but our own. After a dot, leave a blank."),
            field=field,
        )


def _plain(words: str) -> str:
    """The words as a phone reads them: wide letters and foreign dots are what they look like."""
    seen = "".join(sign for sign in words if unicodedata.category(sign) != "Cf")
    return unicodedata.normalize("NFKC", seen).replace("\u3002", ".")
