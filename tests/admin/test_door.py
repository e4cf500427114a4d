"""The pages of operators exist for operators alone, and ask little of the database."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.identity.models import User
from portal.kernel.access import RULE
from portal.kernel.roles import Role
from tests.harness.house import make_person, make_pot, sign_in
from tests.harness.statements import CountStatements

PAGES = (
    "/admin",
    "/admin/users",
    "/admin/ledger",
    "/admin/jobs",
    "/admin/jobs/failed",
    "/admin/jobs/runs",
    "/admin/audit",
    "/admin/values",
    "/admin/values/points.rate",
    "/admin/health",
)


@pytest.mark.covers("ADM-25", "SEC-11")
@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_operators_does_not_exist_for_others(
    client: FlaskClient, db_session: Session, path: str
) -> None:
    assert client.get(path).status_code == 303
    sign_in(client, make_person(roles=(Role.USER, Role.PARTNER)))
    assert client.get(path).status_code == 404


@pytest.mark.covers("ADM-25")
def test_every_door_of_the_room_is_for_operators(app: Flask) -> None:
    doors = {name: view for name, view in app.view_functions.items() if name.startswith("admin.")}

    assert [name for name, view in doors.items() if not getattr(view, RULE).startswith("staff: ")] == []
    assert len(doors) >= 15


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_operators_asks_at_most_eight_statements(
    client: FlaskClient, operator: User, count_statements: CountStatements, path: str
) -> None:
    for number in range(5):
        make_pot(make_person(f"Awa {number}"))
    assert client.get(path).status_code == 200

    with count_statements() as asked:
        client.get(path)

    assert len(asked) <= 8, asked
