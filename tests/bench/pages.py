"""The ten main pages: how long they take and what they ask, with a small world's data and with a crowd's.

Both worlds are visited in turn, page by page, so that whatever else the machine does meets both alike.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event, select

from portal.demo.accounts import DEMO_ACCOUNTS
from portal.identity.models import User
from portal.identity.sessions import cookie_name, start_session
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.jobs import valkey
from portal.pots.models import Pot, PotStatus, Visibility
from portal.supervisor.ports import LOOPBACK
from tests.bench.ground import CROWD, WORLD, Ground
from tests.bench.report import Report, milliseconds
from tests.bench.size import Size
from tests.bench.traffic import BROWSER, percentile

MOST_STATEMENTS = 8
MOST_GROWTH = 1.3
_WARM_UP = 5


class Visitors:
    """The people of a demo world with their cookies, and the addresses of the ten main pages for them."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context(), transaction() as session:
            known = {audience: address for audience, _who, address, _password in DEMO_ACCOUNTS}
            people = dict(
                session.execute(select(User.email, User.id).where(User.email.in_(known.values()))).all()
            )
            self._cookies = {
                audience: f"{cookie_name()}={start_session(people[address], by=SYSTEM)}"
                for audience, address in known.items()
            }
            shown = select(Pot.public_slug).where(
                Pot.status == PotStatus.OPEN, Pot.visibility == Visibility.PUBLIC
            )
            slug = session.scalars(shown.order_by(Pot.donor_count.desc(), Pot.id).limit(1)).one()
            own = select(Pot.id).where(Pot.owner_user_id == people[known["client"]])
            own_id = session.scalars(own.order_by(Pot.created_at.desc(), Pot.id).limit(1)).one()
        # Page: address and whose cookie is shown.
        self.pages: dict[str, tuple[str, str | None]] = {
            "public pot": (f"/p/{slug}", None),
            "landing": ("/", None),
            "packs": ("/packs", None),
            "client home": ("/home", "client"),
            "own pot": (f"/pots/{own_id}", "client"),
            "sponsor home": ("/sponsor", "sponsor"),
            "partner scanner": ("/partner/scan", "partner"),
            "partner dashboard": ("/partner/dashboard", "partner"),
            "admin overview": ("/admin", "admin"),
            "admin donations": ("/admin/donations", "admin"),
        }

    def headers(self, page: str) -> dict[str, str]:
        """What the visitor's browser sends for the page."""
        audience = self.pages[page][1]
        return BROWSER | ({"Cookie": self._cookies[audience]} if audience else {})

    def statements(self, page: str) -> int:
        """How many statements the page asks for when nothing is cached, the session neither."""
        with self.app.app_context():
            valkey().flushdb()
        with _counting() as asked:
            answer = self.app.test_client(use_cookies=False).get(
                self.pages[page][0], headers=self.headers(page)
            )
        assert answer.status_code == 200, (page, answer.status)
        return len(asked)


class Browser:
    """A connection that is kept, to one server."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection(LOOPBACK, port, timeout=60)

    def get(self, path: str, headers: Mapping[str, str]) -> tuple[float, bytes, int]:
        """How long the answer took, its content, and its size on the wire. Raises `AssertionError`."""
        began = time.perf_counter()
        self._connection.request("GET", path, headers=dict(headers))
        answer = self._connection.getresponse()
        raw = answer.read()
        took = time.perf_counter() - began
        assert answer.status == 200, (path, answer.status, raw[:300])
        is_zipped = answer.headers.get("Content-Encoding") == "gzip"
        return took, gzip.decompress(raw) if is_zipped else raw, len(raw)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def main_pages(ground: Ground, report: Report, size: Size) -> None:
    """Time and statements of each page in both worlds."""
    report.title(f"The ten main pages, with the demo world and with {ground.scale} times its people")
    worlds = {name: Visitors(ground.app(name)) for name in (WORLD, CROWD)}
    counts = {page: [worlds[name].statements(page) for name in worlds] for page in worlds[WORLD].pages}
    with ground.serving(WORLD) as small, ground.serving(CROWD) as large:
        browsers = {WORLD: Browser(small.port), CROWD: Browser(large.port)}
        times = _visit_in_turn(worlds, browsers, size.page_visits)
        for browser in browsers.values():
            browser.close()
    rows: list[tuple[Any, ...]] = []
    growth = {}
    for page, (few, many) in counts.items():
        here, there = times[WORLD][page], times[CROWD][page]
        growth[page] = percentile(there, 0.95) / percentile(here, 0.95)
        parts = [milliseconds(percentile(kept, share)) for kept in (here, there) for share in (0.5, 0.95)]
        rows.append((page, few, many, *parts, growth[page]))
    big = f"{ground.scale}×"
    head = ("page", "statements", f"at {big}", "p50 ms", "p95", f"p50 at {big}", f"p95 at {big}", "p95 grows")
    report.table(head, rows)
    report.at_most(
        "statements of a main page, with nothing cached",
        max(max(pair) for pair in counts.values()),
        MOST_STATEMENTS,
    )
    report.at_most("more statements with more data", max(many - few for few, many in counts.values()), 0)
    worst = max(growth, key=lambda page: growth[page])
    report.at_most(f"p95 of a main page at {big}, of 1× ({worst})", growth[worst], MOST_GROWTH)


def _visit_in_turn(
    worlds: Mapping[str, Visitors], browsers: Mapping[str, Browser], visits: int
) -> dict[str, dict[str, list[float]]]:
    times: dict[str, dict[str, list[float]]] = {
        name: {page: [] for page in worlds[name].pages} for name in worlds
    }
    for visit in range(_WARM_UP + visits):
        for page in worlds[WORLD].pages:
            for name in (WORLD, CROWD) if visit % 2 else (CROWD, WORLD):
                path = worlds[name].pages[page][0]
                took, _body, _size = browsers[name].get(path, worlds[name].headers(page))
                if visit >= _WARM_UP:
                    times[name][page].append(took)
    return times


@contextmanager
def _counting() -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)
