"""The scan of dependencies: what is known of every pin, and that holes, gaps and late exceptions are refused."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from portal.kernel.settings import PROJECT_ROOT
from tests.harness.advisories import (
    DAYS_TO_CLOSE,
    Accepted,
    Advisory,
    Package,
    Pin,
    Range,
    Snapshot,
    judge,
    pins_of,
    read_files,
    read_snapshot,
    write_snapshot,
)
from tests.harness.scan import main

TODAY = date(2026, 3, 2)
HOLE = Advisory(
    "GHSA-1", ["CVE-1"], "medium", [Range("1.0", fixed="1.4"), Range("2.0", last_affected="2.1")], "made up"
)


def knowing(*advisories: Advisory, key: str = "PyPI/thing") -> Snapshot:
    return Snapshot(TODAY, {key: Package(TODAY, advisories)})


def accepting(**changes: object) -> Accepted:
    said = {
        "package": "PyPI/thing",
        "id": "CVE-1",
        "reason": "never called",
        "since": date(2026, 3, 1),
        "until": date(2026, 3, 31),
    }
    return Accepted(**{**said, **changes})  # type: ignore[arg-type]


def wrong_with(
    version: str, accepted: Iterable[Accepted] = (), *, hole: Advisory = HOLE, today: date = TODAY
) -> list[str]:
    return judge([Pin("PyPI/thing", version)], knowing(hole), list(accepted), today=today).wrong


def test_somebody_has_looked_at_every_pin_and_none_has_a_hole() -> None:
    pins, snapshot, accepted = read_files(PROJECT_ROOT)

    assert {"PyPI/flask", "PyPI/markupsafe", "PyPI/bandit", "npm/htmx.org", "npm/qr-scanner"} <= {
        pin.key for pin in pins
    }
    assert judge(pins, snapshot, accepted, today=snapshot.looked_up).wrong == []


def test_the_snapshot_names_what_is_pinned_and_nothing_else() -> None:
    pins, snapshot, _ = read_files(PROJECT_ROOT)

    assert set(snapshot.packages) == {pin.key for pin in pins}
    assert all(
        item.ranges or item.versions for each in snapshot.packages.values() for item in each.advisories
    )
    text = (PROJECT_ROOT / "docs" / "advisories" / "advisories.json").read_text("utf-8")
    assert write_snapshot(read_snapshot(text)) == text


@pytest.mark.parametrize(
    ("version", "has_it"),
    [
        ("0.9", False),
        ("1.0", True),
        ("1.3.9", True),
        ("1.4rc1", True),
        ("1.4", False),
        ("1.10", False),
        ("2.0", True),
        ("2.1", True),
        ("2.1.post1", False),
        ("3", False),
    ],
)
def test_a_pin_within_a_range_is_refused(version: str, has_it: bool) -> None:
    said = wrong_with(version)

    assert bool(said) == has_it
    if has_it:
        assert said == [f"PyPI/thing {version} has GHSA-1 (medium, fixed in 1.4)."]


def test_what_was_never_good_or_cannot_be_compared_counts_as_a_hole() -> None:
    assert wrong_with("99", hole=Advisory("A", [], None, [Range("0")], "")) == [
        "PyPI/thing 99 has A (not rated, no fixed version is known)."
    ]
    assert wrong_with("2.1", hole=Advisory("A", [], "low", [], "", versions=["2.1"]))
    assert wrong_with("2.1", hole=Advisory("A", [], "low", [Range("0", fixed="r7-final!")], ""))


def test_a_package_nobody_looked_up_is_refused() -> None:
    verdict = judge([Pin("PyPI/new", "1")], knowing(HOLE), [], today=TODAY)

    assert verdict.wrong == ["PyPI/new 1: nobody has looked yet whether it has known holes."]


def test_an_exception_holds_for_its_days_and_says_why() -> None:
    verdict = judge([Pin("PyPI/thing", "1.1")], knowing(HOLE), [accepting()], today=TODAY)

    assert verdict.wrong == []
    assert verdict.accepted == [
        "PyPI/thing 1.1 has GHSA-1 (medium, fixed in 1.4): accepted until 2026-03-31, never called"
    ]
    for today in (date(2026, 2, 28), date(2026, 4, 1)):
        assert "from 2026-03-01 to 2026-03-31 only" in wrong_with("1.1", [accepting()], today=today)[0]


@pytest.mark.parametrize(("severity", "days"), [*DAYS_TO_CLOSE.items(), (None, DAYS_TO_CLOSE["high"])])
def test_no_exception_is_longer_than_its_severity_allows(severity: str | None, days: int) -> None:
    hole = Advisory("GHSA-1", [], severity, [Range("0")], "")
    longest = accepting(id="GHSA-1", since=TODAY, until=date.fromordinal(TODAY.toordinal() + days))
    too_long = accepting(id="GHSA-1", since=TODAY, until=date.fromordinal(TODAY.toordinal() + days + 1))

    assert wrong_with("1", [longest], hole=hole) == []
    assert f"longer than {days} days" in wrong_with("1", [too_long], hole=hole)[0]


def test_an_exception_without_reason_or_without_a_hole_is_refused() -> None:
    assert "gives no reason" in wrong_with("1.1", [accepting(reason=" ")])[0]
    assert "covers nothing" in wrong_with("1.4", [accepting()])[0]
    other = wrong_with("1.1", [accepting(package="PyPI/other")])
    assert other[0].startswith("PyPI/thing 1.1 has GHSA-1")
    assert other[1].startswith("PyPI/other: the exception")


def test_pins_are_read_as_they_are_written() -> None:
    requirements = (
        "Flask_Login==0.6.3 \\\n    --hash=sha256:0 \\\n    # via six==1\n"
        "deprecated==1.3.1 ; python_full_version < '3.12' \\\n"
    )
    vendored = "| `htmx.min.js` | htmx.org (npm), `dist/htmx.min.js` | 4.0.1 | 0BSD | `aa` |\n| `a.ttf` | a font | 2 | x | y |\n"

    assert [str(pin) for pin in pins_of(requirements, vendored)] == [
        "PyPI/flask-login 0.6.3",
        "PyPI/deprecated 1.3.1",
        "npm/htmx.org 4.0.1",
    ]
    with pytest.raises(ValueError, match="does not name the npm package"):
        pins_of("", "| `lib.js` | found somewhere | 1 | MIT | `aa` |\n")


def test_the_command_fails_with_what_to_do_and_passes_when_nothing_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("docs/advisories", "static/vendor"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "static/vendor/README.md").write_text("")
    (tmp_path / "docs/advisories/accepted.json").write_text("[]")
    (tmp_path / "docs/advisories/advisories.json").write_text(write_snapshot(knowing(HOLE)))

    (tmp_path / "requirements.txt").write_text("thing==1.1 \\\n")
    assert main([], root=tmp_path, today=date(2026, 3, 12)) == 1
    said = capsys.readouterr()
    assert "PyPI/thing 1.1 has GHSA-1" in said.err
    assert "Raise the pin" in said.err
    assert "looked up 2026-03-02 (10 days ago)" in said.out

    (tmp_path / "requirements.txt").write_text("thing==1.4 \\\n")
    assert main([], root=tmp_path, today=date(2026, 3, 12)) == 0
    assert capsys.readouterr().err == ""

    (tmp_path / "requirements.txt").write_text("thing==1.1 \\\n")
    exception = {"package": "PyPI/thing", "id": "GHSA-1", "reason": "not called", "since": "2026-03-01"}
    (tmp_path / "docs/advisories/accepted.json").write_text(json.dumps([exception | {"until": "2026-03-20"}]))
    assert main([], root=tmp_path, today=date(2026, 3, 12)) == 0
    assert "accepted until 2026-03-20" in capsys.readouterr().out
    assert main([], root=tmp_path, today=date(2026, 3, 21)) == 1
