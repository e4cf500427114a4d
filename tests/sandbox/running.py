"""A real sandbox in a process of its own, and what a test asks of it besides the providers' own calls."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

import requests

from portal.gateways.mail import SmtpMail
from portal.gateways.sms import TwilioSms
from portal.gateways.wave import WaveClient
from tests.harness.apple import KNOWN_TO_APPLE

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
API_KEY = "wave_sn_sandbox_tests"
ACCOUNT_SID = "AC00000000000000000000000000000001"
AUTH_TOKEN = "sandbox-auth-token"
SECRET = "wave_sn_WHS_sandbox0000000000000000000000000000000000000000000000"
NEW_SECRET = "wave_sn_WHS_sandbox1111111111111111111111111111111111111111111111"
PROVIDERS = ("GOOGLE", "FACEBOOK")
PATIENCE_SECONDS = 20.0


class RunningSandbox:
    """A sandbox on free loopback ports; the same folder started again is the same sandbox."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._folder = folder
        self._arguments = arguments
        self._process: subprocess.Popen[str] | None = None
        self.clock_file = folder / "clock"
        self.url = ""
        self.smtp_port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the process and wait until it says where it listens."""
        command = [sys.executable, "-m", "portal.sandbox", "--port", "0", "--smtp-port", "0"]
        self._process = subprocess.Popen(
            [*command, "--data-dir", str(self._folder), "--no-webhooks", *self._arguments],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=environment(PORTAL_CLOCK_FILE=str(self.clock_file)),
            text=True,
        )
        assert self._process.stdout is not None
        ready = json.loads(self._process.stdout.readline())
        self.url, self.smtp_port = ready["url"], ready["smtp_port"]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End the process (politely, unless told otherwise) and give its exit status."""
        assert self._process is not None
        self._process.send_signal(how)
        status = self._process.wait(timeout=PATIENCE_SECONDS)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return status

    def wave(
        self, *, api_key: str = API_KEY, signing_secret: str | None = None, read: float = 20
    ) -> WaveClient:
        """The portal's own client, patient for `read` seconds."""
        return WaveClient(self.url, api_key, signing_secret, timeout=(5.0, read))

    def sms(self, *, auth_token: str = AUTH_TOKEN, read: float = 20) -> TwilioSms:
        """The portal's own client for texts."""
        return TwilioSms(self.url, ACCOUNT_SID, auth_token, "Teranga", timeout=(5.0, read))

    def mail(self) -> SmtpMail:
        """The portal's own sender of mail."""
        return SmtpMail("127.0.0.1", self.smtp_port, sender="Teranga <bonjour@teranga.example>")

    def control(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """A control route's JSON; anything but success fails the test."""
        answer = requests.request(method, f"{self.url}/_sandbox{path}", json=body or None, timeout=20)
        assert answer.ok, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def arm(self, operation: str, kind: str, **details: Any) -> None:
        """Arm a fault for the next call of an operation."""
        self.control("POST", "/faults", operation=operation, kind=kind, **details)

    def post(self, path: str, body: Any, **headers: str) -> requests.Response:
        """A raw call with the key, for what the real client would never send."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"} | headers
        return requests.post(self.url + path, data=raw, headers=sent, timeout=20)

    def get(self, path: str, **headers: str) -> requests.Response:
        """A raw call with the key."""
        sent = {"Authorization": f"Bearer {API_KEY}"} | headers
        return requests.get(self.url + path, headers=sent, timeout=20)

    def payouts_for(self, reference: str) -> int:
        """How many payouts with this reference moved money."""
        moved = self.control("GET", "/moved")["payouts"]
        return sum(row["payouts"] for row in moved if row["client_reference"] == reference)


class Delivery(NamedTuple):
    """One request that reached the receiver."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class Receiver:
    """The portal's side of webhooks: takes what comes, answers what it is told to, or nothing at all."""

    def __init__(self) -> None:
        self.answers: queue.Queue[int] = queue.Queue()
        self._taken: queue.Queue[Delivery] = queue.Queue()
        self._is_closing = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver._take(self, Delivery(self.path, dict(self.headers), body))

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"

    def next(self) -> Delivery:
        """The next request, waited for."""
        return self._taken.get(timeout=PATIENCE_SECONDS)

    def event(self) -> dict[str, Any]:
        """The next request's JSON."""
        found: dict[str, Any] = json.loads(self.next().body)
        return found

    def close(self) -> None:
        """Stop listening."""
        self._is_closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _take(self, handler: BaseHTTPRequestHandler, delivery: Delivery) -> None:
        status = self.answers.get_nowait() if not self.answers.empty() else 200
        self._taken.put(delivery)
        if status == 0:
            self._is_closing.wait(PATIENCE_SECONDS)
            return
        handler.send_response(status)
        handler.send_header("Content-Length", "0")
        handler.end_headers()


def environment(**more: str) -> dict[str, str]:
    """All that a sandbox needs from outside: no database, no queue."""
    return {
        "PATH": os.environ["PATH"],
        "WAVE_API_KEY": API_KEY,
        "WAVE_WEBHOOK_SECRETS": SECRET,
        "SMS_ACCOUNT_SID": ACCOUNT_SID,
        "SMS_AUTH_TOKEN": AUTH_TOKEN,
        **{f"{provider}_CLIENT_ID": "teranga" for provider in PROVIDERS},
        **{f"{provider}_CLIENT_SECRET": "sandbox-secret" for provider in PROVIDERS},
        **KNOWN_TO_APPLE,
        **more,
    }


def eventually(look: Callable[[], T | None]) -> T:
    """What `look` finds, asked again until it finds something; for work that another process does."""
    pause = threading.Event()
    for _ in range(int(PATIENCE_SECONDS / 0.02)):
        found = look()
        if found:
            return found
        pause.wait(0.02)
    raise AssertionError("it did not happen")
