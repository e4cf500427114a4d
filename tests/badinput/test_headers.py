"""Headers that people do not send: cookies of nobody, forged hosts and proxies, fragments nobody asked for."""

from __future__ import annotations

import pytest

from portal.identity.sessions import cookie_name
from tests.badinput.doors import PAGE, Door
from tests.badinput.hostile import SCRIPT, SQL
from tests.badinput.judging import complaints
from tests.badinput.table import DOORS, OPEN, knock, rule_of_access
from tests.badinput.trying import NOBODY, Trial

PAGES = [door for door in DOORS if door.method == "GET"]
_COOKIES = (
    "x",
    SCRIPT,
    SQL,
    "A" * 5_000,
    "01890000-0000-7000-8000-000000000000",
    "\\000",
    "eyJ4IjoxfQ.x.y",
    '"',
    ";=",
)
_HEADERS: tuple[dict[str, str], ...] = (
    {"Host": "evil.example"},
    {"Host": "evil.example:99999"},
    {"Host": "<script>"},
    {"Host": ""},
    {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "//evil.example",
    },
    {"X-Forwarded-For": f"{SCRIPT}, 1.2.3.4", "Forwarded": "for=evil;host=evil.example"},
    {"X-Original-URL": "/admin", "X-Rewrite-URL": "/admin", "X-HTTP-Method-Override": "DELETE"},
    {"Referer": "https://evil.example/" + "x" * 3_000},
    {"Accept-Language": "klingon;q=x, " + "a" * 3_000},
    {"Accept": "x/y;q=nonsense, " + ",".join(["a/b"] * 200)},
    {"Accept-Encoding": "gzip;q=-1, x"},
    {"Range": "bytes=999999999999-1"},
    {"If-None-Match": '"' + "x" * 3_000, "If-Modified-Since": "yesterday", "If-Range": "x"},
    {"User-Agent": SCRIPT + "é" * 2_000},
    {"Authorization": "Bearer \xff", "Content-Length": "-1"},
    {"Content-Type": "multipart/form-data; boundary=\xff"},
)
_FRAGMENTS: tuple[dict[str, str], ...] = (
    {"HX-Request": "true", "HX-Request-Type": "partial"},
    {"HX-Request": "true", "HX-Request-Type": SCRIPT, "HX-Source": SCRIPT, "HX-Target": SQL},
    {"HX-Request": "true", "HX-Current-URL": "javascript:bad()", "HX-Trigger": SCRIPT, "HX-Prompt": SCRIPT},
    {"HX-Request": "maybe", "HX-Boosted": "true", "HX-History-Restore-Request": "true"},
)


@pytest.mark.parametrize("door", PAGES, ids=str)
def test_forged_headers_change_no_page_and_lead_nowhere(trial: Trial, door: Door) -> None:
    """No host of a header is named in the page, nor led to."""
    for headers in _HEADERS:
        tried = knock(trial, door, headers=headers)
        # For another host the browser has no session.
        allowed = {door.answer, 206, 416} if "Host" not in headers else {door.answer, 303, 400, 401}
        assert [*complaints(tried, allowed, grows=tried.changed)] == [], headers
        assert "evil.example" not in tried.page.replace("current=", ""), headers
        assert "evil.example" not in str(tried.answer.headers), headers


@pytest.mark.parametrize("door", PAGES, ids=str)
def test_a_fragment_nobody_asked_for_is_a_page_or_a_part_of_it(trial: Trial, door: Door) -> None:
    for headers in _FRAGMENTS:
        tried = knock(trial, door, headers=headers)
        assert [*complaints(tried, {door.answer, PAGE, 204}, grows=tried.changed)] == [], headers


@pytest.mark.covers("ID-43")
@pytest.mark.parametrize("door", PAGES, ids=str)
def test_cookies_of_nobody_are_nobodys(trial: Trial, door: Door) -> None:
    """A session that is none is a guest's; a choice that is none is the usual one."""
    is_open = rule_of_access(trial.app, door).startswith(OPEN)
    form_cookie = trial.app.config["SESSION_COOKIE_NAME"]
    for value in _COOKIES:
        names = (cookie_name(), form_cookie, "language", "partner", "venue", "invitation")
        cookies = "; ".join(f"{name}={value}" for name in names)
        tried = knock(trial, door, by=NOBODY, session={}, headers={"Cookie": cookies}, without_cookies=True)
        away = 401 if door.is_for_programs else 303
        allowed = {door.answer, away} if is_open else {away}
        assert [*complaints(tried, allowed, grows=tried.changed)] == [], value


@pytest.mark.parametrize("value", _COOKIES)
def test_a_choice_that_is_none_is_the_usual_one(trial: Trial, value: str) -> None:
    """The house, the place and the language that a cookie names are looked up before they count."""
    session = f"{cookie_name()}={trial.world.sessions['staff']}"
    cookies = "; ".join(
        [session, *(f"{name}={value}" for name in ("language", "partner", "venue", "invitation"))]
    )
    for path in ("/partner/scan", "/partner/organisation", "/partner/packs"):
        tried = trial.ask("GET", path, headers={"Cookie": cookies}, without_cookies=True)
        assert [*complaints(tried, {200})] == [], path
