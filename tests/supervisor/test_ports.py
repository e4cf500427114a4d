"""Which ports a supervisor takes, and that no other one takes them too."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from portal.supervisor import ports as choosing
from portal.supervisor.errors import SupervisorError
from portal.supervisor.ports import Ports
from tests.supervisor.stand_in import ROOT

CHOOSERS = 6
_CHOOSE = """
import sys
from portal.supervisor.ports import Ports
print("here", flush=True)
sys.stdin.readline()
ports = Ports.free()
print(ports.web, ports.sandbox, ports.smtp, flush=True)
sys.stdin.read()
"""


class Chooser:
    """A supervisor that has chosen its ports and not yet started anything that listens on them."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _CHOOSE],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def line(self) -> str:
        """The next thing it says; nothing once it has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def go(self) -> None:
        """Let it choose."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")

    def end(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it, by default as a crash would."""
        self.process.send_signal(number)
        self.process.wait(timeout=30)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


@pytest.fixture
def choosers() -> Iterator[list[Chooser]]:
    """Supervisors about to choose."""
    with ExitStack() as running:
        made = [Chooser() for _number in range(CHOOSERS)]
        for one in made:
            running.callback(one.end)
        assert [one.line() for one in made] == ["here\n"] * CHOOSERS
        yield made


def test_supervisors_that_start_at_once_choose_different_ports(choosers: list[Chooser]) -> None:
    for one in choosers:
        one.go()
    chosen = [int(port) for one in choosers for port in one.line().split()]
    assert len(chosen) == 3 * CHOOSERS
    assert len(set(chosen)) == 3 * CHOOSERS


def test_the_ports_of_a_killed_supervisor_are_free_at_once(choosers: list[Chooser]) -> None:
    first, *_others = choosers
    first.go()
    web = int(first.line().split()[0])
    with pytest.raises(SupervisorError, match=f"Port {web} is in use"):
        Ports.from_environ({"PORT": str(web)})
    first.process.kill()
    first.process.wait(timeout=30)
    again = Ports.from_environ({"PORT": str(web)})
    again.release()
    assert again.web == web


def test_released_ports_may_be_taken_again() -> None:
    first = Ports.free()
    first.release()
    second = Ports.from_environ({"PORT": str(first.web)})
    second.release()
    assert second.web == first.web


def test_a_refused_start_claims_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ports = Ports.free()
    ports.release()
    with monkeypatch.context() as nothing_free:
        nothing_free.setattr(choosing, "_TRIES", 0)
        with pytest.raises(SupervisorError, match="No port from"):
            Ports.from_environ({"PORT": str(ports.web)})
    Ports.from_environ({"PORT": str(ports.web)}).release()


def test_taken_default_ports_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = listener.getsockname()[1]
        defaults = {"web": taken, "sandbox": taken, "smtp": taken}
        monkeypatch.setattr(choosing, "_DEFAULTS", defaults)
        ports = Ports.from_environ({})
    ports.release()
    assert len({taken, ports.web, ports.sandbox, ports.smtp}) == 4


def test_a_port_whose_last_connections_linger_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=10):
            accepted, _address = listener.accept()
            # Who closes first keeps the port in TIME_WAIT.
            accepted.close()
    ports = Ports.from_environ({"PORT": str(port)})
    ports.release()
    assert ports.web == port


@pytest.mark.parametrize("told", ["http", "0", "65536", "-1", "８０"])
def test_an_unusable_port_is_refused(told: str) -> None:
    with pytest.raises(SupervisorError, match="PORT is"):
        Ports.from_environ({"PORT": told})
