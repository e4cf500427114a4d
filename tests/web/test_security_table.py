"""The table of requirements: each stands in it once, with an answer, and what it names exists."""

from __future__ import annotations

import re

import pytest

from portal.kernel.settings import PROJECT_ROOT

TABLE = PROJECT_ROOT / "docs" / "security.md"
# Ids and levels of OWASP's ASVS 5.0.0, levels 1 and 2.
ASKED = dict(
    line.split() for line in (PROJECT_ROOT / "tests" / "web" / "asvs.txt").read_text("utf-8").splitlines()
)
MET, NOT_APPLICABLE, MISSING = "met", "not applicable", "Not met yet"


def _rows(text: str) -> list[list[str]]:
    lines = re.findall(r"^\| (V\d+\.\d+\.\d+ .*) \|$", text, re.MULTILINE)
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)] for line in lines]


_ANSWERED, _, _OPEN = TABLE.read_text("utf-8").partition(f"\n## {MISSING}\n")
ROWS = _rows(_ANSWERED)


def test_every_requirement_stands_once_and_in_order() -> None:
    answered, missing = [row[0] for row in ROWS], [row[0] for row in _rows(_OPEN)]

    assert len(ASKED) == 253
    assert sorted(answered + missing) == sorted(ASKED)
    assert answered == [name for name in ASKED if name not in missing]
    assert {row[0]: row[1] for row in [*ROWS, *_rows(_OPEN)]} == ASKED


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_says_how_and_where_or_why_not(row: list[str]) -> None:
    _name, _level, answer, words, shown_by = row

    assert words.endswith(".")
    named = re.findall(r"`([^`]+)`", shown_by)
    if answer == NOT_APPLICABLE:
        assert shown_by == ""
    else:
        assert answer == MET
        assert named
    assert [path for path in named if not (PROJECT_ROOT / path).exists()] == []


def test_what_is_missing_is_said() -> None:
    assert all(len(row) == 3 and row[2].endswith(".") for row in _rows(_OPEN))


@pytest.mark.covers("SEC-05")
def test_the_pages_about_security_name_what_exists() -> None:
    pages = [TABLE, *(PROJECT_ROOT / "docs" / name for name in ("security-rules.md", "security-audits.md"))]
    named = {
        path
        for page in pages
        for path in re.findall(r"`((?:docs|portal|tests|static)/[^`]+)`", page.read_text("utf-8"))
    }

    assert sorted(path for path in named if not (PROJECT_ROOT / path).exists()) == []
