"""Operators find people, look at them, suspend them and let them in again."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.identity.models import User, UserStatus
from portal.kernel.actor import SYSTEM
from portal.kernel.ids import new_id
from portal.kernel.roles import Role
from portal.ledger import services as ledger
from portal.ledger.accounts import provider_clearing, user_wallet
from portal.ledger.services import Cause
from tests.harness.house import make_admin, make_person, send, sign_in
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements


def make_super_admin() -> User:
    """Somebody who also makes and unmakes those who steer the portal."""
    return make_person("Ndèye Ba", roles=(Role.USER, Role.ADMIN, Role.SUPER_ADMIN))


@pytest.mark.covers("ADM-26")
def test_people_are_found_by_name_address_and_state(
    client: FlaskClient, db_session: Session, operator: User
) -> None:
    make_person("Fatou Diop", email="fatou@example.org")
    gone = make_person("Modou Kane")
    gone.status = UserStatus.SUSPENDED
    db_session.commit()

    for query in ("?q=fatou", "?q=Diop", "?q=fatou@example.org"):
        found = client.get(f"/admin/users{query}").text
        assert "Fatou Diop" in found
        assert "Modou Kane" not in found
    assert "Modou Kane" in client.get("/admin/users?status=suspended").text
    assert "Fatou Diop" not in client.get("/admin/users?role=admin").text
    assert "empty-state" in client.get("/admin/users?q=nobody-at-all").text
    assert client.get("/admin/users?status=%00&role=x&cursor=nonsense").status_code == 200


def test_a_person_is_shown_with_what_they_hold(
    client: FlaskClient, db_session: Session, operator: User, count_statements: CountStatements
) -> None:
    person = make_person("Fatou Diop")
    ledger.move(
        provider_clearing(new_id()),
        user_wallet(person.id),
        12_000,
        Cause("test", "tests", person.id, "k"),
        by=SYSTEM,
    )
    db_session.commit()
    client.get(f"/admin/users/{person.id}")

    with count_statements() as asked:
        page = client.get(f"/admin/users/{person.id}")

    assert page.status_code == 200
    assert len(asked) <= 8, asked
    assert "Fatou Diop" in page.text
    assert str(user_wallet(person.id).id) in page.text
    assert client.get(f"/admin/users/{new_id()}").status_code == 404


@pytest.mark.covers("ADM-14", "ID-08")
def test_an_account_is_suspended_and_reopened_with_a_reason(
    client: FlaskClient, db_session: Session, operator: User
) -> None:
    person = make_person("Fatou Diop")
    db_session.commit()
    address = f"/admin/users/{person.id}"
    assert client.get(f"{address}/suspension").status_code == 200
    assert send(client, f"{address}/suspension", {"reason": ""}).status_code == 422

    answer = send(client, f"{address}/suspension", {"reason": "Fraude présumée"})

    assert (answer.status_code, answer.location) == (303, address)
    db_session.expire_all()
    assert db_session.get_one(User, person.id).status is UserStatus.SUSPENDED
    trail = db_session.scalars(select(AuditLog).filter_by(resource_id=person.id)).one()
    assert (trail.actor_user_id, trail.reason) == (operator.id, "Fraude présumée")
    assert "Fraude présumée" in client.get(address).text
    assert send(client, f"{address}/suspension", {"reason": "x"}).status_code == 409
    assert send(client, f"{address}/reopening", {"reason": "Vérifié"}).status_code == 303
    db_session.expire_all()
    assert db_session.get_one(User, person.id).status is UserStatus.ACTIVE


def test_an_operator_cannot_close_another_operator(client: FlaskClient, operator: User) -> None:
    colleague = make_admin()

    answer = send(client, f"/admin/users/{colleague.id}/suspension", {"reason": "x"})

    assert answer.status_code == 422
    assert "suspension" not in client.get(f"/admin/users/{colleague.id}").text
    assert client.get(f"/admin/users/{colleague.id}/deletion").status_code == 404


@pytest.mark.covers("ADM-14", "ID-11")
def test_a_super_admin_takes_the_right_to_steer_from_another_and_gives_a_reason(
    client: FlaskClient, db_session: Session
) -> None:
    boss, colleague = make_super_admin(), make_admin()
    sign_in(client, boss)
    address = f"/admin/users/{colleague.id}"
    assert f"{address}/dismissal" in client.get(address).text

    answer = send(client, f"{address}/dismissal", {"reason": "Départ"})

    assert (answer.status_code, answer.location) == (303, address)
    db_session.expire_all()
    assert db_session.get_one(User, colleague.id).roles == ["user"]
    trail = db_session.scalars(select(AuditLog).filter_by(resource_id=colleague.id)).one()
    assert (trail.action, trail.actor_user_id, trail.reason) == ("user_role_revoked", boss.id, "Départ")
    assert "dismissal" not in client.get(address).text
    assert send(client, f"{address}/dismissal", {"reason": "Départ"}).status_code == 422


def test_nobody_dismisses_themselves_and_a_plain_admin_dismisses_nobody(
    client: FlaskClient, db_session: Session, operator: User
) -> None:
    boss = make_super_admin()
    assert "dismissal" not in client.get(f"/admin/users/{boss.id}").text
    assert send(client, f"/admin/users/{boss.id}/dismissal", {"reason": "Non"}).status_code == 422

    sign_in(client, boss)
    assert "dismissal" not in client.get(f"/admin/users/{boss.id}").text
    assert send(client, f"/admin/users/{boss.id}/dismissal", {"reason": "Non"}).status_code == 422
    db_session.expire_all()
    assert "super_admin" in db_session.get_one(User, boss.id).roles


@pytest.mark.parametrize("decision", ["suspension", "dismissal"])
def test_a_decision_about_an_account_needs_a_fresh_proof(
    client: FlaskClient, db_session: Session, clock: Clock, decision: str
) -> None:
    boss, colleague = make_super_admin(), make_admin()
    sign_in(client, boss)
    address = f"/admin/users/{colleague.id}/{decision}"
    clock.advance(minutes=20)
    assert client.get(address).status_code == 200

    answer = send(client, address, {"reason": "Départ"})

    assert answer.location.startswith("/security/confirm")
    db_session.expire_all()
    kept = db_session.get_one(User, colleague.id)
    assert (kept.status, "admin" in kept.roles) == (UserStatus.ACTIVE, True)


def test_opening_a_lock_needs_a_fresh_proof(
    client: FlaskClient, db_session: Session, operator: User, clock: Clock
) -> None:
    person = make_person("Fatou Diop")
    clock.advance(minutes=20)

    answer = send(client, f"/admin/users/{person.id}/lock/open")

    assert answer.location.startswith("/security/confirm")
    assert db_session.scalars(select(AuditLog).filter_by(resource_id=person.id)).all() == []
