"""Known holes in the packages the portal is made of, and which of its pins lie within them.

`docs/advisories/advisories.json` says of every package in `requirements.txt` and of every script in `static/vendor` when
somebody looked and what is known; `docs/advisories/accepted.json` which holes are lived with, why and until when.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

# How long a hole may be lived with (docs/security-rules.md, "What is built in").
DAYS_TO_CLOSE = {"critical": 2, "high": 7, "medium": 30, "low": 90}
# A hole that nobody has rated is treated as one of these.
UNRATED = "high"
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)
_VENDORED = re.compile(
    r"^\| `[^`]+\.js` \| (?:(?P<name>\S+) \(npm\)|[^|]*)[^|]*\| (?P<version>[^| ]+) \|", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Pin:
    """One package in the one version that is used."""

    key: str
    version: str

    def __str__(self) -> str:
        return f"{self.key} {self.version}"


@dataclass(frozen=True, slots=True)
class Range:
    """Versions from one on, up to the first good one or to the last bad one, or for ever."""

    introduced: str
    fixed: str | None = None
    last_affected: str | None = None

    def holds(self, version: Version) -> bool:
        """Whether the version lies within. Raises `InvalidVersion` for a bound that is none."""
        if self.introduced != "0" and version < Version(self.introduced):
            return False
        if self.fixed is not None:
            return version < Version(self.fixed)
        return self.last_affected is None or version <= Version(self.last_affected)


@dataclass(frozen=True, slots=True)
class Advisory:
    """One known hole of one package."""

    id: str
    aliases: Sequence[str]
    severity: str | None
    ranges: Sequence[Range]
    source: str
    versions: Sequence[str] = ()

    def affects(self, version: str) -> bool:
        """Whether that version has the hole; what cannot be compared has it until somebody looks."""
        if version in self.versions:
            return True
        try:
            parsed = Version(version)
            return any(part.holds(parsed) for part in self.ranges)
        except InvalidVersion:
            return True

    @property
    def names(self) -> set[str]:
        """Everything it is called."""
        return {self.id, *self.aliases}


@dataclass(frozen=True, slots=True)
class Package:
    """What is known of one package, and when somebody looked."""

    looked_up: date
    advisories: Sequence[Advisory]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known of all packages; its sources were complete up to a day."""

    complete_until: date
    packages: Mapping[str, Package]

    @property
    def looked_up(self) -> date:
        """The day the oldest entry was looked up."""
        return min(package.looked_up for package in self.packages.values())


@dataclass(frozen=True, slots=True)
class Accepted:
    """A hole that is lived with from one day to another, and why that is bearable."""

    package: str
    id: str
    reason: str
    since: date
    until: date


@dataclass(slots=True)
class Verdict:
    """What is wrong, a sentence each, and what was accepted on the way."""

    wrong: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)


def pins_of(requirements: str, vendored: str) -> list[Pin]:
    """Every Python package and every script of others. Raises `ValueError` for a script whose origin is not said."""
    found = [Pin(f"PyPI/{canonicalize_name(name)}", version) for name, version in _PIN.findall(requirements)]
    for row in _VENDORED.finditer(vendored):
        if row["name"] is None:
            raise ValueError(f"static/vendor/README.md does not name the npm package of: {row[0]}")
        found.append(Pin(f"npm/{row['name']}", row["version"]))
    return found


def judge(pins: Iterable[Pin], snapshot: Snapshot, accepted: Sequence[Accepted], *, today: date) -> Verdict:
    """Compare what is pinned with what is known, and exceptions with the days they may last."""
    verdict, used = Verdict(), set()
    for pin in pins:
        package = snapshot.packages.get(pin.key)
        if package is None:
            verdict.wrong.append(f"{pin}: nobody has looked yet whether it has known holes.")
            continue
        for advisory in package.advisories:
            if advisory.affects(pin.version):
                exception = _exception(pin, advisory, accepted)
                used.add(exception)
                _weigh(pin, advisory, exception, today, verdict)
    verdict.wrong += [
        f"{item.package}: the exception for {item.id} covers nothing any more; take it away."
        for item in accepted
        if item not in used
    ]
    return verdict


