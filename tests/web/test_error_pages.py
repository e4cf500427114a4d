"""Error pages: the house's look, plain words, a reference to quote, and a way on; JSON for programs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.exceptions import MethodNotAllowed, ServiceUnavailable, TooManyRequests

from portal.kernel.access import open_to_all
from portal.kernel.db import db
from portal.kernel.errors import Conflict, Forbidden, IllegalTransition, InvalidInput, NotFound, TooMany
from tests.harness.house import make_person, sign_in

TITLES = {
    400: "We could not read this page's form",
    401: "Please sign in first",
    403: "This is not open to your account",
    404: "There is nothing here",
    405: "This page cannot be opened this way",
    409: "Something has changed meanwhile",
    410: "This is no longer here",
    413: "This file is too large",
    415: "We cannot read what was sent",
    422: "Something in the form needs another look",
    429: "That was a little too fast",
    500: "Something broke on our side",
    503: "We are back in a moment",
}
_SECRET = "postgresql://portal:secret@db/portal"
_QUOTED = re.compile(r"<code>([0-9a-f-]{36})</code>")

Breaking = Callable[[Callable[[], Any]], None]


@pytest.fixture
def breaking(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Breaking:
    """Have the page at /healthz do something else."""

    def replace(what: Callable[[], Any]) -> None:
        monkeypatch.setitem(app.view_functions, "web.healthz", open_to_all("tests")(what))

    return replace


@pytest.mark.parametrize("status", TITLES)
@pytest.mark.parametrize("who", ["guest", "person"])
def test_a_page_says_what_happened_and_leads_on(
    client: FlaskClient, breaking: Breaking, status: int, who: str
) -> None:
    if who == "person":
        sign_in(client, make_person())
    breaking(lambda: abort(status))

    answer = client.get("/healthz")

    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    page = answer.text.replace("&#39;", "'")
    assert f">{TITLES[status]}</h1>" in page
    assert "css/portal.css" in page
    assert 'class="shell__header"' in page
    assert 'href="/' in page.partition("empty-state__action")[2]
    (quoted,) = _QUOTED.findall(page)
    assert quoted == answer.headers["X-Request-Id"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert len(re.sub(r"<[^>]+>", "", page.partition("</h1>")[2].partition("</p>")[0]).split()) > 5


@pytest.mark.parametrize("host", ["a" * 300, "a..b"])
def test_a_host_that_cannot_be_one_gets_a_page_too(client: FlaskClient, host: str) -> None:
    """Its addresses are those of the house: without any, the page itself would break."""
    for path in ("/", "/packs"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == 400
        assert f">{TITLES[400]}</h1>" in answer.text.replace("&#39;", "'")
        assert host not in answer.text


@pytest.mark.parametrize("status", TITLES)
@pytest.mark.parametrize(
    "headers", [{"Accept": "application/json"}, {"Accept": "application/json, text/html;q=0.5"}]
)
def test_a_program_gets_it_as_json(
    client: FlaskClient, breaking: Breaking, status: int, headers: dict[str, str]
) -> None:
    breaking(lambda: abort(status))

    answer = client.get("/healthz", headers=headers)

    assert answer.status_code == status
    error = answer.get_json()["error"]
    assert error["status"] == status
    assert error["message"]
    assert error["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (InvalidInput("The year is missing."), 422, "The year is missing."),
        (Conflict("It has ended."), 409, "It has ended."),
        (Forbidden("Only the owner may."), 403, "Only the owner may."),
        (NotFound(), 404, "The address may be mistyped"),
        (TooMany("Wait a little.", retry_after=77), 429, "Wait a little."),
        (IllegalTransition("pots", "open", "closed"), 409, "This has already moved on."),
    ],
)
def test_a_refusal_is_told_in_its_own_words(
    client: FlaskClient, breaking: Breaking, error: Exception, status: int, sentence: str
) -> None:
    def refuse() -> None:
        raise error

    breaking(refuse)

    answer = client.get("/healthz")

    assert answer.status_code == status
    assert sentence in answer.text
    assert "pots: open" not in answer.text
    if isinstance(error, TooMany):
        assert answer.headers["Retry-After"] == "77"


def _crash() -> None:
    raise RuntimeError(_SECRET)


def _refused_row() -> None:
    db.session.execute(text("INSERT INTO users (id) VALUES (NULL)"))


def _refused_value() -> None:
    db.session.execute(text("SELECT CAST('x' AS integer)"))


def _gone_table() -> None:
    db.session.execute(text("SELECT secret FROM nowhere"))


@pytest.mark.parametrize(
    ("broken", "status"), [(_crash, 500), (_gone_table, 500), (_refused_row, 409), (_refused_value, 400)]
)
def test_nothing_of_the_inside_is_shown(
    client: FlaskClient, breaking: Breaking, broken: Callable[[], None], status: int
) -> None:
    breaking(broken)

    answer = client.get("/healthz")

    assert answer.status_code == status
    assert TITLES[status] in answer.text.replace("&#39;", "'")
    for inside in ("secret", "Traceback", "RuntimeError", "psycopg", "SELECT", "uq_", "pk_", "integer"):
        assert inside not in answer.text


@pytest.mark.parametrize("status", [405, 429, 503])
def test_what_may_be_tried_again_says_how_and_when(
    client: FlaskClient, breaking: Breaking, status: int
) -> None:

    kinds: dict[int, Exception] = {
        405: MethodNotAllowed(["GET", "HEAD"]),
        429: TooManyRequests(retry_after=9),
        503: ServiceUnavailable(retry_after=30),
    }

    def refuse() -> None:
        raise kinds[status]

    breaking(refuse)
    headers = client.get("/healthz").headers

    expected = {405: ("Allow", "GET, HEAD"), 429: ("Retry-After", "9"), 503: ("Retry-After", "30")}
    name, value = expected[status]
    assert headers[name] == value


def test_a_request_that_is_refused_at_once_has_its_own_name(client: FlaskClient) -> None:
    """Before any view: without a form's token, with another kind of body, at an address that is none."""
    answers = [
        client.post("/sign-in", data={"email": "x"}),
        client.post("/sign-in", json={"email": "x"}),
        client.get("/no/such/page"),
        client.get("/p/%00"),
    ]

    assert [answer.status_code for answer in answers] == [400, 415, 404, 404]
    names = [answer.headers["X-Request-Id"] for answer in answers]
    assert len(set(names)) == len(names)
    assert all(name in answer.text for name, answer in zip(names, answers, strict=True))


@pytest.mark.parametrize(
    ("came_from", "leads_back"),
    [
        ("http://localhost/partner/team?cursor=abc", "/partner/team?cursor=abc"),
        ("http://elsewhere.example/partner/team", None),
        ("http://localhost//elsewhere.example", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_a_refused_form_leads_back_to_its_page_and_nowhere_else(
    client: FlaskClient, came_from: str, leads_back: str | None
) -> None:
    refused = client.post("/nowhere", headers={"Referer": came_from})
    opened = client.get("/nowhere", headers={"Referer": came_from})

    assert (refused.status_code, opened.status_code) == (404, 404)
    ways = refused.text.replace("&amp;", "&").partition("empty-state__action")[2].partition("</div>")[0]
    assert ("Back to the page before" in ways) is (leads_back is not None)
    assert leads_back is None or f'href="{leads_back}"' in ways
    assert "elsewhere" not in ways
    assert "Back to the page before" not in opened.text
