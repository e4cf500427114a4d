"""What the portal asks of the database for one request, as a script that others can do again.

A recording is taken from the real request, so the floor and pgbench do exactly the portal's SQL, whatever it
becomes. Requests are numbered with twelve digits that every key of their rows carries: to do one again is to
write its number, and new ids made of it, in the place of the recorded ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, event

NUMBER_DIGITS = 12
NUMBER = -1
NOW = -2
_ANY_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")

# A value: what never changes, a list of texts and marks (NUMBER, NOW, the place of a new id) to be joined, or
# an array of values.
Part = str | int
Value = Any
ARRAY = "array"


@dataclass
class Step:
    """One statement in psycopg's spelling; `rows` of named values, more than one for `executemany`.

    `per_house` holds for each name the values of each house where they differ.
    """

    sql: str
    is_many: bool
    rows: list[dict[str, Value]]


@dataclass
class Script:
    """The steps of one request for each house; request `number` belongs to house `number % len(houses)`."""

    houses: list[list[Step]]

    def save(self, path: Path) -> None:
        """Keep it for another process."""
        path.write_text(json.dumps([[asdict(step) for step in steps] for steps in self.houses]))

    @classmethod
    def load(cls, path: Path) -> Script:
        """The script that `save` kept."""
        return cls([[Step(**step) for step in steps] for steps in json.loads(path.read_text())])

    @property
    def statements(self) -> int:
        """How many statements one request sends, the commit left out."""
        return sum(len(step.rows) if step.is_many else 1 for step in self.houses[0])

    def values(self, number: int) -> Iterator[tuple[str, bool, list[dict[str, Any]]]]:
        """The statements of one request with their values."""
        text, now = str(number), datetime.now(UTC)

        def fill(part: Part) -> str:
            if isinstance(part, str):
                return part
            return text if part == NUMBER else str(now) if part == NOW else fresh_id(part, text)

        def filled(value: Value) -> Any:
            if isinstance(value, dict):
                return [filled(item) for item in value[ARRAY]]
            return "".join(map(fill, value)) if isinstance(value, list) else value

        for step in self.houses[number % len(self.houses)]:
            rows = [{name: filled(value) for name, value in row.items()} for row in step.rows]
            yield step.sql, step.is_many, rows


def fresh_id(place: int, number: str) -> str:
    """The id that request `number` gives to its new row number `place`: in order of time, as the portal's are."""
    return f"019f{place:04d}-0000-7000-8000-{number}"


def record(ask: Callable[[], object], number: int) -> list[Step]:
    """The statements that `ask` sends for the request `number`."""
    began = datetime.now(UTC)
    with _listening() as heard:
        ask()
    reader = _Reader(str(number), began)
    return [
        Step(sql, is_many, [{name: reader.value(value) for name, value in row.items()} for row in rows])
        for sql, is_many, rows in heard
    ]


@contextmanager
def _listening() -> Iterator[list[tuple[str, bool, list[dict[str, Any]]]]]:
    heard: list[tuple[str, bool, list[dict[str, Any]]]] = []

    def note(_conn: Any, _cursor: Any, sql: str, values: Any, _context: Any, is_many: bool) -> None:
        heard.append((sql, is_many, [dict(row) for row in (values if is_many else [values])]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield heard
    finally:
        event.remove(Engine, "before_cursor_execute", note)


class _Reader:
    """Tells what of a recorded value belongs to the request, and what stays the same."""

    def __init__(self, number: str, began: datetime) -> None:
        self._number = number
        self._began = began
        self._fresh: dict[str, int] = {}

    def value(self, value: Any) -> Value:
        """The value as a script keeps it."""
        if isinstance(value, list):
            return {ARRAY: [self.value(item) for item in value]}
        value = json.dumps(value.obj) if hasattr(value, "obj") else value
        if value is None or isinstance(value, bool | int):
            return value
        if isinstance(value, datetime) and value >= self._began:
            return [NOW]
        parts = list(self._parts(str(value)))
        return parts if any(isinstance(part, int) for part in parts) else str(value)

    def _parts(self, text: str) -> Iterator[Part]:
        found = re.compile(f"({self._number}|{_ANY_UUID.pattern})")
        for piece in found.split(text):
            if piece == self._number:
                yield NUMBER
            elif _ANY_UUID.fullmatch(piece) and self._number in piece:
                yield from (piece.removesuffix(self._number), NUMBER)
            elif _ANY_UUID.fullmatch(piece) and self._is_new(UUID(piece)):
                yield self._fresh.setdefault(piece, len(self._fresh))
            elif piece:
                yield piece

    def _is_new(self, key: UUID) -> bool:
        return key.int >> 80 >= int(self._began.timestamp() * 1000)


def same_everywhere(values: Sequence[Value]) -> bool:
    """Whether every house gives this value."""
    return all(value == values[0] for value in values)
