"""Every URL tried by everybody, and the outcome compared with the one table in the docs (ID-11, SEC-11)."""

from __future__ import annotations

import pytest

from portal.kernel.settings import PROJECT_ROOT
from tests.badinput.doors import Door
from tests.badinput.table import DOORS, OPEN, knock, rule_of_access
from tests.badinput.trying import NOBODY, Trial, Tried

TABLE = PROJECT_ROOT / "docs" / "access.md"
# Who tries, and the heading of their column.
SEATS = {
    NOBODY: "Guest",
    "stranger": "Person",
    "staff": "Team",
    "manager": "Manager",
    "owner": "Owner",
    "company_viewer": "Viewer",
    "company_manager": "Runs campaigns",
    "company_owner": "Owns company",
    "support": "Support",
    "finance": "Finance",
    "operations": "Operations",
    "chief": "Super",
}
YES, NO = "yes", "·"
_LEADS_TO_SIGN_IN = "/sign-in"


def comes_in(tried: Tried) -> bool:
    """Whether the door let them through, whatever came of it then."""
    if tried.status == 303:
        return not tried.answer.headers["Location"].startswith(_LEADS_TO_SIGN_IN)
    return tried.status not in (401, 403, 404)


def row_of(trial: Trial, door: Door) -> str:
    """The table's row as it really is; an open door is open to all, whatever its link or code is worth."""
    rule = next(
        rule.rule
        for rule in trial.app.url_map.iter_rules(door.endpoint)
        if door.method in (rule.methods or set()) and rule.arguments == set(door.path)
    )
    if rule_of_access(trial.app, door).startswith(OPEN):
        found = [YES] * (len(SEATS) + 1)
    else:
        tries = [knock(trial, door, by=seat) for seat in SEATS]
        found = [YES if comes_in(tried) else NO for tried in (*tries, knock(trial, door))]
    return f"| `{door.method} {rule}` | {' | '.join(found)} |"


@pytest.mark.covers("ID-10", "ID-11", "SEC-11", "ADM-24", "ADM-25")
@pytest.mark.parametrize("door", DOORS, ids=str)
def test_a_door_opens_to_whom_the_table_says(trial: Trial, door: Door) -> None:
    rows = TABLE.read_text().splitlines()

    assert row_of(trial, door) in rows


def test_the_table_has_no_row_too_many() -> None:
    rows = [line for line in TABLE.read_text().splitlines() if line.startswith("| `")]

    assert len(rows) == len(set(rows)) == len(DOORS)
