"""The portal's own processes: what each is called, how it is started, and when it counts as ready."""

from __future__ import annotations

import http.client
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.supervisor.ports import LOOPBACK, Ports
from portal.supervisor.processes import Member


@dataclass(frozen=True)
class Programs:
    """The portal's own processes in one checkout; what they inherit stays open as long as one of them lives."""

    root: Path
    data_dir: Path
    environ: Mapping[str, str]
    ports: Ports
    inherits: tuple[int, ...]

    def doors(self, *, with_sandbox: bool) -> list[Member]:
        """What answers people: the web server, and the sandbox where it stands for the providers."""
        web = self._member("web", *_web_server(self.ports), ready=_is_healthy(self.ports.web))
        if not with_sandbox:
            return [web]
        command = _sandbox(self.ports, self.data_dir)
        return [self._member("sandbox", *command, ready=_is_healthy(self.ports.sandbox)), web]

    def behind(self, *, workers: int) -> list[Member]:
        """What works behind the pages."""
        working = [self._member(f"worker-{number}", "portal.worker") for number in range(1, workers + 1)]
        return [*working, self._member("cron", "portal.schedule")]

    def _member(self, name: str, *command: str | Path, ready: Callable[[], bool] = lambda: True) -> Member:
        return Member(
            name=name,
            command=(sys.executable, "-m", *command),
            log=self.data_dir / "logs" / f"{name}.log",
            environ=self.environ,
            folder=self.root,
            ready=ready,
            inherits=self.inherits,
        )


def _web_server(ports: Ports) -> list[str]:
    return ["portal.server", "--host", ports.host, "--port", str(ports.web), "wsgi:app"]


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
