"""`bin/bench`: measure the portal on this machine and say which targets it meets."""

from __future__ import annotations

import argparse
import inspect
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench import booking, crowding, footprints, handover, pages, rates, settling, weights
from tests.bench.ground import WORK, Ground
from tests.bench.report import Report
from tests.bench.size import FULL, QUICK, Size

Part = Callable[[Ground, Report, Size], None]
PARTS: dict[str, Part] = {
    # First, while the workers have nothing else to do: the next two leave them thousands of follow-ups.
    "messages": handover.messages,
    "redemptions": rates.redemptions,
    "webhooks": rates.webhooks,
    "crowding": crowding.scan_under_page_load,
    "pages": pages.main_pages,
    "settlement": settling.settlement,
    "weights": weights.page_weights,
    "start": footprints.start_and_memory,
    "ledger": booking.house_accounts,
}


def main() -> int:
    """Run the parts that were asked for; 0 also when targets are missed, which are told."""
    told = _arguments()
    size = QUICK if told.quick else FULL
    report = Report()
    report.say(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    with Ground(told.data, size.scale, report.say) as ground:
        for name, part in PARTS.items():
            if not told.only or name in told.only:
                part(ground, report, size)
        if ground.has_app(WORK):
            ground.prove(WORK)
            report.say("\nThe books of the database that was worked on are in balance, and all counts agree.")
    report.sum_up()
    return 0


def _arguments() -> argparse.Namespace:
    listed = "\n".join(f"  {name:<12} {_promise(part)}" for name, part in PARTS.items())
    parser = argparse.ArgumentParser(
        prog="bin/bench",
        description="Measure the portal on this machine: a whole one of its own, with durable servers, on free\n"
        "ports and in a temporary folder, all gone at the end. What is compared is measured in turn,\n"
        "so that whatever else the machine does meets all sides alike; an idle machine is best.",
        epilog=f"parts:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only", action="append", choices=PARTS, metavar="PART", help="this part (repeat for more)"
    )
    parser.add_argument("--quick", action="store_true", help="small numbers, to see that everything runs")
    parser.add_argument(
        "--data", type=Path, metavar="FOLDER", help="keep the worlds there, and use those of the last time"
    )
    arguments: argparse.Namespace = parser.parse_args()
    return arguments


def _promise(part: Part) -> str:
    return (inspect.getdoc(part) or "").splitlines()[0]


if __name__ == "__main__":
    sys.exit(main())
