"""One request at a door, judged and undone: who asks, with what, what came back, and what it changed."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import redis
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from portal.identity.sessions import cookie_name
from portal.kernel.db import db
from tests.badinput.fingerprint import Fingerprint
from tests.badinput.hearing import Heard, listening
from tests.badinput.world import World
from tests.harness.database import directly
from tests.harness.house import form_token

NOBODY = "nobody"

# The bytes of a file, and what its sender calls it.
Upload = tuple[bytes, str]


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one request."""

    answer: TestResponse
    changed: set[str]
    heard: Heard
    # The page a person was sent on to, where somebody looked.
    followed: TestResponse | None = None

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.answer.status_code

    @property
    def shown(self) -> TestResponse:
        """What a person sees in the end."""
        return self.followed or self.answer

    @property
    def page(self) -> str:
        """What a person reads in the end; empty for pictures, other files and what is compressed."""
        shown = self.shown
        is_text = shown.mimetype.startswith(("text/", "application/json"))
        is_plain = "Content-Encoding" not in shown.headers
        return shown.get_data(as_text=True) if is_text and is_plain else ""


@dataclass(slots=True)
class Cookies:
    """The signed cookie and the form token of one browser."""

    form: str
    token: str


@dataclass
class Trial:
    """Sends requests as the people of the world; nothing of them stays."""

    app: Flask
    connection: Connection
    valkey: redis.Redis
    world: World
    _cookies: dict[str, Cookies] = field(default_factory=dict)

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """Short: Hypothesis prints it with every failure."""
        printer.text("trial")

    def __post_init__(self) -> None:
        self.fingerprint = Fingerprint(self.connection)

    def ask(
        self,
        method: str,
        path: str,
        *,
        by: str = NOBODY,
        form: Mapping[str, Any] | None = None,
        files: Mapping[str, Upload] | None = None,
        body: Callable[[str], Mapping[str, Any]] | None = None,
        session: Mapping[str, Any] | None = None,
        without_cookies: bool = False,
        follow: Callable[[FlaskClient, TestResponse], TestResponse | None] | None = None,
        **options: Any,
    ) -> Tried:
        """One request of `by`. A `form` gets the token of the browser, as a page would give it; `body` may use it."""
        sent = {name: FileStorage(io.BytesIO(data), called) for name, (data, called) in (files or {}).items()}
        browser = (
            self.app.test_client(use_cookies=False) if without_cookies else self.browser(by, session or {})
        )
        if form is not None or body is not None:
            token = form_token(browser) if session and not without_cookies else self.token(by)
            options |= body(token) if body is not None else {}
            values = {"csrf_token": token, **(form or {}), **sent}
            options |= _encoded(values, with_files=bool(sent)) if form is not None else {}
        with self.undoing():
            with listening() as heard:
                answer = browser.open(path, method=method, **options)
            changed = self.fingerprint.changed()
            followed = follow(browser, answer) if follow is not None else None
        if changed:
            # What is kept beside the database would know of what the database does not know any more.
            self.valkey.flushall()
        return Tried(answer, changed, heard, followed)

    @contextmanager
    def undoing(self) -> Iterator[None]:
        """Undo whatever the block writes.

        The savepoint is given up as well: it would outlive its rollback, and thousands of them, each within the
        one before, would use up the locks of the server.
        """
        # A session that is under way has a savepoint of its own, which would take this one along when it ends.
        db.session.remove()
        directly(self.connection, "SAVEPOINT before")
        try:
            yield
        finally:
            db.session.remove()
            undone = directly(self.connection, "ROLLBACK TO SAVEPOINT before; RELEASE SAVEPOINT before")
            assert undone, "the request has ended the transaction of all"

    def token(self, by: str) -> str:
        """The token that the forms of this browser carry."""
        self.browser(by, {})
        return self._cookies[by].token

    def cookies(self, by: str) -> dict[str, str]:
        """What this browser sends with every request."""
        self.browser(by, {})
        signed_in = {} if by == NOBODY else {cookie_name(): self.world.sessions[by]}
        return {self.app.config["SESSION_COOKIE_NAME"]: self._cookies[by].form, **signed_in}

    def browser(self, by: str, session: Mapping[str, Any]) -> FlaskClient:
        """A browser with the cookies of `by`, and with what an earlier step has left in the signed cookie."""
        browser = self.app.test_client()
        if by != NOBODY:
            browser.set_cookie(cookie_name(), self.world.sessions[by])
        if session:
            with browser.session_transaction() as kept:
                kept.update(session)
            return browser
        if by not in self._cookies:
            token = form_token(browser)
            cookie = browser.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
            assert cookie is not None
            self._cookies[by] = Cookies(cookie.value, token)
        browser.set_cookie(self.app.config["SESSION_COOKIE_NAME"], self._cookies[by].form)
        return browser


def _encoded(values: dict[str, Any], *, with_files: bool) -> dict[str, Any]:
    """A form as a browser sends it; with files by hand, because the client leaves a large one open."""
    if not with_files:
        return {"data": values}
    boundary, body = encode_multipart(values)
    return {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}
