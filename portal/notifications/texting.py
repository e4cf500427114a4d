"""Words as they are set: on a page no sign stands alone on a line, to a phone they go in few parts.

A text message is paid by the part. A part holds 160 letters of the GSM alphabet (3GPP TS 23.038), or 70 when
there is one other letter in it.
"""

from __future__ import annotations

import re
import unicodedata

_PLAIN = str.maketrans(
    {
        "\u202f": " ",
        "\u00a0": " ",
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
        "–": "-",
        "—": "-",
        "…": "...",
        "•": "*",
    }
)
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)
_SHORT = 70
_FRENCH_QUOTES = re.compile(r"«\s*|\s*»")
_BEFORE_DOUBLE_SIGNS = re.compile(r" (?=[;!?])")
_BEFORE_COLON = re.compile(r" (?=:(?:\s|$))")
_INSIDE_QUOTES = re.compile(r"(?<=«) | (?=»)")
_WITHOUT_ACCENT = {"œ": "oe", "Œ": "OE", "ŋ": "ng", "Ŋ": "NG"}


def typeset(text: str, language: str) -> str:
    """`text` with gaps that do not break before the signs that French sets apart, and inside its quotes."""
    text = _INSIDE_QUOTES.sub("\u00a0", text)
    if language != "fr":
        return text
    return _BEFORE_COLON.sub("\u00a0", _BEFORE_DOUBLE_SIGNS.sub("\u202f", text))


def for_phones(text: str) -> str:
    """`text` with plain quotes and gaps; what is longer than a part of rare letters loses their accents too."""
    plain = _FRENCH_QUOTES.sub('"', text).translate(_PLAIN)
    if len(plain) <= _SHORT or _GSM.issuperset(plain):
        return plain
    return "".join(letter if letter in _GSM else _bare(letter) for letter in plain)


def _bare(letter: str) -> str:
    """The letter under its accent; one that has none stays."""
    if letter in _WITHOUT_ACCENT:
        return _WITHOUT_ACCENT[letter]
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base in _GSM else letter
