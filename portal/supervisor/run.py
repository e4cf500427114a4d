"""What bin/serve runs: one stack, watched until somebody stops it."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from types import FrameType

from portal.kernel.settings import PROJECT_ROOT, SettingsError
from portal.supervisor.errors import SupervisorError
from portal.supervisor.ports import Ports
from portal.supervisor.stack import Stack

_LOOK_EVERY_SECONDS = 0.2


class _Stopped(BaseException):
    """Somebody asked the supervisor to stop."""


def main(arguments: Sequence[str]) -> int:
    """Run the portal until Ctrl-C or SIGTERM; 1 after one sentence when it cannot start."""
    told = _parser().parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    data_dir = Path(os.environ.get("PORTAL_DATA_DIR") or PROJECT_ROOT / "instance")
    ports = partial(Ports.from_environ, os.environ)
    try:
        with Stack(data_dir, ports=ports, scale=told.scale, report=_say) as stack:
            _say(_welcome(stack))
            while True:
                time.sleep(_LOOK_EVERY_SECONDS)
                stack.supervise()
    except (SupervisorError, SettingsError) as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    except _Stopped:
        _say("Stopped.")
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/serve",
        description="Start the whole portal on this machine; Ctrl-C stops all of it.",
        epilog="PORT and HOST choose the address. DATABASE_URL, REDIS_URL, WAVE_API_URL, SMS_API_URL and "
        "SMTP_HOST name servers of your own; whatever is left open is started here.",
    )
    parser.add_argument(
        "--scale",
        type=int,
        choices=range(1, 1001),
        default=1,
        metavar="N",
        help="fill an empty portal with N times as many people as the demo world has",
    )
    return parser


def _stop(number: int, frame: FrameType | None) -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    raise _Stopped


def _say(line: str) -> None:
    # The portal outlives a reader that has seen enough.
    with suppress(BrokenPipeError):
        print(line, flush=True)


def _welcome(stack: Stack) -> str:
    lines = ["", f"  The portal        {stack.url}"]
    if stack.sandbox_url:
        lines.append(f"  Wave, SMS, mail   {stack.sandbox_url}   (the sandbox: nothing leaves this machine)")
    accounts = _demo_accounts()
    if accounts:
        lines += ["", "  Demo accounts"]
        lines += [
            f"    {audience:<9} {who:<22} {sign_in:<32} {password}"
            for audience, who, sign_in, password in accounts
        ]
        lines.append(
            "    The second step at sign-in is off in the demo; in production every admin and owner has one."
        )
    return "\n".join([*lines, "", "  Ctrl-C stops everything."])


def _demo_accounts() -> Sequence[tuple[str, str, str, str]]:
    try:
        accounts: Sequence[tuple[str, str, str, str]] = import_module("portal.demo.accounts").DEMO_ACCOUNTS
    except ModuleNotFoundError:
        return ()
    return accounts
