"""`python -m portal.sandbox`: start the sandbox, say where it listens, run until told to stop."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TextIO

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from portal.kernel.settings import SettingsError
from portal.sandbox import twilio
from portal.sandbox.app import create_app
from portal.sandbox.clockwork import Clockwork
from portal.sandbox.config import SandboxConfig, read_config
from portal.sandbox.mailbox import Mailbox
from portal.sandbox.store import Store
from portal.sandbox.world import World


class _Handler(WSGIRequestHandler):
    """Answers as soon as it can and does not write a line for each request."""

    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def main() -> int:
    """Run one sandbox; the exit status of the process."""
    try:
        config = read_config(sys.argv[1:], os.environ)
        config.data_dir.mkdir(parents=True, exist_ok=True)
        with (config.data_dir / "sandbox.lock").open("w") as lock:
            return _run(config, lock)
    except (SettingsError, OSError) as error:
        sys.stderr.write(f"The sandbox cannot start: {error}\n")
        return 1


def _run(config: SandboxConfig, lock: TextIO) -> int:
    _hold_alone(lock, config.data_dir)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    world = World(config, Store(config.data_dir / "sandbox.sqlite3"))
    mailbox = Mailbox(world)
    mailbox.listen()
    clockwork = Clockwork(world, lambda delivery, _now: twilio.receipt_headers(config, delivery))
    server = make_server(config.host, config.port, create_app(world), threaded=True, request_handler=_Handler)
    world.base_url = config.public_url or f"http://{config.host}:{server.server_port}"
    clockwork.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _stop(server))
    ready = {
        "url": f"http://{config.host}:{server.server_port}",
        "smtp_port": mailbox.port,
        "pid": os.getpid(),
    }
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    server.serve_forever()
    clockwork.stop()
    mailbox.stop()
    world.store.close()
    return 0


def _hold_alone(lock: TextIO, data_dir: Path) -> None:
    """Refuse to share a folder with another sandbox: two would each believe to be the only writer."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SettingsError(f"another sandbox uses {data_dir}") from None


def _stop(server: BaseWSGIServer) -> None:
    """Shutting down waits for the serving loop, which a signal handler interrupts: so from another thread."""
    threading.Thread(target=server.shutdown, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
