"""The rows of docs/capabilities.md and the tests that prove them. `bin/capabilities` prints what this knows."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[2]
_ROW = re.compile(r"^\|\s*([A-Z]{2,4}-\d{2,3})\s*\|\s*(.*?)\s*\|", re.MULTILINE)


@cache
def capability_rows() -> dict[str, str]:
    """Each capability's id with its sentence, in the order of the list."""
    text = (PROJECT_ROOT / "docs" / "capabilities.md").read_text(encoding="utf-8")
    return dict(_ROW.findall(text))


def capability_ids() -> frozenset[str]:
    """Every known capability id."""
    return frozenset(capability_rows())


class Record:
    """The last result of every test that names capabilities, kept in the data folder between runs."""

    def __init__(self, path: Path = PROJECT_ROOT / "instance" / "covers.json") -> None:
        self._path = path

    def tests(self) -> dict[str, dict[str, Any]]:
        """Test id -> {"covers": [...], "passed": bool}."""
        if not self._path.exists():
            return {}
        tests: dict[str, dict[str, Any]] = json.loads(self._path.read_text(encoding="utf-8"))
        return tests

    def add(self, results: dict[str, dict[str, Any]], *, whole: bool) -> None:
        """Keep results; those of a whole run replace everything that was known before."""
        with self._locked():
            before = {} if whole else self.tests()
            kept = {id_: test for id_, test in before.items() if _still_there(id_)}
            unfinished = self._path.with_suffix(".unfinished")
            unfinished.write_text(json.dumps(kept | results, indent=1, sort_keys=True), encoding="utf-8")
            unfinished.replace(self._path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def proofs(self, *, passed: bool) -> Counter[str]:
        """How many passing (or failing) tests each named capability has."""
        chosen = [test for test in self.tests().values() if test["passed"] is passed]
        return Counter(id_ for test in chosen for id_ in test["covers"])


def _still_there(test_id: str) -> bool:
    return (PROJECT_ROOT / test_id.split("::")[0]).exists()


def _slice(id_: str) -> str:
    return id_.rsplit("-", 1)[0]


def _summary(passing: Counter[str], failing: Counter[str]) -> list[str]:
    rows = capability_rows()
    lines = [f"{'slice':<7}{'rows':>5}{'proved':>8}{'missing':>9}{'failing':>9}"]
    for name in [*dict.fromkeys(map(_slice, rows)), "all"]:
        ids = [id_ for id_ in rows if name in ("all", _slice(id_))]
        proved = sum(1 for id_ in ids if passing[id_])
        broken = sum(1 for id_ in ids if failing[id_])
        lines.append(f"{name:<7}{len(ids):>5}{proved:>8}{len(ids) - proved:>9}{broken:>9}")
    return lines


def main(arguments: list[str]) -> int:
    """Print which capabilities have a passing test; 1 when a slice or a named row is unknown, else 0."""
    parser = argparse.ArgumentParser(prog="bin/capabilities", description=main.__doc__)
    parser.add_argument(
        "--missing", nargs="*", metavar="SLICE", help="only the rows without a passing test, of these slices"
    )
    options = parser.parse_args(arguments)
    rows, record = capability_rows(), Record()
    passing, failing = record.proofs(passed=True), record.proofs(passed=False)
    unknown_slices = set(options.missing or ()) - set(map(_slice, rows))
    if unknown_slices:
        print(f"There is no slice {', '.join(sorted(unknown_slices))}.", file=sys.stderr)
        return 1
    wanted = [id_ for id_ in rows if not options.missing or _slice(id_) in options.missing]
    if options.missing is None:
        print("Proved:", *[f"  {id_}  {passing[id_]}" for id_ in wanted if passing[id_]], sep="\n")
        print("\nWithout a passing test:")
    print(*[f"  {id_}  {rows[id_]}" for id_ in wanted if not passing[id_]], sep="\n")
    unknown = sorted((passing.keys() | failing.keys()) - rows.keys())
    if unknown:
        print("\nNamed by tests, but not in the list:", *unknown)
    if options.missing is None:
        print("", *_summary(passing, failing), sep="\n")
    return 1 if unknown else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BrokenPipeError:
        os._exit(0)
