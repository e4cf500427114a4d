"""A checkout small enough to start in a second: the real supervisor around stand-in processes."""

from __future__ import annotations

import json
import queue
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_SECONDS = 120.0

_WSGI = """
import os
import click, psycopg
from flask import Flask
from flask.cli import AppGroup

app = Flask("stand-in")
db, portal = AppGroup("db"), AppGroup("portal")
app.cli.add_command(db)
app.cli.add_command(portal)

@app.get("/healthz")
def healthz():
    return os.environ["PUBLIC_URL"]

@db.command("upgrade")
def upgrade():
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE users (id int)")
        connection.execute("CREATE TABLE alembic_version (version_num text)")
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")
        if role := os.environ.get("DATABASE_WEB_ROLE"):
            connection.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")

@portal.command("demo")
@click.option("--if-empty", is_flag=True, required=True)
@click.option("--scale", type=int, default=1)
def demo(if_empty, scale):
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("INSERT INTO users SELECT generate_series(1, %s)", [scale])
"""

_WAITING = """
import signal
signal.signal(signal.SIGTERM, lambda *_: exit(0))
while True:
    signal.pause()
"""

_SANDBOX = """
import argparse
from http.server import BaseHTTPRequestHandler, HTTPServer

class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

parser = argparse.ArgumentParser()
for flag in ("--host", "--port", "--smtp-port", "--data-dir"):
    parser.add_argument(flag, required=True)
told = parser.parse_args()
HTTPServer((told.host, int(told.port)), Answer).serve_forever()
"""


class Serving:
    """A supervisor that runs in a checkout, seen from its terminal; whoever waits for it waits not for ever."""

    def __init__(self, folder: Path, environ: dict[str, str], arguments: Sequence[str] = ()) -> None:
        self.folder = folder
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "portal.supervisor", *arguments],
            cwd=folder,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._said: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def pid(self) -> int:
        """The supervisor's process."""
        return self._process.pid

    @property
    def runtime(self) -> dict[str, Any]:
        """What it tells other commands."""
        told: dict[str, Any] = json.loads((self.folder / "instance" / "runtime.json").read_text())
        return told

    def read_until(self, words: str) -> str:
        """The first line that holds `words`; fails when the supervisor ends without it, or never says it."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while (line := self._next_line(deadline)) is not None:
            if words in line:
                return line.strip()
        raise AssertionError(f"no line with {words!r} in {self.lines}")

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Signal the supervisor and wait; answers its exit code."""
        self._process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Wait until the supervisor ends by itself; answers its exit code."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        try:
            while self._next_line(deadline) is not None:
                pass
            return self._process.wait(max(deadline - time.monotonic(), 1))
        except (AssertionError, subprocess.TimeoutExpired):
            # Its children end with it.
            self._process.kill()
            self._process.wait(_PATIENCE_SECONDS)
            raise

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as said:
            for line in said:
                self._said.put(line)
        self._said.put(None)

    def _next_line(self, deadline: float) -> str | None:
        """The next line, None after the last one."""
        try:
            line = self._said.get(timeout=max(deadline - time.monotonic(), 0))
        except queue.Empty:
            raise AssertionError(f"nothing more was said after {self.lines}") from None
        if line is None:
            self._said.put(None)
            return None
        self.lines.append(line.rstrip())
        return line


class Serve(Protocol):
    """Starts a supervisor in a checkout; with `ready`, returns once everything serves."""

    def __call__(
        self,
        folder: Path,
        settings: dict[str, str] | None = None,
        *,
        arguments: Sequence[str] = (),
        ready: bool = True,
    ) -> Serving: ...


def make_checkout(folder: Path) -> Path:
    """Write the stand-in checkout."""
    (folder / "portal" / "kernel").mkdir(parents=True)
    shutil.copytree(ROOT / "portal" / "supervisor", folder / "portal" / "supervisor")
    shutil.copy(ROOT / "portal" / "server.py", folder / "portal")
    for name in ("settings.py", "environment.py", "guessable.py", "providers.py", "keys.py"):
        shutil.copy(ROOT / "portal" / "kernel" / name, folder / "portal" / "kernel")
    stand_ins = {
        "worker": _WAITING,
        "schedule": _WAITING,
        "sandbox": _SANDBOX,
        "__init__": "",
        "kernel/__init__": "",
    }
    for name, text in stand_ins.items():
        (folder / "portal" / f"{name}.py").write_text(textwrap.dedent(text))
    (folder / "wsgi.py").write_text(_WSGI)
    (folder / "migrations" / "versions").mkdir(parents=True)
    (folder / "migrations" / "versions" / "0001.py").write_text('revision, down_revision = "0001", None')
    return folder
