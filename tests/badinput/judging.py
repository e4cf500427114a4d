"""What is wrong with an answer, in words; nothing when it is as it should be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.badinput.hostile import AT_WORK
from tests.badinput.trying import Tried

# Words that only a program says. A page, a file or an answer to a program never holds them.
_INSIDES = re.compile(
    r"Traceback|File \"/|psycopg|sqlalchemy|werkzeug|jinja2|KeyError|ValueError|TypeError|[a-z]Error\(|"
    r"Exception\b|l'<|object at 0x|Not a valid|StrictUndefined"
)
_WHY = re.compile(
    r"class=\"(?:field__error|error-summary__list|flash flash--\w+|empty-state error-page)\".*?>(.*?)</(?:p|ul|div)>",
    re.DOTALL,
)
_HEADING = re.compile(r"<h1[^>]*>\s*[^\s<]")
_TAG = re.compile(r"<[^>]*>")
# What was sent comes back in its field; to look through a million signs of it would say nothing new.
_MOST = 200_000


def complaints(
    tried: Tried, allowed: set[int], *, grows: frozenset[str] | set[str] = frozenset()
) -> Iterator[str]:
    """Everything that must hold of every answer: a status of those, plain words, nothing at work, nothing kept."""
    if tried.status not in allowed:
        yield f"answered {tried.status}, not {sorted(allowed)}"
    if tried.status >= 400 and tried.changed - grows:
        yield f"changed {sorted(tried.changed - grows)}"
    if tried.followed is not None and tried.followed.status_code == 500:
        yield "leads to a page that breaks"
    yield from _leads_away(tried)
    page = tried.page[:_MOST]
    found = _INSIDES.search(page)
    if found:
        yield f"shows its insides: {page[max(found.start() - 60, 0) : found.end() + 60]!r}"
    if tried.shown.mimetype != "application/json":
        yield from (f"lets {part!r} work" for part in AT_WORK if part in page)
    if tried.status >= 400 and tried.answer.mimetype == "text/html":
        yield from _says_nothing(tried.status, page, is_part=_is_part(tried))


def _leads_away(tried: Tried) -> Iterator[str]:
    target = tried.answer.headers.get("Location")
    if target is not None and (not target.startswith("/") or target.startswith(("//", "/\\"))):
        yield f"leads away to {target!r}"


def _is_part(tried: Tried) -> bool:
    """Whether HTMX puts it into the page that asked."""
    asked = tried.answer.request.headers
    return asked.get("HX-Request") == "true" and asked.get("HX-Request-Type") != "full"


def _says_nothing(status: int, page: str, *, is_part: bool) -> Iterator[str]:
    """A refusal has a heading, where it is a whole page, and a sentence: at the field, above the form, or alone."""
    if not page:
        return
    if is_part and len(_TAG.sub(" ", page).split()) < 3:
        yield "is a part that says nothing"
    if not is_part and not _HEADING.search(page):
        yield "has no heading"
    sentences = [_TAG.sub(" ", found).split() for found in _WHY.findall(page)]
    if status == 422 and not sentences:
        yield "refuses a form without saying why"
    yield from (f"says {' '.join(words)!r}" for words in sentences if len(words) < 3)
