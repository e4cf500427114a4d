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
MET, NOT_APPLICABLE = "met", "not applicable"


def _rows(text: str) -> list[list[str]]:
    lines = re.findall(r"^\| (V\d+\.\d+\.\d+ .*) \|$", text, re.MULTILINE)
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)] for line in lines]


ROWS = _rows(TABLE.read_text("utf-8"))


def test_every_requirement_stands_once_and_in_order() -> None:
    assert len(ASKED) == 253
    assert [row[0] for row in ROWS] == list(ASKED)
    assert {row[0]: row[1] for row in ROWS} == ASKED


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


def test_every_secret_that_production_is_told_stands_in_the_table_of_keys() -> None:
    """What each may be used for, and when it is changed (ASVS 11.1.2)."""
    rules = (PROJECT_ROOT / "docs" / "security-rules.md").read_text("utf-8")
    keys = rules.partition("## Keys")[2].partition("\n## ")[0]
    page = (PROJECT_ROOT / "docs" / "production.md").read_text("utf-8")
    secrets = set(re.findall(r"`([A-Z_]+)` \*", page))
    # Those on their way out stand with what replaces them.
    older = {"SECRET_KEY_FALLBACKS", "FIELD_RETIRED_KEYS", "LOOKUP_RETIRED_KEYS"}

    assert len(secrets) > 12
    assert sorted(name for name in secrets - older if f"`{name}`" not in keys) == []


@pytest.mark.covers("SEC-05")
def test_the_pages_about_security_name_what_exists() -> None:
    pages = [TABLE, *(PROJECT_ROOT / "docs" / name for name in ("security-rules.md", "security-audits.md"))]
    named = {
        path
        for page in pages
        for path in re.findall(r"`((?:docs|portal|tests|static)/[^`]+)`", page.read_text("utf-8"))
    }

    assert sorted(path for path in named if not (PROJECT_ROOT / path).exists()) == []
