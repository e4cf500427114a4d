"""Where the menu says that one is."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.kernel.roles import MemberRole, Role
from tests.harness.house import make_admin, make_member, make_partner, sign_in


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("/home", "/home"),
        ("/pots", "/pots"),
        ("/gifts", "/pots"),
        ("/guardian", "/profile"),
        ("/security", "/profile"),
        ("/privacy/leave", "/profile"),
        ("/settings/notifications", "/messages"),
        ("/sponsor", "/sponsor"),
        ("/sponsor/contacts/new", "/sponsor/contacts"),
        ("/sponsor/batches", "/sponsor/contacts"),
        ("/partner/settlements", "/partner/settlements"),
        ("/partner/payout-account", "/partner/settlements"),
        ("/partner/statement", "/partner/settlements"),
    ],
)
def test_the_menu_shows_where_one_is(
    client: FlaskClient, db_session: Session, address: str, place: str
) -> None:
    sign_in(client, make_member(make_partner(), MemberRole.OWNER))

    assert _current(client, address) == {place}


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("/admin", "/admin"),
        ("/admin/ledger/house-money", "/admin/ledger"),
        ("/admin/staff", "/admin/users"),
        ("/admin/retention", "/admin/jobs"),
        ("/admin/compliance", "/admin/audit"),
    ],
)
def test_the_menu_of_those_who_steer_shows_where_one_is(
    client: FlaskClient, db_session: Session, address: str, place: str
) -> None:
    admin = make_admin()
    admin.roles = [*admin.roles, Role.SUPER_ADMIN]
    sign_in(client, admin)

    assert _current(client, address) == {place}


def _current(client: FlaskClient, address: str) -> set[str]:
    menu = client.get(address).text.partition("shell__nav")[2].partition("</nav>")[0]
    return set(re.findall(r'href="([^"]+)" aria-current="page"', menu))
