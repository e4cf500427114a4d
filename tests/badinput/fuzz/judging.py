"""What must hold of the answer to any request whatever, and of the house after it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any, NoReturn
from xml.etree import ElementTree

from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from portal.kernel.db import db
from portal.ledger.queries import disagreements, trial_balance
from tests.badinput.fuzz.sent import Sent
from tests.badinput.judging import complaints
from tests.badinput.shelf import Shelf
from tests.badinput.trying import Trial, Tried

# A page of ours is small; what was sent may stand in it again, escaped.
_OUR_SHARE, _GROWTH = 400_000, 8
_GUARDS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}
_WITHOUT_END = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
)  # fmt: skip
_ENDS_BY_ITSELF = frozenset(
    {"html", "head", "body", "li", "dt", "dd", "p", "option", "tr", "td", "th", "thead", "tbody", "tfoot"}
)
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def judge(trial: Trial, sent: Sent, shelf: Shelf) -> list[str]:
    """Send it and say everything that is wrong with what came of it; nothing of it stays."""
    wrong: list[str] = []
    tried = sent.send(trial, follow=_look_after_it(wrong))
    wrong += _of_the_house(sent, tried, shelf)
    wrong += _of_the_answer(sent, tried)
    return wrong


def _of_the_house(sent: Sent, tried: Tried, shelf: Shelf) -> Iterator[str]:
    door = sent.row
    changed = tried.changed - door.grows
    is_reading = sent.method in _READING and not (sent.method == "GET" and door.changes)
    if is_reading and changed:
        yield f"{sent.method} changed {sorted(changed)}"
    if shelf.take_new() and tried.status >= 400:
        yield "a refused request left a file behind"
    if shelf.gone():
        yield "a file is gone"


def _of_the_answer(sent: Sent, tried: Tried) -> Iterator[str]:
    answer, door = tried.answer, sent.row
    allowed = {tried.status} if tried.status < 500 or tried.status == door.answer else {*range(200, 500)}
    yield from complaints(tried, allowed, grows=door.grows)
    for name, value in _GUARDS.items():
        if answer.headers.get(name) != value:
            yield f"{name} is {answer.headers.get(name)!r}"
    if len(answer.headers.get("X-Request-Id", "")) != 36 or "Content-Security-Policy" not in answer.headers:
        yield "has no name or no policy"
    size = len(answer.get_data())
    if size > _OUR_SHARE + _GROWTH * _size_of(sent):
        yield f"answers with {size} bytes"
    if "Content-Encoding" not in answer.headers and sent.method != "HEAD" and answer.status_code != 206:
        yield from _unreadable(answer)


def _size_of(sent: Sent) -> int:
    pairs = (*sent.fields, *sent.query, *sent.path.items(), *sent.headers)
    return sum(len(name) + len(value.encode(errors="surrogatepass")) for name, value in pairs) + len(
        sent.body or b""
    )


def _look_after_it(wrong: list[str]) -> Callable[[FlaskClient, TestResponse], TestResponse | None]:
    """Before it is undone: the ledger, and the page that somebody is sent on to."""

    def look(browser: FlaskClient, answer: TestResponse) -> TestResponse | None:
        if answer.status_code >= 400:
            return None
        off = {unit: total for unit, total in trial_balance().items() if total}
        if off or disagreements():
            wrong.append(f"the ledger is off by {off}, and by {disagreements()}")
        db.session.remove()
        if answer.status_code != 303 or not str(answer.location).startswith("/"):
            return None
        return browser.get(answer.location)

    return look


def _unreadable(answer: TestResponse) -> Iterator[str]:
    """Whether the body is what its type says."""
    data = answer.get_data()
    reader = _READERS.get(answer.mimetype)
    if reader is None or not data:
        return
    try:
        reader(data)
    except (ValueError, SyntaxError, OSError) as error:
        yield f"is no {answer.mimetype}: {type(error).__name__} {error}"


def _page(data: bytes) -> None:
    reader = _Tags()
    reader.feed(data.decode())
    reader.close()
    left = [tag for tag in reader.open if tag not in _ENDS_BY_ITSELF]
    if left:
        raise ValueError(f"{left} are never closed")


class _Tags(HTMLParser):
    """Whether every tag is closed where it was opened: what people write opens none."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if any(name.startswith("on") for name, _value in attrs):
            raise ValueError(f"<{tag}> has a script")
        if tag not in _WITHOUT_END:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if any(name.startswith("on") for name, _value in attrs):
            raise ValueError(f"<{tag}> has a script")

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open[-1] != tag and self.open[-1] in _ENDS_BY_ITSELF:
            self.open.pop()
        if not self.open or self.open.pop() != tag:
            raise ValueError(f"</{tag}> closes something else")


def _json(data: bytes) -> Any:
    return json.loads(data, parse_constant=_no_number)


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _table(data: bytes) -> None:
    rows = [*csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)]
    if len({len(row) for row in rows}) > 1:
        raise ValueError("rows of different lengths")


def _picture(data: bytes) -> None:
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()


def _begins_with(start: bytes) -> Callable[[bytes], None]:
    def check(data: bytes) -> None:
        if not data.startswith(start):
            raise ValueError(repr(data[:20]))

    return check


_READERS: dict[str, Callable[[bytes], Any]] = {
    "text/html": _page,
    "application/json": _json,
    "application/manifest+json": _json,
    "text/csv": _table,
    "image/svg+xml": ElementTree.fromstring,
    "image/png": _picture,
    "image/webp": _picture,
    "image/jpeg": _picture,
    "application/pdf": _begins_with(b"%PDF-"),
    "application/zip": _begins_with(b"PK"),
    "text/calendar": _begins_with(b"BEGIN:VCALENDAR"),
}
