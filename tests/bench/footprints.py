"""How long the portal takes to start, and the memory of each of its processes at work."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

from portal.supervisor.stack import Stack
from tests.bench.ground import WORK, Ground
from tests.bench.houses import houses_of
from tests.bench.pages import Browser, Visitors
from tests.bench.processes import Footprint, family_of, footprint
from tests.bench.rates import REDEEMED
from tests.bench.report import Report
from tests.bench.size import Size
from tests.bench.traffic import put_on, request

MOST_MIB = 120.0
_ROUNDS = 15


def start_and_memory(ground: Ground, report: Report, _size: Size) -> None:
    """A portal without a demo world from an empty folder, and again; then the memory of one at work."""
    report.title("Start-up")
    folder = Path(tempfile.mkdtemp(prefix="teranga-bench-start-"))
    folder.chmod(0o711)
    try:
        for name in ("from an empty folder", "the second time"):
            parts: list[str] = []
            environ = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
            began = time.monotonic()
            with Stack(folder, environ=environ, demo=False, report=parts.append):
                took = time.monotonic() - began
            report.say(f"  {name}: {took:.1f} s ({', '.join(' '.join(part.split()) for part in parts)})")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _memory(ground, report)


def _memory(ground: Ground, report: Report) -> None:
    report.title("Memory of each process, after pages and scans, in MiB")
    visitors = Visitors(ground.app(WORK))
    houses = houses_of(ground.app(WORK))
    rows = []
    with ground.working(WORK):
        port = ground.stack.ports.web
        browser = Browser(port)
        lanes = [
            [request("GET", path, visitors.headers(page)) for page, (path, _who) in visitors.pages.items()]
            * _ROUNDS
        ] * 8
        put_on(port, lanes)
        put_on(port, houses.lanes(houses.tills(port), 8, 50), REDEEMED)
        browser.close()
        found = {
            name: _members(ground, name)
            for name in ("web", "worker-1", "cron", "sandbox", "postgres", "valkey")
        }
    for name, processes in found.items():
        for process in processes if name != "postgres" else processes[:1]:
            rows.append((f"{name} {_role(name, process)}".strip(), process.rss, process.pss))
    report.table(("process", "RSS", "PSS"), rows)
    workers = [process for process in found["web"] if _role("web", process) == "worker"]
    most = max(worker.rss for worker in workers), max(worker.pss for worker in workers)
    report.at_most("MiB of a web worker (RSS)", most[0], MOST_MIB, " MiB")
    report.at_most("MiB of a web worker, its part of what is shared (PSS)", most[1], MOST_MIB, " MiB")


def _members(ground: Ground, name: str) -> list[Footprint]:
    leader = ground.stack.pid(name)
    measured = [footprint(pid) for pid in family_of(leader)] if leader else []
    return [process for process in measured if process]


def _role(name: str, process: Footprint) -> str:
    """What a server's process is for: it begins with one of its own, which starts the workers."""
    if name != "web":
        return ""
    return "worker" if process.is_child else "server"
