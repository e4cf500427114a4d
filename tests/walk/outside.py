"""The world around the portal as a walk sees it: mails, texts, the clock, and what Wave has moved."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import requests

from portal.kernel.settings import PROJECT_ROOT
from portal.supervisor.stack import Stack

Found = TypeVar("Found")
_PATIENCE = 120.0


def eventually(look: Callable[[], Found | None], what: str, seconds: float = _PATIENCE) -> Found:
    """What `look` finds once it finds something; workers need a moment."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError(f"never seen: {what}")


def play_at_provider(address: str, **person: str) -> str:
    """Be this person on the page of a provider that the sandbox plays; where it sends one back to."""
    asked = dict(parse_qsl(urlsplit(address).query))
    played = {"verified": "yes", "choice": "go"} | person
    answer = requests.post(address.partition("?")[0], asked | played, allow_redirects=False, timeout=30)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


class Outside:
    """Mailbox, phone, clock and command line around one running portal."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._read: set[tuple[str, int]] = set()

    def sandbox(self, path: str, **query: Any) -> Any:
        """What the sandbox answers to a control question."""
        answer = requests.get(f"{self.stack.sandbox_url}/_sandbox{path}", params=query, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def mail_to(self, address: str, pattern: str) -> str:
        """The first match of `pattern` in the mails to an address, newest first and each read once; waits for it."""
        return self._found("/mail", address, pattern)

    def sms_to(self, number: str, pattern: str) -> str:
        """The first match of `pattern` in the texts to a number, newest first and each read once; waits for it."""
        return self._found("/sms", number, pattern)

    def travel_to(self, moment: datetime) -> None:
        """Move every process of the portal, and the sandbox, to that moment; time goes on from there."""
        ahead = int((moment - datetime.now(UTC)).total_seconds())
        Path(self.stack.env["PORTAL_CLOCK_FILE"]).write_text(str(ahead), encoding="ascii")

    def now(self) -> datetime:
        """What time the portal has, after `travel_to`."""
        ahead = int(Path(self.stack.env["PORTAL_CLOCK_FILE"]).read_text(encoding="ascii"))
        return datetime.now(UTC) + timedelta(seconds=ahead)

    def command(self, *words: str) -> str:
        """What `flask portal …` prints."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "portal", *words],
            cwd=PROJECT_ROOT,
            env=self.stack.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _found(self, path: str, to: str, pattern: str) -> str:
        def look() -> str | None:
            for message in self.sandbox(path, to=to)["messages"]:
                if (path, message["number"]) in self._read:
                    continue
                whole = (
                    self.sandbox(f"/mail/{message['number']}")["text"] if path == "/mail" else str(message)
                )
                if match := re.search(pattern, whole):
                    self._read.add((path, message["number"]))
                    return match.group(1)
            return None

        return eventually(look, f"{pattern} for {to}")
