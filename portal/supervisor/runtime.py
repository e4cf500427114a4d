"""`runtime.json` and the lock beside it: what runs from a data folder, for other commands to find."""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path
from typing import Any

from portal.supervisor.errors import SupervisorError

_FILE = "runtime.json"


def read_runtime(data_dir: Path) -> dict[str, Any] | None:
    """What the running stack wrote: `public_url`, `sandbox_url`, `owner_url`, `supervisor`, `pids`, `environ`; or None."""
    try:
        runtime: dict[str, Any] = json.loads((data_dir / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return runtime


def write_runtime(data_dir: Path, runtime: dict[str, Any]) -> None:
    """Replace runtime.json, readable by its owner only: it holds the database's password."""
    unfinished = data_dir / f"{_FILE}.unfinished"
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(runtime, indent=1), encoding="utf-8")
    unfinished.replace(data_dir / _FILE)


def remove_runtime(data_dir: Path) -> None:
    """Say that nothing runs here any more."""
    (data_dir / _FILE).unlink(missing_ok=True)


def lock(data_dir: Path, seconds: float = 20.0) -> int:
    """Take the data folder for this process; the answer is an open file that every child inherits.

    The lock is free when the last of them is gone, so a start right after a crash waits until the old
    processes have left. Raises `SupervisorError` when another supervisor runs.
    """
    held = os.open(data_dir / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + seconds
    while not _try(held):
        owner = os.pread(held, 32, 0).decode().strip()
        if owner and _is_alive(int(owner)):
            os.close(held)
            raise SupervisorError(_already_runs(data_dir))
        if time.monotonic() > deadline:
            os.close(held)
            raise SupervisorError(
                f"Processes of an earlier start still use {data_dir}; end them and start again."
            )
        time.sleep(0.05)
    os.ftruncate(held, 0)
    os.pwrite(held, f"{os.getpid()}\n".encode(), 0)
    return held


def _try(held: int) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _already_runs(data_dir: Path) -> str:
    runtime = read_runtime(data_dir)
    where = f" at {runtime['public_url']}" if runtime else ""
    return f"The portal already runs from this checkout{where}; stop it where it was started."


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
