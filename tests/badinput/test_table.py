"""The table is whole and true: every rule and method has a row, and its good request does what it is for."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from portal.kernel.forms import PortalForm
from tests.badinput.doors import Door
from tests.badinput.judging import complaints
from tests.badinput.table import DOORS, doors_of, knock
from tests.badinput.trying import Trial

_LOCKS = text("SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid()")


def test_every_rule_and_method_has_one_row(session_app: Flask) -> None:
    """A new door is tried like the others, or this fails."""
    rows = [door.key for door in DOORS]

    assert doors_of(session_app) - set(rows) == set(), "without a row"
    assert sorted(rows) == sorted(set(rows) & doors_of(session_app)), "twice, or gone"


def test_every_form_of_the_portal_is_filled_in_by_a_row(trial: Trial) -> None:
    """What a row does not send is not spoiled: a form that a view makes only at times needs a row that brings it."""
    filled_in = {
        type(form) for door in DOORS if door.form is not None for form in knock(trial, door).heard.forms
    }

    assert {form.__qualname__ for form in _forms_of_the_portal(PortalForm) - filled_in} == set()


def _forms_of_the_portal(kind: type[PortalForm]) -> set[type[PortalForm]]:
    """Every form that others are not made from."""
    below = kind.__subclasses__()
    if not below:
        return {kind} if kind.__module__.startswith("portal.") else set()
    return set().union(*(_forms_of_the_portal(one) for one in below))


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
    with trial.undoing():
        trial.connection.execute(text(statement))
        assert trial.fingerprint.changed() == changed
    assert trial.fingerprint.changed() == set()


def test_an_undone_request_leaves_no_lock_behind(trial: Trial) -> None:
    """Tens of thousands are made in one transaction, and the server has room for so many locks of all tests."""
    door = next(door for door in DOORS if door.key == ("people.edit_profile", "POST"))
    assert knock(trial, door).changed
    held = trial.connection.execute(_LOCKS).scalar_one()

    for _ in range(3):
        assert knock(trial, door).changed

    assert trial.connection.execute(_LOCKS).scalar_one() == held
