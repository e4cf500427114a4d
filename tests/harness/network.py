"""Tests talk to this machine only: a connection to any other host fails and names the host."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import Any

import pytest

_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex
_getaddrinfo = socket.getaddrinfo


class OutsideWorld(AssertionError):
    """A test tried to leave the machine."""


def pytest_configure(config: pytest.Config) -> None:
    setattr(socket.socket, "connect", _guarded_connect)  # noqa: B010
    setattr(socket.socket, "connect_ex", _guarded_connect_ex)  # noqa: B010
    socket.getaddrinfo = _guarded_getaddrinfo


def pytest_unconfigure(config: pytest.Config) -> None:
    setattr(socket.socket, "connect", _connect)  # noqa: B010
    setattr(socket.socket, "connect_ex", _connect_ex)  # noqa: B010
    socket.getaddrinfo = _getaddrinfo


def _guarded_connect(self: socket.socket, address: Any) -> None:
    _refuse_others(self, address)
    _connect(self, address)


def _guarded_connect_ex(self: socket.socket, address: Any) -> int:
    _refuse_others(self, address)
    return _connect_ex(self, address)


def _guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
    if not _is_here(host):
        raise OutsideWorld(f"tests stay on this machine; this one looked up {host!r}")
    return _getaddrinfo(host, *args, **kwargs)


def _refuse_others(self: socket.socket, address: Any) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
        raise OutsideWorld(f"tests stay on this machine; this one went to {address[0]!r}")


def _is_here(host: str | bytes | None) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        return ip_address(str(name)).is_loopback
    except ValueError:
        return False
