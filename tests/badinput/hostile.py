"""Values that nobody means: what is tried, and what must come of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

# Each would do something if it reached a page, a statement, a template, a file or a spreadsheet as it stands.
SCRIPT = "<script>bad()</script>"
TAG = '"><img src=x onerror=bad()>'
ATTRIBUTES = ('" autofocus onfocus=bad() x="', "' autofocus onfocus=bad() x='")
LINK = "javascript:bad()"
SQL = "'; DROP TABLE users; --"
TEMPLATE = "{{ 1337 * 1337 }}"
RUN = ("1787569", "{{ 1787569")
FORMULA = "=cmd|'/C calc'!A0"
PATH = "../../../../etc/passwd"
NUL = "Awa\x00Ndiaye"
INVISIBLE = "\u200b\u200b\u2060"
BACKWARDS = "\u202eeyaidN awA\u202c"
LINES = "Awa\r\nBcc: everybody@example.org\r\n\r\nbody"
HUGE = "A" * 1_000_000
SHOWN_AGAIN = (SCRIPT, TAG, ATTRIBUTES[0], TEMPLATE, BACKWARDS)
TEXTS = (SCRIPT, TAG, *ATTRIBUTES, LINK, SQL, TEMPLATE, FORMULA, PATH, BACKWARDS, LINES, "%s%n{0}", "🎂" * 20)

# Parts of a page that show a value at work instead of as text.
AT_WORK = (
    "<script>bad",
    "<img src=x onerror",
    ATTRIBUTES[0],
    ATTRIBUTES[1],
    'href="javascript:',
    "1787569",
)


class Verdict(Enum):
    """What must become of a value."""

    REFUSED = "refused"
    # Either it is refused, or it is kept as a text and never more than that.
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Case:
    """A value for one field; None leaves the field out."""

    name: str
    value: Any
    verdict: Verdict = Verdict.REFUSED


NO_NUMBERS = (
    "abc",
    "1.5x",
    "NaN",
    "sNaN",
    "Infinity",
    "-Infinity",
    "0x10",
    "1_000",
    "--5",
    SCRIPT,
    SQL,
    NUL,
    "1" * 5000,
)
NO_WHOLE_NUMBERS = (*NO_NUMBERS, "1.5", "1,5", "1e3", str(10**30), str(-(10**30)))
NO_DECIMALS = (*NO_NUMBERS, "1e400", str(10**30), "1.23456789", "50." + "0" * 60 + "1")
NO_EMAILS = (
    "awa", "awa@", "@example.org", "awa@example", "awa example@example.org", "awa@exa mple.org", "awa@@example.org",
    "awa@example.org\r\nBcc: x@example.org", f"{SCRIPT}@example.org", SQL, NUL, "a" * 250 + "@example.org",
)  # fmt: skip
NO_PHONES = ("abc", "12", "000000000", "+999123456789", "1e9", SCRIPT, SQL, NUL, "7" * 41, "77 123 45 67\x00")
NO_DAYS = (
    "abc",
    "31/02/2001",
    "00/00/0000",
    "99/99/9999",
    "1/1/1",
    "2026-13-45",
    "10000-01-01",
    SCRIPT,
    NUL,
    "1" * 5000,
)
NO_CALENDAR_DAYS = (*NO_DAYS, "0001-01-01", "9999-12-31", "31/12/2026", "2026-02-30")
NO_TIMES = ("abc", "25:00", "12:61", "-1:00", "12", SCRIPT, NUL)
NO_CHOICES = ("nonsense", "0", "-1", SCRIPT, SQL, NUL, "A" * 5000)

# What an address is asked with, whatever the name of the part.
IN_ADDRESS = (
    "", " ", *TEXTS, NUL, INVISIBLE, "A" * 10_000, "0", "-1", "1.5", "NaN", "1e400", str(10**30),
    "0001-01-01", "9999-12-31", "2026-02-30", "01890000-0000-7000-8000-000000000000", "{}", "[]", "null", "%",
    "//evil.example/x", "https://evil.example/x", "/\\evil.example", "\\\\evil.example", "/%0d%0aSet-Cookie:x=1",
    "\t//evil.example", "http:evil.example",
)  # fmt: skip
# Names that templates, routing or forms might take for their own.
NAMES = (
    "endpoint", "_external", "_scheme", "_method", "_anchor", "self", "kwargs", "caller", "csrf_token", "id",
    SCRIPT, "a" * 2_000, "", "__class__", "%s", "pot_id", "slug",
)  # fmt: skip
# Bytes that are no text, and signs that browsers always encode, as they stand.
RAW_IN_ADDRESS = ("%FF%FE", "%", "%zz", "%ED%A0%80", "%00", "+", "&&&", "=", "%C0%AF")

UNKNOWN_ID = "01890000-0000-7000-8000-000000000000"
IN_PATH = (
    UNKNOWN_ID, "0", "-1", "not-an-id", "A" * 5000, "%00", "a%00b", "%FF%FE", "%F0%9F%8E%82", "..%2F..%2Fetc%2Fpasswd",
    "%2e%2e", "..", "%2e%2e%2f%2e%2e%2f", "%3Cscript%3Ebad()%3C%2Fscript%3E", "%27%20OR%201=1--", "%7B%7B7*7%7D%7D",
    "%E2%80%AEx", UNKNOWN_ID + "x", "{" + UNKNOWN_ID + "}", "%0d%0aSet-Cookie:%20x=1", "1e400", "%25", "nul",
)  # fmt: skip


def cursors() -> Iterator[str]:
    """Places in a list that no page of ours gave out, for lists with one to four keys."""
    odd: tuple[Any, ...] = (
        "x", "\x00", "\ud800", "", None, True, [], {}, 10**40, -1, "-1", str(2**63), "NaN", "1e5", UNKNOWN_ID,
        "9999-12-31T23:59:59.999999+14:00", "0001-01-01T00:00:00-14:00", "2026-03-01", "2026-03-01T10:00:00",
        "A" * 200,
    )  # fmt: skip
    for keys in range(1, 5):
        for value in odd:
            yield _cursor(["n", *[value] * keys])
        yield _cursor(["p", *["2026-03-01T10:00:00+00:00"] * (keys - 1), UNKNOWN_ID])
    for plain in ([], ["n"], "n", 5, {"n": 1}, ["x", UNKNOWN_ID], None, [["n"]], [{}, UNKNOWN_ID]):
        yield _cursor(plain)
    yield from ("é", "====", "A", "-_-_", "bnVsbA", base64.urlsafe_b64encode(b"[" * 300).decode(), "\x00")


def _cursor(plain: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


# Enough to see that each list reads its cursor with `paginate`; that one is tried with all (tests/kernel).
SOME_CURSORS = (
    "A",
    "é",
    _cursor(["n", "\ud800"]),
    _cursor(["n", "\x00", UNKNOWN_ID]),
    _cursor(["p", 10**40]),
    _cursor(["n", "9999-12-31T23:59:59+14:00", UNKNOWN_ID]),
    _cursor(["n", "2026-03-01T10:00:00+00:00", {}]),
)
