"""What regular admins are there for: given by super admins, with a trail, and asked for by every page of the staff."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.identity.administration import grant_role, revoke_role
from portal.identity.duties import change_duties
from portal.identity.models import AdminSession, User
from portal.kernel.actor import SYSTEM
from portal.kernel.errors import Conflict, Forbidden, NotFound
from portal.kernel.ids import new_id
from portal.kernel.roles import DUTIES, Duty, Permission, Role, permissions_of
from tests.harness.house import acting, make_admin, make_person, send, sign_in


def make_chief() -> User:
    return make_person("Aminata Diop", roles=(Role.USER, Role.ADMIN, Role.SUPER_ADMIN))


def test_every_permission_but_the_steering_of_staff_belongs_to_a_duty() -> None:
    held = frozenset[Permission]().union(*DUTIES.values())

    assert held == frozenset(Permission) - {Permission.STEER_STAFF, Permission.LOOK}
    assert permissions_of([], is_super=True) == frozenset(Permission)
    assert permissions_of([], is_super=False) == {Permission.LOOK}


@pytest.mark.covers("ADM-21")
def test_staff_work_keeps_what_it_was_granted(client: FlaskClient, db_session: Session) -> None:
    admin = make_admin(Duty.SUPPORT)
    sign_in(client, admin)
    assert client.get("/admin").status_code == 200

    granted = db_session.scalars(select(AdminSession).where(AdminSession.user_id == admin.id)).one()

    assert granted.admin_level == "regular"
    assert granted.permissions_granted == sorted(permissions_of([Duty.SUPPORT], is_super=False))


@pytest.mark.covers("ADM-24")
def test_a_page_outside_the_duties_says_so_and_stands_in_no_menu(client: FlaskClient) -> None:
    sign_in(client, make_admin(Duty.SUPPORT))

    refused, home = client.get("/admin/payouts"), client.get("/admin").get_data(as_text=True)

    assert refused.status_code == 403
    assert "Your duties do not include this page" in refused.get_data(as_text=True)
    assert 'href="/admin/payouts"' not in home
    assert 'href="/admin/users"' in home


@pytest.mark.covers("ADM-21", "ADM-13")
def test_a_super_admin_changes_duties_with_a_reason(client: FlaskClient, db_session: Session) -> None:
    chief, admin = make_chief(), make_admin(Duty.SUPPORT)
    sign_in(client, chief)
    page = f"/admin/users/{admin.id}/duties"
    assert client.get(page).status_code == 200

    assert send(client, page, {"finance": "y"}).status_code == 422
    assert admin.duties == ["support"]
    assert send(client, page, {"finance": "y", "reason": "Change d'équipe"}).status_code == 303

    db_session.refresh(admin)
    assert admin.duties == ["finance"]
    row = db_session.scalars(select(AuditLog).where(AuditLog.action == "user_duties_changed")).one()
    assert (row.old_values, row.new_values, row.reason) == (
        {"duties": ["support"]},
        {"duties": ["finance"]},
        "Change d'équipe",
    )


@pytest.mark.covers("ADM-22")
def test_open_staff_work_ends_with_a_change_of_duties(client: FlaskClient) -> None:
    admin = make_admin(Duty.FINANCE)
    sign_in(client, admin)
    assert client.get("/admin/payouts").status_code == 200

    change_duties(admin.id, {Duty.SUPPORT}, reason="moved", by=acting(make_chief()))

    assert client.get("/admin/payouts").headers["Location"].startswith("/security/confirm")


def test_duties_are_changed_by_others_and_only_of_regular_admins(db_session: Session) -> None:
    chief, admin, person = make_chief(), make_admin(Duty.SUPPORT), make_person()
    refused = [
        (admin.id, acting(make_admin()), Forbidden),
        (admin.id, acting(person), Forbidden),
        (chief.id, acting(chief), Conflict),
        (chief.id, acting(make_chief()), Conflict),
        (person.id, acting(chief), Conflict),
        (new_id(), acting(chief), NotFound),
    ]
    for user_id, by, error in refused:
        with pytest.raises(error):
            change_duties(user_id, {Duty.FINANCE}, reason="why", by=by)
    change_duties(admin.id, {Duty.SUPPORT}, reason="nothing new", by=acting(chief))

    assert db_session.scalars(select(AuditLog).where(AuditLog.action == "user_duties_changed")).all() == []


def test_duties_come_and_go_with_the_right(db_session: Session) -> None:
    person = make_person()

    grant_role(person.id, Role.ADMIN, duties=[Duty.OPERATIONS], by=SYSTEM)
    assert person.duties == ["operations"]
    revoke_role(person.id, Role.ADMIN, reason="left", by=acting(make_chief()))

    assert person.duties == []
