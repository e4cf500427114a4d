"""The web server: `python -m portal.server`. The application is loaded once, and each worker begins as a copy of it.

What they never change they hold together: on a small machine the second worker costs half of the first.
"""

from __future__ import annotations

import argparse
from importlib import import_module

from granian import Granian
from granian.constants import HTTPModes, Interfaces

WORKERS = 2
# Most of them wait for their turn (`portal/web/turns.py`); a change must always find one that is free.
THREADS = 16
_SECONDS_TO_END = 3
# What the server itself says goes the way of every other line (`portal/web/logs.py`).
_LOGGERS = {"loggers": {"_granian": {"handlers": [], "propagate": True}}}


def main() -> None:
    """Serve until told to stop; a worker that dies is replaced."""
    told = _arguments()
    # Before there are workers, who find it loaded; what keeps it from being loaded is said once.
    import_module(told.application.partition(":")[0])
    Granian(
        told.application,
        address=told.host,
        port=told.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=told.workers,
        blocking_threads=told.threads,
        respawn_failed_workers=True,
        workers_kill_timeout=_SECONDS_TO_END,
        log_dictconfig=_LOGGERS,
    ).serve()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m portal.server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=WORKERS, help="processes that answer")
    parser.add_argument("--threads", type=int, default=THREADS, help="threads of each")
    parser.add_argument("application", nargs="?", default="wsgi:app")
    return parser.parse_args()


if __name__ == "__main__":
    main()
