"""The table is whole and true: every rule and method has a row, and its good request does what it is for."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from tests.badinput.doors import Door
from tests.badinput.judging import complaints
from tests.badinput.table import DOORS, doors_of, knock
from tests.badinput.trying import Trial


def test_every_rule_and_method_has_one_row(session_app: Flask) -> None:
    """A new door is tried like the others, or this fails."""
    rows = [door.key for door in DOORS]

    assert doors_of(session_app) - set(rows) == set(), "without a row"
    assert sorted(rows) == sorted(set(rows) & doors_of(session_app)), "twice, or gone"


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_a_good_request_is_answered_as_the_row_says(trial: Trial, door: Door) -> None:
    """Without this, a refusal of a spoiled request would prove nothing."""
    tried = knock(trial, door)

    assert [*complaints(tried, {door.answer}, grows=tried.changed)] == []
    assert bool(tried.changed) is door.changes


@pytest.mark.parametrize(
    ("statement", "changed"),
    [
        ("UPDATE partners SET name = name || 'x'", {"partners"}),
        ("UPDATE partners SET name = name", set()),
        ("INSERT INTO status_history SELECT * FROM status_history WHERE false", set()),
        ("DELETE FROM sponsor_contacts", {"sponsor_contacts"}),
        (
            "INSERT INTO audit_logs (id, action, resource_type, actor_type, occurred_at)"
            " VALUES (gen_random_uuid(), 'x', 'x', 'system', '2026-03-02')",
            {"audit_logs"},
        ),
        ("SELECT 1", set()),
    ],
)  # fmt: skip
def test_the_fingerprint_notices_what_changed_and_nothing_else(
    trial: Trial, statement: str, changed: set[str]
) -> None:
    undo = trial.connection.begin_nested()
    trial.connection.execute(text(statement))

    assert trial.fingerprint.changed() == changed
    undo.rollback()
    assert trial.fingerprint.changed() == set()
