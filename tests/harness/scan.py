"""Which pinned packages have a known hole.

bin/scan              compares requirements.txt and static/vendor with docs/advisories/advisories.json, without a network
bin/scan --refresh    makes that snapshot anew from OSV's public exports, then compares
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from tests.harness.advisories import Snapshot, judge, read_files, write_snapshot
from tests.harness.osv_export import EXPORTS, RefreshError, fetch_snapshot

ROOT = Path(__file__).resolve().parents[2]
_WHAT_NEXT = """\
Raise the pin (pyproject.toml, then `make requirements`); look up a new package with bin/scan --refresh. A hole that
cannot be closed yet goes into docs/advisories/accepted.json: {"package", "id", "reason", "since", "until"}."""


def main(arguments: list[str] | None = None, *, root: Path = ROOT, today: date | None = None) -> int:
    """Say what was found; 1 when a pin has a hole, was never looked up, or the snapshot cannot be had."""
    asked = _parser().parse_args(arguments)
    day = today or datetime.now(UTC).date()
    pins, snapshot, accepted = read_files(root)
    if asked.refresh:
        try:
            snapshot = fetch_snapshot(pins, base=asked.base, today=day)
        except RefreshError as error:
            print(error, file=sys.stderr)
            return 1
        (root / "docs" / "advisories" / "advisories.json").write_text(write_snapshot(snapshot), "utf-8")
    verdict = judge(pins, snapshot, accepted, today=day)
    for line in verdict.accepted:
        print(line)
    for line in verdict.wrong:
        print(line, file=sys.stderr)
    print(_summary(len(pins), snapshot, day))
    if verdict.wrong:
        print(_WHAT_NEXT, file=sys.stderr)
    return 1 if verdict.wrong else 0


def _summary(count: int, snapshot: Snapshot, day: date) -> str:
    holes = sum(len(package.advisories) for package in snapshot.packages.values())
    age = (day - snapshot.looked_up).days
    return (
        f"{count} pins compared with {holes} known holes, looked up {snapshot.looked_up} ({age} days ago); "
        f"what was published after {snapshot.complete_until} is known in part."
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/scan", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--refresh", action="store_true", help="look again, where there is a network")
    parser.add_argument("--from", dest="base", default=EXPORTS, help="where the exports lie (a mirror)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