def _exception(pin: Pin, advisory: Advisory, accepted: Sequence[Accepted]) -> Accepted | None:
    return next((item for item in accepted if item.package == pin.key and item.id in advisory.names), None)


def _weigh(pin: Pin, advisory: Advisory, exception: Accepted | None, today: date, verdict: Verdict) -> None:
    rated = advisory.severity or UNRATED
    hole = f"{pin} has {advisory.id} ({advisory.severity or 'not rated'}, {_cure(advisory)})"
    if exception is None:
        verdict.wrong.append(f"{hole}.")
    elif not exception.reason.strip():
        verdict.wrong.append(f"{hole}: its exception gives no reason.")
    elif exception.until - exception.since > timedelta(days=DAYS_TO_CLOSE[rated]):
        verdict.wrong.append(f"{hole}: its exception is longer than {DAYS_TO_CLOSE[rated]} days.")
    elif not exception.since <= today <= exception.until:
        verdict.wrong.append(f"{hole}: its exception holds from {exception.since} to {exception.until} only.")
    else:
        verdict.accepted.append(f"{hole}: accepted until {exception.until}, {exception.reason}")


def _cure(advisory: Advisory) -> str:
    fixed = [part.fixed for part in advisory.ranges if part.fixed]
    return f"fixed in {', '.join(fixed)}" if fixed else "no fixed version is known"


def read_snapshot(text: str) -> Snapshot:
    """The snapshot as it lies in the repository."""
    raw = json.loads(text)
    return Snapshot(
        date.fromisoformat(raw["complete_until"]),
        {key: _package(entry) for key, entry in raw["packages"].items()},
    )


def read_accepted(text: str) -> list[Accepted]:
    """The exceptions as they lie in the repository."""
    return [
        Accepted(
            item["package"],
            item["id"],
            item["reason"],
            date.fromisoformat(item["since"]),
            date.fromisoformat(item["until"]),
        )
        for item in json.loads(text)
    ]


def write_snapshot(snapshot: Snapshot) -> str:
    """The snapshot as text, one hole a line, so that a renewal reads as a list of what is new."""
    entries = [
        f"  {json.dumps(key)}: "
        f'{{"looked_up": "{package.looked_up}", "advisories": [{_lines(package.advisories)}]}}'
        for key, package in sorted(snapshot.packages.items())
    ]
    packages = ",\n".join(entries)
    return f'{{\n "complete_until": "{snapshot.complete_until}",\n "packages": {{\n{packages}\n }}\n}}\n'


def _lines(advisories: Sequence[Advisory]) -> str:
    lines = [f"\n   {json.dumps(_plain(item))}" for item in sorted(advisories, key=lambda item: item.id)]
    return ",".join(lines)


def _plain(advisory: Advisory) -> dict[str, Any]:
    whole = asdict(advisory)
    whole["ranges"] = [{key: value for key, value in part.items() if value} for part in whole["ranges"]]
    return {key: value for key, value in whole.items() if value or key == "severity"}


def _package(entry: Mapping[str, Any]) -> Package:
    return Package(date.fromisoformat(entry["looked_up"]), list(_advisories(entry["advisories"])))


def _advisories(entries: Iterable[Mapping[str, Any]]) -> Iterator[Advisory]:
    for entry in entries:
        yield Advisory(
            id=entry["id"],
            aliases=entry.get("aliases", []),
            severity=entry["severity"],
            ranges=[Range(**part) for part in entry.get("ranges", [])],
            source=entry["source"],
            versions=entry.get("versions", []),
        )


def read_files(root: Path) -> tuple[list[Pin], Snapshot, list[Accepted]]:
    """What a checkout pins, knows and accepts."""
    pins = pins_of(
        (root / "requirements.txt").read_text("utf-8"),
        (root / "static" / "vendor" / "README.md").read_text("utf-8"),
    )
    snapshot = read_snapshot((root / "docs" / "advisories" / "advisories.json").read_text("utf-8"))
    return pins, snapshot, read_accepted((root / "docs" / "advisories" / "accepted.json").read_text("utf-8"))
