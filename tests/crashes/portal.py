"""A whole running portal for tests that break it: its processes, its clock, its books, and the people at its doors."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any, TypeVar
from urllib.parse import urlsplit

import psycopg
import requests
from redis import Redis
from requests.adapters import HTTPAdapter
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from portal.kernel.jobs import ENTRY_POINT, QUEUE_NAME
from portal.kernel.settings import PROJECT_ROOT
from portal.supervisor.stack import Stack
from tests.walk.outside import Outside, eventually

Found = TypeVar("Found")
BEGINS = datetime(2027, 3, 1, 9, tzinfo=UTC)
WORKERS = ("worker-1", "worker-2")
_PATIENCE = 90.0
# As many requests of one person may be on their way at once.
_TABS = 100
_WORK_LEFT = """
    SELECT (SELECT count(*) FROM outbox_events WHERE done_at IS NULL AND job LIKE 'payments.%%')
         + (SELECT count(*) FROM notification_deliveries
            WHERE status = 'pending' AND recipient_identifier LIKE '%%@crash.example')
"""
_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
_ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')


class RunningPortal:
    """One portal that tests break and mend. `town` is who lives there (`scenes.py`)."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.outside = Outside(stack)
        self.outside.travel_to(BEGINS)
        self.town: dict[str, Any] = self.set_scene("town")

    def set_scene(self, name: str) -> Any:
        """Have the services set a scene; what it made."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.crashes.scenes", name],
            cwd=PROJECT_ROOT,
            env=self.stack.env,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def mend(self) -> None:
        """Start whatever does not run."""
        for name in ("postgres", "valkey", "sandbox", "web", *WORKERS, "cron"):
            if self.stack.pid(name) is None:
                self.stack.start(name)

    def kill(self, *names: str) -> None:
        """`kill -9` each of them and all they have started."""
        for name in names:
            self.stack.kill(name, signal.SIGKILL)

    def busy_worker(self) -> str | None:
        """The member that runs a payout just now."""
        with self._queue_server() as connection:
            for worker in Worker.all(connection=connection, serializer=JSONSerializer):
                job = worker.get_current_job()
                if job is not None and "payouts.pay" in (job.description or ""):
                    return next(name for name in WORKERS if self.stack.pid(name) == worker.pid)
        return None

    def let_pass(self, **parts: float) -> None:
        """Let time pass for every process of the portal, and for the sandbox; staff work begins anew."""
        file = Path(self.stack.env["PORTAL_CLOCK_FILE"])
        ahead = int(file.read_text(encoding="ascii")) + int(timedelta(**parts).total_seconds())
        file.write_text(str(ahead), encoding="ascii")
        self.town["admin"] = self.set_scene("admin")

    def wake(self, job_name: str) -> None:
        """Have a timed job run now; its next turn by itself may be a minute away."""
        with self._queue_server() as connection:
            waiting = Queue(QUEUE_NAME, connection=connection, serializer=JSONSerializer)
            waiting.enqueue(ENTRY_POINT, kwargs={"job_name": job_name})

    def until(self, look: Callable[[], Found | None], what: str) -> Found:
        """What `look` finds in the end; meanwhile what has died is started again, as `bin/serve` does."""

        def watched() -> Found | None:
            self.stack.supervise()
            return look()

        return eventually(watched, what, _PATIENCE)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database answers."""
        with psycopg.connect(self.stack.owner_url, connect_timeout=10) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def one(self, statement: str, *values: Any) -> Any:
        """The one value that the database answers."""
        ((value,),) = self.rows(statement, *values)
        return value

    def has_database(self) -> bool:
        """Whether PostgreSQL answers."""
        try:
            return bool(self.one("SELECT true"))
        except psycopg.OperationalError:
            return False

    def order(self, path: str, **body: Any) -> Any:
        """Tell the sandbox something."""
        answer = requests.post(f"{self.stack.sandbox_url}/_sandbox{path}", json=body or None, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def arm(self, operation: str, kind: str, **details: Any) -> None:
        """Arm a fault for the next call of an operation."""
        self.order("/faults", operation=operation, kind=kind, **details)

    def is_done(self) -> bool:
        """Whether every message of Wave is understood and every mail to the people of these tests handed over."""
        return bool(self.one(_WORK_LEFT) == 0)

    def receipts(self, gifts: Sequence[Gift]) -> list[int]:
        """How many mails each donor has got."""
        return [len(self.mails_to(gift.email)) for gift in gifts]

    def mails_to(self, address: str) -> list[dict[str, Any]]:
        """Every mail that has come to an address."""
        found: list[dict[str, Any]] = self.outside.sandbox("/mail", to=address)["messages"]
        return found

    def raised(self, pot: dict[str, Any]) -> tuple[int, int]:
        """What a pot has collected, and from how many."""
        statement = "SELECT raised_minor, donor_count FROM pots WHERE id = %s"
        ((total, donors),) = self.rows(statement, pot["id"])
        return total, donors

    def messages_about(self, session_id: str) -> list[dict[str, Any]]:
        """Wave's messages of one session, and how far each has come."""
        listed = self.outside.sandbox("/webhooks")["deliveries"]
        return [one for one in listed if session_id in str(one["body"])]

    def is_in_balance(self) -> bool:
        """Whether the books are right, by the portal's own check."""
        return "in balance" in self.outside.command("self-check")

    def _queue_server(self) -> Redis:
        return Redis.from_url(self.stack.env["REDIS_URL"], socket_timeout=10)


@dataclass(frozen=True)
class Gift:
    """A gift whose donor is at Wave's door."""

    token: str
    session_id: str
    email: str
    amount: int


class Phone:
    """Somebody's browser, as far as HTTP goes; with a session token, that person's."""

    def __init__(self, portal: RunningPortal, session: str | None = None) -> None:
        self._portal = portal
        self._browser = requests.Session()
        self._browser.mount("http://", HTTPAdapter(pool_maxsize=_TABS))
        self._browser.headers["User-Agent"] = "Mozilla/5.0 (Linux; Android 12)"
        self._browser.headers["Accept-Language"] = "en"
        if session is not None:
            self._browser.cookies.set("session", session)

    def open(self, path: str) -> requests.Response:
        """A page, without following where it leads."""
        return self._browser.get(self._portal.stack.url + path, timeout=60, allow_redirects=False)

    def form(self, path: str) -> dict[str, str]:
        """What the forms of a page carry without asking."""
        return hidden_fields(self.open(path))

    def post(self, path: str, fields: dict[str, str], **headers: str) -> requests.Response:
        """Send a form, without following where it leads."""
        url = self._portal.stack.url + path
        return self._browser.post(url, data=fields, headers=headers, timeout=60, allow_redirects=False)

    def send(self, path: str, **fields: str) -> requests.Response:
        """Open a page, fill in its form, send it."""
        return self.post(path, self.form(path) | fields)

    def give(self, slug: str, amount: int, email: str) -> Gift:
        """Give to a pot, up to Wave's door."""
        path = f"/p/{slug}/give"
        answer = self.send(path, choice="other", amount=str(amount), name="Moussa Fall", email=email)
        assert answer.status_code == 303, answer.text
        on_to_wave = self.open(answer.headers["Location"])
        assert on_to_wave.status_code == 303, on_to_wave.text
        return gift_at_wave(answer, on_to_wave, amount, email)


def hidden_fields(page: requests.Response) -> dict[str, str]:
    """The token and the keys that a page's forms carry."""
    found: dict[str, str] = {}
    for tag in _HIDDEN.findall(page.text):
        told = dict(_ATTRIBUTE.findall(tag))
        found.setdefault(told.get("name", ""), told.get("value", ""))
    return found


def gift_at_wave(given: requests.Response, on_to_wave: requests.Response, amount: int, email: str) -> Gift:
    """The gift, from the answers to its form and to the way to Wave."""
    session_id = urlsplit(on_to_wave.headers["Location"]).path.rsplit("/", 1)[1]
    return Gift(given.headers["Location"].split("/")[2], session_id, email, amount)


def at_once(works: Sequence[Callable[[], Found]]) -> list[Found]:
    """What each gives, all started at the same instant."""
    gate = Barrier(len(works))

    def run(work: Callable[[], Found]) -> Found:
        gate.wait(timeout=60)
        return work()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(run, works))
