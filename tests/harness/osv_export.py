"""The snapshot of known holes, made anew from the public exports of OSV, one archive for each kind of package."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import urllib.request
import zipfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from packaging.utils import canonicalize_name

from tests.harness.advisories import Advisory, Package, Pin, Range, Snapshot

EXPORTS = "https://osv-vulnerabilities.storage.googleapis.com"
_SECONDS = 60
_LARGEST_ENTRY = 32 * 1024 * 1024
_SEVERITIES = {"CRITICAL": "critical", "HIGH": "high", "MODERATE": "medium", "MEDIUM": "medium", "LOW": "low"}
_SOURCES = {"GHSA": "GitHub Advisory Database", "PYSEC": "PyPA Advisory Database"}


class RefreshError(Exception):
    """The snapshot could not be made anew; the message is for the person at the terminal."""


def fetch_snapshot(pins: Collection[Pin], *, base: str, today: date) -> Snapshot:
    """What the exports know of these packages today. Raises `RefreshError`."""
    keys = {pin.key for pin in pins}
    found: dict[str, list[Advisory]] = {key: [] for key in keys}
    newest = ""
    try:
        for ecosystem in sorted({key.partition("/")[0] for key in keys}):
            with _archive(f"{base}/{ecosystem}/all.zip") as archive:
                for entry in _entries(archive):
                    newest = max(newest, str(entry.get("modified", ""))[:10])
                    for key, advisory in _known(entry, ecosystem):
                        if key in found:
                            found[key].append(advisory)
    except (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefreshError(
            f"The export could not be had from {base} ({error}); nothing was changed."
        ) from error
    if not any(found.values()):
        raise RefreshError(f"The export at {base} knows none of the packages; nothing was changed.")
    return Snapshot(date.fromisoformat(newest), {key: Package(today, items) for key, items in found.items()})


@contextmanager
def _archive(url: str) -> Iterator[zipfile.ZipFile]:
    with tempfile.TemporaryFile() as whole:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:
            shutil.copyfileobj(answer, whole)
        with zipfile.ZipFile(whole) as archive:
            yield archive


def _entries(archive: zipfile.ZipFile) -> Iterator[Mapping[str, Any]]:
    for item in archive.infolist():
        if item.filename.endswith(".json") and item.file_size <= _LARGEST_ENTRY:
            entry = json.loads(archive.read(item))
            if not entry.get("withdrawn"):
                yield entry


def _known(entry: Mapping[str, Any], ecosystem: str) -> Iterator[tuple[str, Advisory]]:
    for affected in entry.get("affected", []):
        package = affected.get("package", {})
        if package.get("ecosystem") != ecosystem:
            continue
        name = package["name"] if ecosystem != "PyPI" else canonicalize_name(package["name"])
        ranges = [part for block in affected.get("ranges", []) for part in _ranges(block)]
        yield (
            f"{ecosystem}/{name}",
            Advisory(
                id=entry["id"],
                aliases=sorted(entry.get("aliases", [])),
                severity=_severity(entry, affected),
                ranges=ranges,
                source=_SOURCES.get(re.split(r"[-_]", entry["id"])[0], "OSV"),
                # Ranges say it shorter; without them the list is all there is.
                versions=[] if ranges else sorted(affected.get("versions", [])),
            ),
        )


def _ranges(block: Mapping[str, Any]) -> Iterator[Range]:
    if block.get("type") not in ("ECOSYSTEM", "SEMVER"):
        return
    begun: str | None = None
    for event in block.get("events", []):
        if "introduced" in event:
            if begun is not None:
                yield Range(begun)
            begun = event["introduced"]
        elif begun is not None and ("fixed" in event or "last_affected" in event):
            yield Range(begun, event.get("fixed"), event.get("last_affected"))
            begun = None
    if begun is not None:
        yield Range(begun)


def _severity(entry: Mapping[str, Any], affected: Mapping[str, Any]) -> str | None:
    for holder in (entry, affected):
        said = holder.get("database_specific", {}).get("severity")
        if isinstance(said, str) and said.upper() in _SEVERITIES:
            return _SEVERITIES[said.upper()]
    return None
