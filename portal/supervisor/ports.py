"""Which ports the portal's own processes listen on; two supervisors of one machine never choose the same."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from portal.supervisor.errors import SupervisorError

LOOPBACK = "127.0.0.1"
# Below the range from which the kernel gives ports to outgoing connections, which could take one in between.
_DEFAULTS = {"web": 8000, "sandbox": 8001, "smtp": 8002}
_TRIES = 200


@dataclass(frozen=True)
class Ports:
    """The address of the web server, and the loopback ports of the sandbox (HTTP and mail).

    They are this supervisor's own until `release`, whether something listens on them or not.
    """

    web: int
    sandbox: int
    smtp: int
    host: str = LOOPBACK
    _claims: ExitStack = field(default_factory=ExitStack, repr=False, compare=False)

    @classmethod
    def free(cls) -> Ports:
        """Three ports that nobody uses, whatever the environment says."""
        return cls.from_environ({})

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Ports:
        """PORT and HOST as the operator set them; whatever is left open takes the next free port.

        Raises `SupervisorError` when PORT is unusable or taken.
        """
        host = environ.get("HOST") or LOOPBACK
        told = environ.get("PORT", "")
        if told and not (told.isascii() and told.isdigit() and 0 < int(told) < 65536):
            raise SupervisorError(f"PORT is “{told}”; it must be a whole number from 1 to 65535.")
        with ExitStack() as claims:
            if told and not _take(claims, host, int(told)):
                raise SupervisorError(f"Port {told} is in use; set PORT to another one, or leave it out.")
            web = int(told) if told else _take_next(claims, host, _DEFAULTS["web"])
            sandbox, smtp = (_take_next(claims, LOOPBACK, _DEFAULTS[name]) for name in ("sandbox", "smtp"))
            return cls(web, sandbox, smtp, host, claims.pop_all())

    def release(self) -> None:
        """Let other supervisors have them."""
        self._claims.close()


def _take_next(claims: ExitStack, host: str, first: int) -> int:
    for port in range(first, first + _TRIES):
        if _take(claims, host, port):
            return port
    raise SupervisorError(f"No port from {first} to {first + _TRIES - 1} is free.")


def _take(claims: ExitStack, host: str, port: int) -> bool:
    """Claim a port for as long as `claims` is open; False when somebody has claimed it or listens on it.

    Looking is not enough: the server listens seconds later, and two web servers could even listen together.
    """
    with ExitStack() as attempt:
        claim = attempt.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        if not (_claim(claim, port) and _is_free(host, port)):
            return False
        claims.push(attempt.pop_all())
    return True


def _claim(claim: socket.socket, port: int) -> bool:
    """Bind a name that the kernel gives to one process of any user, and takes back when that has ended.

    It holds where ports do, in this network namespace, and leaves no file behind. Only Linux has such names;
    elsewhere two starts of the same second may still meet.
    """
    if sys.platform != "linux":
        return True
    try:
        claim.bind(f"\0teranga-port-{port}")
    except OSError:
        return False
    return True


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as listener:
        # As the servers do: a port whose last connections still linger is free, one with a listener is not.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return False
    return True
