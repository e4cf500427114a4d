"""Which ports the portal's own processes listen on."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass

from portal.supervisor.errors import SupervisorError

LOOPBACK = "127.0.0.1"
_DEFAULTS = {"web": 8000, "sandbox": 8001, "smtp": 8002}


@dataclass(frozen=True)
class Ports:
    """The address of the web server, and the loopback ports of the sandbox (HTTP and mail)."""

    web: int
    sandbox: int
    smtp: int
    host: str = LOOPBACK

    @classmethod
    def free(cls) -> Ports:
        """Three ports that nobody uses at this moment."""
        with socket.socket() as web, socket.socket() as sandbox, socket.socket() as smtp:
            numbers = []
            for listener in (web, sandbox, smtp):
                listener.bind((LOOPBACK, 0))
                numbers.append(int(listener.getsockname()[1]))
        return cls(numbers[0], numbers[1], numbers[2])

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Ports:
        """PORT and HOST as the operator set them; whatever is left open takes the next free port.

        Raises `SupervisorError` when PORT is unusable or taken.
        """
        host = environ.get("HOST") or LOOPBACK
        told = environ.get("PORT", "")
        if told and not (told.isascii() and told.isdigit() and 0 < int(told) < 65536):
            raise SupervisorError(f"PORT is “{told}”; it must be a whole number from 1 to 65535.")
        if told and not _is_free(host, int(told)):
            raise SupervisorError(f"Port {told} is in use; set PORT to another one, or leave it out.")
        taken = {int(told)} if told else set()
        chosen = {}
        for name, default in _DEFAULTS.items():
            if name == "web" and told:
                chosen[name] = int(told)
                continue
            chosen[name] = _next_free(host if name == "web" else LOOPBACK, default, taken)
            taken.add(chosen[name])
        return cls(host=host, **chosen)


def _next_free(host: str, first: int, taken: set[int]) -> int:
    for port in range(first, first + 200):
        if port not in taken and _is_free(host, port):
            return port
    raise SupervisorError(f"No port from {first} to {first + 199} is free.")


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return False
    return True
