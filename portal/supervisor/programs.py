"""The portal's own processes: what each is called, how it is started, and when it counts as ready."""

from __future__ import annotations

import http.client
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from portal.supervisor.ports import LOOPBACK, Ports
from portal.supervisor.processes import Member

WEB_WORKERS = 2
WEB_THREADS = 4


def programs(
    *,
    root: Path,
    data_dir: Path,
    environ: Mapping[str, str],
    ports: Ports,
    with_sandbox: bool,
    workers: int,
    inherits: tuple[int, ...],
) -> list[Member]:
    """The processes in the order in which they start."""

    def member(name: str, *command: str | Path, ready: Callable[[], bool] = lambda: True) -> Member:
        return Member(
            name=name,
            command=(sys.executable, "-m", *command),
            log=data_dir / "logs" / f"{name}.log",
            environ=environ,
            folder=root,
            ready=ready,
            inherits=inherits,
        )

    listed = [
        member("web", *_web_server(ports), ready=_is_healthy(ports.web)),
        *(member(f"worker-{number}", "portal.worker") for number in range(1, workers + 1)),
        member("cron", "portal.schedule"),
    ]
    if with_sandbox:
        listed.insert(0, member("sandbox", *_sandbox(ports, data_dir), ready=_is_healthy(ports.sandbox)))
    return listed


def _web_server(ports: Ports) -> list[str]:
    listening = ["--host", ports.host, "--port", str(ports.web)]
    size = ["--workers", str(WEB_WORKERS), "--blocking-threads", str(WEB_THREADS)]
    lasting = ["--respawn-failed-workers", "--workers-kill-timeout", "3"]
    return ["granian", "--interface", "wsgi", "--no-ws", *listening, *size, *lasting, "wsgi:app"]


def _sandbox(ports: Ports, data_dir: Path) -> list[str | Path]:
    listening: list[str | Path] = ["--host", LOOPBACK, "--port", str(ports.sandbox)]
    return ["portal.sandbox", *listening, "--smtp-port", str(ports.smtp), "--data-dir", data_dir / "sandbox"]


def _is_healthy(port: int) -> Callable[[], bool]:
    def answers() -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return answers
