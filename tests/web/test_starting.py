"""What a process of the portal loads when it starts, which every start waits for and every process holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from portal.kernel.settings import PROJECT_ROOT

# The printer of invoices, the migrations and the makers of the demo world: for few moments, in few processes.
_HEAVY = ("fpdf", "fontTools", "alembic", "flask_migrate", "portal.demo.world")
_HELD = """
import json, os, threading, wsgi
before = {"threads": threading.active_count(), "sockets": []}
for number in os.listdir("/proc/self/fd"):
    try:
        target = os.readlink(f"/proc/self/fd/{number}")
    except FileNotFoundError:
        continue
    if target.startswith("socket:"):
        before["sockets"].append(target)
print(json.dumps(before))
"""
_LOOK = f"import json, sys, wsgi; print(json.dumps([name for name in {_HEAVY!r} if name in sys.modules]))"


def test_a_web_process_loads_nothing_heavy_that_it_hardly_needs() -> None:
    assert _loaded(_LOOK) == []


def test_what_web_workers_begin_as_copies_of_holds_no_connection_and_no_thread() -> None:
    """Two workers that spoke through one connection would read each other's answers; threads do not come along."""
    assert _loaded(_HELD) == {"threads": 1, "sockets": []}


def _loaded(code: str) -> Any:
    """What a process that has loaded the application says, where neither database nor Valkey answers."""
    nobody = {"DATABASE_URL": "postgresql://nobody/none", "REDIS_URL": "redis://127.0.0.1:9"}
    loaded = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT_ROOT,
        env=os.environ | nobody,
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return json.loads(loaded.stdout)
