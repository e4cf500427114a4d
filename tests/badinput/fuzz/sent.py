"""One made-up request, in words that can be written down and sent again in another world."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from tests.badinput.doors import Door
from tests.badinput.fuzz.uploads import CONTENTS
from tests.badinput.table import DOORS, address, filled
from tests.badinput.trying import Trial, Tried, Upload
from tests.badinput.world import World

Pairs = tuple[tuple[str, str], ...]
_NAME = re.compile(r"\{(\w+)\}")
FORM = "application/x-www-form-urlencoded"
# The cookie holds what the browser should have.
TRUE = "true"


@dataclass(frozen=True)
class Sent:
    """What was sent. `{names}` stand for ids of the world; nothing is encoded yet."""

    endpoint: str
    method: str
    by: str
    # The method of the door's row, which `method` may differ from.
    door_method: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Pairs = ()
    fields: Pairs = ()
    # Field, name of the file, name of its content.
    files: tuple[tuple[str, str, str], ...] = ()
    body: bytes | None = None
    content_type: str | None = None
    headers: Pairs = ()
    cookies: Pairs = ()
    with_token: bool = True

    @property
    def door(self) -> Door:
        """The row it goes to."""
        return next(door for door in DOORS if door.key == (self.endpoint, self.door_method))

    @property
    def row(self) -> Door:
        """The row that says what its method may do there: the one it goes to, unless its method has a row too."""
        return next((door for door in DOORS if door.key == (self.endpoint, self.method)), self.door)

    def send(self, trial: Trial, **options: Any) -> Tried:
        """Send it, and undo what it does."""
        world, door = trial.world, self.door
        parts = {name: _part(value, world) for name, value in self.path.items()}
        asked: dict[str, Any] = {
            "by": self.by,
            "session": filled(door.session, world),
            "query_string": urlencode(
                [(name, _fill(value, world)) for name, value in self.query], errors="surrogatepass"
            ),
            "headers": [(name, value) for name, value in self.headers],
        }
        if self.cookies:
            asked["headers"] += [("Cookie", self._cookies(trial))]
            asked["without_cookies"] = True
        if self.door_method != "GET" or self.fields or self.files or self.body is not None:
            asked["body"] = lambda token: self._body(token, world, asked["headers"])
        return trial.ask(self.method, address(trial.app, door, world, **parts), **(asked | options))

    def _cookies(self, trial: Trial) -> str:
        own = trial.cookies(self.by)
        given = {name: own.get(name, "") if value == TRUE else value for name, value in self.cookies}
        return "; ".join(f"{name}={value}" for name, value in (own | given).items())

    def _body(self, token: str, world: World, headers: list[tuple[str, str]]) -> dict[str, Any]:
        pairs = [(name, _fill(value, world)) for name, value in self.fields]
        if self.body is not None and self.with_token:
            return self._encoded(pairs, world) | {"headers": [*headers, ("X-CSRFToken", token)]}
        return self._encoded([("csrf_token", token), *pairs] if self.with_token else pairs, world)

    def _encoded(self, pairs: list[tuple[str, str]], world: World) -> dict[str, Any]:
        if self.body is not None:
            filled_in = re.sub(
                rb"\{(\w+)\}",
                lambda found: world.names.get(found[1].decode(), found[0].decode()).encode(),
                self.body,
            )
            return {"data": filled_in, "content_type": self.content_type}
        if self.files:
            sent = [(name, (CONTENTS[content], called)) for name, called, content in self.files]
            return {
                "data": _multipart(pairs, sent),
                "content_type": self.content_type or "multipart/form-data; boundary=xXx",
            }
        data = urlencode(pairs, errors="surrogatepass").encode()
        return {"data": data, "content_type": self.content_type or FORM}


def as_json(value: Any) -> bytes:
    """JSON in the bytes that are sent."""
    return json.dumps(value).encode()


def _fill(value: str, world: World) -> str:
    named = _NAME.fullmatch(value)
    return world.names.get(named[1], value) if named else value


def _part(value: str, world: World) -> str:
    return quote(_fill(value, world), safe="", errors="surrogatepass")


def _multipart(pairs: list[tuple[str, str]], files: list[tuple[str, Upload]]) -> bytes:
    """As browsers do it, whatever signs the names are made of."""
    pieces = [
        f'--xXx\r\nContent-Disposition: form-data; name="{_name(name)}"\r\n\r\n{value}\r\n'.encode(
            errors="surrogatepass"
        )
        for name, value in pairs
    ]
    for name, (data, called) in files:
        head = (
            f'--xXx\r\nContent-Disposition: form-data; name="{_name(name)}"; filename="{_name(called)}"\r\n'
        )
        pieces += [
            head.encode(errors="surrogatepass"),
            b"Content-Type: application/octet-stream\r\n\r\n",
            data,
            b"\r\n",
        ]
    return b"".join([*pieces, b"--xXx--\r\n"])


def _name(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
