"""The snapshot of known holes is made anew from an export, or left as it was."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.harness.advisories import Package, Range, Snapshot, read_snapshot, write_snapshot
from tests.harness.scan import main

TODAY = date(2026, 3, 2)
BEFORE = Snapshot(date(2025, 1, 1), {"PyPI/thing": Package(date(2025, 1, 1), [])})
PINS = "thing==1.1 \\\n"


def entry(name: str, events: list[dict[str, str]], **more: Any) -> dict[str, Any]:
    affected = {
        "package": {"ecosystem": "PyPI", "name": name},
        "ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}, {"type": "ECOSYSTEM", "events": events}],
        "versions": ["1.1"],
    }
    return {
        "id": "GHSA-1",
        "aliases": ["CVE-1"],
        "modified": "2026-02-01T08:00:00Z",
        "affected": [affected],
        **more,
    }


def zipped(*entries: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, one in enumerate(entries):
            archive.writestr(f"{number}.json", json.dumps(one))
        archive.writestr("README.txt", "not an entry")
    return out.getvalue()


class Exports:
    """A server that hands out what a test gives it, 404 for the rest."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        files = self.files

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = files.get(self.path)
                self.send_response(404 if body is None else 200)
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def exports() -> Iterator[Exports]:
    served = Exports()
    thread = threading.Thread(target=served.server.serve_forever)
    thread.start()
    yield served
    served.server.shutdown()
    thread.join()
    served.server.server_close()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for folder in ("docs/advisories", "static/vendor"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "requirements.txt").write_text(PINS)
    (tmp_path / "static/vendor/README.md").write_text("")
    (tmp_path / "docs/advisories/accepted.json").write_text("[]")
    (tmp_path / "docs/advisories/advisories.json").write_text(write_snapshot(BEFORE))
    return tmp_path


def known(checkout: Path) -> Snapshot:
    return read_snapshot((checkout / "docs/advisories/advisories.json").read_text())


def refresh(checkout: Path, base: str) -> int:
    return main(["--refresh", "--from", base], root=checkout, today=TODAY)


def test_what_the_export_knows_of_our_packages_is_kept(exports: Exports, checkout: Path) -> None:
    events = [
        {"introduced": "0"},
        {"fixed": "1.2"},
        {"introduced": "2.0"},
        {"last_affected": "2.1"},
        {"introduced": "3"},
    ]
    exports.files["/PyPI/all.zip"] = zipped(
        entry("Thing", events, database_specific={"severity": "MODERATE"}),
        entry("thing", [{"introduced": "0"}], id="PYSEC-2", withdrawn="2026-01-01T00:00:00Z"),
        entry("other", [{"introduced": "0"}], id="GHSA-3", modified="2026-02-20T00:00:00Z"),
    )

    assert refresh(checkout, exports.base) == 1

    snapshot = known(checkout)
    assert snapshot.complete_until == date(2026, 2, 20)
    package = snapshot.packages["PyPI/thing"]
    assert package.looked_up == TODAY
    (hole,) = package.advisories
    assert (hole.id, hole.aliases, hole.severity) == ("GHSA-1", ["CVE-1"], "medium")
    assert hole.source == "GitHub Advisory Database"
    assert hole.ranges == [Range("0", fixed="1.2"), Range("2.0", last_affected="2.1"), Range("3")]
    assert list(snapshot.packages) == ["PyPI/thing"]


def test_scripts_of_others_are_looked_up_in_their_own_export(exports: Exports, checkout: Path) -> None:
    (checkout / "static/vendor/README.md").write_text("| `h.js` | htmx.org (npm) | 4.0.1 | x | y |\n")
    script = entry("htmx.org", [])
    script["affected"][0] |= {
        "package": {"ecosystem": "npm", "name": "htmx.org"},
        "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "4.0.0"}]}],
    }
    exports.files["/PyPI/all.zip"] = zipped(entry("thing", [{"introduced": "0"}, {"fixed": "1.0"}]))
    exports.files["/npm/all.zip"] = zipped(script)

    assert refresh(checkout, exports.base) == 0

    assert known(checkout).packages["npm/htmx.org"].advisories[0].ranges == [Range("0", fixed="4.0.0")]


@pytest.mark.parametrize(
    "body",
    [
        None,
        b"",
        b"<html>try later</html>",
        zipped(),
        zipped({"id": "X", "affected": [{}]}),
        zipped(entry("other", [])),
    ],
    ids=["not there", "empty", "a page", "no entries", "no package", "of others only"],
)
def test_an_export_that_is_none_changes_nothing_and_says_so(
    exports: Exports, checkout: Path, body: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if body is not None:
        exports.files["/PyPI/all.zip"] = body

    assert refresh(checkout, exports.base) == 1

    assert known(checkout) == BEFORE
    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence.endswith("nothing was changed.")


def test_without_a_network_one_sentence_is_said(
    exports: Exports, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    base = f"http://127.0.0.1:{nobody.server_port}"
    nobody.server_close()

    assert refresh(checkout, base) == 1

    assert known(checkout) == BEFORE
    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence.startswith(f"The export could not be had from {base} (")
