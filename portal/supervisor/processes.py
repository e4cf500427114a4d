"""One child process: started in its own session, watched until it is ready, and never left behind."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from portal.supervisor.accounts import Account
from portal.supervisor.errors import SupervisorError

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.02
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Member:
    """A process of the stack. `ready` answers whether it serves; `stop_signal` asks it to end in peace.

    `wanted` says whether it should be running now; `inherits` are open files that it keeps.
    Start it from the main thread: the kernel ends a child with the thread that started it.
    """

    name: str
    command: Sequence[str | Path]
    log: Path
    environ: Mapping[str, str]
    folder: Path
    ready: Callable[[], bool] = lambda: True
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 10.0
    account: Account | None = None
    inherits: tuple[int, ...] = ()
    wanted: bool = field(default=False, init=False)
    _started_at: float = field(default=0.0, init=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def pid(self) -> int | None:
        """The process id while it runs, else None."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def age_seconds(self) -> float:
        """How long ago it was last started."""
        return time.monotonic() - self._started_at

    def start(self) -> None:
        """Start the process; its output is appended to its log."""
        self.wanted, self._started_at = True, time.monotonic()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(part) for part in self.command],
                cwd=self.folder,
                env=dict(self.environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self.inherits,
                preexec_fn=end_with_parent(os.getpid(), self.stop_signal),
                **(self.account.for_subprocess() if self.account else {}),
            )

    def wait_ready(self, seconds: float = 60.0) -> None:
        """Return once `ready` says yes.

        Raises `SupervisorError` when the process ends first or is not ready in time.
        """
        deadline = time.monotonic() + seconds
        while True:
            answered = self.ready()
            # Asked afterwards: what answers for a member that is gone is somebody else on its port.
            if self.pid is None:
                raise SupervisorError(f"{self.name} stopped while starting. {self.last_words()}")
            if answered:
                return
            if time.monotonic() > deadline:
                raise SupervisorError(f"{self.name} was not ready after {seconds:.0f} s. {self.last_words()}")
            time.sleep(_POLL_SECONDS)

    def ask_to_stop(self) -> None:
        """Ask the process to end, without waiting."""
        self.wanted = False
        if self._process is not None and self.pid is not None:
            self._process.send_signal(self.stop_signal)

    def stop(self) -> None:
        """Ask the process to end, wait for its grace, then end whatever is left of its session."""
        if self.wanted:
            self.ask_to_stop()
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(self.grace_seconds)
        self.kill(signal.SIGKILL)

    def kill(self, number: signal.Signals) -> None:
        """Send a signal to every process of the session and, for SIGKILL, wait until it is gone."""
        if self._process is None:
            return
        for pid in _session(self._process.pid):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue
        if number == signal.SIGKILL:
            self._process.wait()

    def last_words(self) -> str:
        """The last line of the log and where the log is, as a sentence."""
        lines = self.log.read_text(errors="replace").split("\n") if self.log.exists() else []
        last = next((line.strip() for line in reversed(lines) if line.strip()), "nothing")
        return f"Its last words: {last} (all of them in {self.log})."


def end_with_parent(parent: int, number: signal.Signals) -> Callable[[], None]:
    """What a child runs so that it gets this signal as soon as its parent is gone, killed or not."""

    def in_child() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:
            os._exit(1)

    return in_child


def _session(leader: int) -> list[int]:
    """The processes of the session that `leader` opened, which outlive it when it is killed."""
    if sys.platform != "linux":
        return [leader]
    members = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                if os.getsid(int(entry)) == leader:
                    members.append(int(entry))
            except ProcessLookupError:
                continue
    return members
