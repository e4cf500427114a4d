"""Staff work is a session of its own: short, watched, revocable (ADM-20 to ADM-24, G-30)."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.campaigns.models import SponsorCompanyMember
from portal.identity.administration import grant_role, revoke_role
from portal.identity.jobs import close_staff_work
from portal.identity.models import AdminLevel, AdminSession, SecurityEvent, Severity, TerminationReason
from portal.identity.sessions import forget_cached
from portal.kernel.actor import SYSTEM
from portal.kernel.roles import CompanyRole, MemberRole, Permission, Role
from portal.notifications.models import Notification
from portal.partners.models import PartnerMember
from tests.harness.house import (
    make_admin,
    make_company,
    make_company_member,
    make_member,
    make_partner,
    make_person,
    send,
    sign_in,
)
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.identity.doorway import PASSWORD, open_account

RIGHT = {"email": "awa@example.org", "password": PASSWORD}


@pytest.fixture
def chief(db_session: Session, clock: Clock) -> None:
    """A super admin with a password."""
    clock.travel(2026, 3, 1, 12)
    user = open_account()
    for role in (Role.ADMIN, Role.SUPER_ADMIN):
        grant_role(user.id, role, by=SYSTEM)


def works(session: Session) -> list[AdminSession]:
    session.expire_all()
    return [*session.scalars(select(AdminSession).order_by(AdminSession.id))]


@pytest.mark.covers("ADM-20", "ADM-21", "ADM-22")
def test_signing_in_opens_staff_work_and_signing_out_ends_it(
    client: FlaskClient, db_session: Session, chief: None, clock: Clock
) -> None:
    browser = {"User-Agent": "Firefox/127.0"}
    send(client, "/sign-in", RIGHT, headers=browser)

    (work,) = works(db_session)
    assert client.get("/admin", headers=browser).status_code == 200
    assert (work.admin_level, work.permissions_granted) == (AdminLevel.SUPER, sorted(Permission))
    assert (str(work.ip_address), work.user_agent) == ("127.0.0.1", "Firefox/127.0")
    assert (work.expires_at - work.created_at).total_seconds() == 8 * 3600
    assert not work.is_suspicious

    clock.advance(minutes=1)
    send(client, "/sign-out")
    (work,) = works(db_session)
    assert (work.terminated_at, work.termination_reason) == (clock.now(), TerminationReason.LOGOUT)


def test_people_without_the_right_have_none(client: FlaskClient, db_session: Session) -> None:
    sign_in(client, make_person())

    assert works(db_session) == []


@pytest.mark.covers("ADM-22", "ADM-24")
def test_half_an_hour_without_activity_ends_staff_work_and_a_proof_opens_it_anew(
    client: FlaskClient, db_session: Session, chief: None, clock: Clock
) -> None:
    send(client, "/sign-in", RIGHT)
    for _ in range(3):
        clock.advance(minutes=29)
        assert client.get("/admin").status_code == 200
    clock.advance(minutes=30)

    asked = client.get("/admin/users?q=awa")

    assert (asked.status_code, asked.location) == (303, "/security/confirm?next=/admin/users?q%3Dawa")
    assert client.get("/profile").status_code == 200
    proved = send(client, "/security/confirm", {"password": PASSWORD, "next": "/admin/users"})
    assert proved.location == "/admin/users"
    assert client.get("/admin/users").status_code == 200
    first, second = works(db_session)
    assert first.termination_reason is TerminationReason.TIMEOUT
    assert second.terminated_at is None


@pytest.mark.covers("ADM-22", "ADM-24")
def test_eight_hours_are_the_end_however_busy(
    client: FlaskClient, db_session: Session, chief: None, clock: Clock
) -> None:
    send(client, "/sign-in", RIGHT)
    for _ in range(23):
        clock.advance(minutes=20)
        assert client.get("/admin").status_code == 200
    clock.advance(minutes=20)

    assert client.get("/admin").status_code == 303
    close_staff_work()
    assert works(db_session)[0].termination_reason is TerminationReason.TIMEOUT


@pytest.mark.covers("ADM-24")
def test_a_right_that_comes_later_opens_after_a_proof(client: FlaskClient, db_session: Session) -> None:
    user = open_account()
    send(client, "/sign-in", RIGHT)
    grant_role(user.id, Role.ADMIN, by=SYSTEM)
    db_session.commit()

    assert client.get("/admin").location == "/security/confirm?next=/admin"
    send(client, "/security/confirm", {"password": PASSWORD})
    assert client.get("/admin").status_code == 200


@pytest.mark.covers("ADM-22")
def test_staff_work_ends_with_the_right(client: FlaskClient, db_session: Session) -> None:
    user = open_account()
    grant_role(user.id, Role.ADMIN, by=SYSTEM)
    send(client, "/sign-in", RIGHT)
    assert client.get("/admin").status_code == 200

    revoke_role(user.id, Role.ADMIN, by=SYSTEM)
    db_session.commit()

    assert client.get("/admin").status_code == 404
    assert works(db_session)[0].termination_reason is TerminationReason.REVOKED


@pytest.mark.covers("ADM-20", "ADM-22")
def test_super_admins_see_staff_work_and_end_it(
    client: FlaskClient, app: Flask, db_session: Session, chief: None
) -> None:
    other = app.test_client()
    sign_in(other, make_admin())
    assert other.get("/admin").status_code == 200
    assert other.get("/admin/staff").status_code == 403
    (theirs,) = works(db_session)
    send(client, "/sign-in", RIGHT)

    assert "Ousmane Fall" in client.get("/admin/staff").text
    assert send(client, f"/admin/staff/{theirs.id}/revocation").location == "/admin/staff"

    assert (other.get("/admin").status_code, other.get("/profile").status_code) == (303, 303)
    assert works(db_session)[0].termination_reason is TerminationReason.REVOKED
    trail = db_session.scalars(select(AuditLog).where(AuditLog.action == "admin_session_revoked")).one()
    assert trail.resource_id == theirs.id
    told = db_session.scalars(select(SecurityEvent).filter_by(event_type="staff_work_revoked")).one()
    assert (told.user_id, told.ip_address) == (theirs.user_id, None)
    assert send(client, f"/admin/staff/{theirs.id}/revocation").status_code == 404


@pytest.mark.covers("ADM-23", "SEC-14")
def test_staff_work_that_goes_on_in_another_browser_ends_and_its_holder_hears_of_it(
    client: FlaskClient, db_session: Session, chief: None
) -> None:
    mine, thief = {"User-Agent": "Firefox/127.0"}, {"User-Agent": "curl/8"}
    send(client, "/sign-in", RIGHT, headers=mine)
    assert client.get("/admin", headers=mine).status_code == 200

    stolen = client.get("/admin", headers=thief)

    assert stolen.location == "/security/confirm?next=/admin"
    assert client.get("/admin", headers=mine).status_code == 303
    (work,) = works(db_session)
    assert (work.is_suspicious, work.termination_reason) == (True, TerminationReason.REVOKED)
    assert work.security_flags == {"browsers": ["curl/8"]}
    told = db_session.scalars(select(Notification).where(Notification.user_id == work.user_id)).all()
    assert [row.title for row in told if "session" in row.title] == [
        "Votre session d'administration a été fermée"
    ]
    kinds = db_session.scalars(
        select(SecurityEvent.event_type).where(SecurityEvent.severity == Severity.CRITICAL)
    )
    assert kinds.all() == ["staff_work_elsewhere"]


@pytest.mark.covers("ADM-23")
def test_staff_work_that_moves_to_another_network_goes_on_and_is_marked(
    client: FlaskClient, db_session: Session, chief: None, count_statements: CountStatements
) -> None:
    send(client, "/sign-in", RIGHT)
    elsewhere = {"REMOTE_ADDR": "41.82.1.2"}
    for address in ("127.0.0.9", "41.82.1.2", "41.82.1.77"):
        assert client.get("/admin", environ_overrides={"REMOTE_ADDR": address}).status_code == 200

    (work,) = works(db_session)
    assert (work.is_suspicious, work.terminated_at) == (True, None)
    assert work.security_flags == {"networks": ["41.82.1.0/24"]}
    noted = select(SecurityEvent.details).where(SecurityEvent.event_type == "staff_work_moved")
    assert db_session.scalars(noted).all() == [{"to": "41.82.1.0/24"}]
    assert "has moved" in client.get("/admin/staff", environ_overrides=elsewhere).text


@pytest.mark.covers("ADM-20", "ADM-21", "ADM-22")
@pytest.mark.parametrize("level", [AdminLevel.PARTNER, AdminLevel.SPONSOR])
def test_work_in_a_console_has_its_own_rows_which_open_nothing(
    client: FlaskClient, db_session: Session, clock: Clock, level: AdminLevel
) -> None:
    clock.travel(2026, 3, 1, 12)
    if level is AdminLevel.PARTNER:
        person, page = make_member(make_partner(), MemberRole.MANAGER), "/partner/organisation"
    else:
        person, page = make_company_member(make_company(), CompanyRole.MANAGER), "/company"
    me = person.id
    sign_in(client, person)

    (work,) = works(db_session)
    assert (work.admin_level, work.permissions_granted, work.user_id) == (level, ["manager"], me)
    assert client.get(page).status_code == 200
    assert client.get("/admin").status_code == 404

    clock.advance(minutes=20)
    forget_cached(me)
    client.get(page)
    assert [row.last_activity_at for row in works(db_session)] == [clock.now()]

    clock.advance(minutes=31)
    close_staff_work()
    forget_cached(me)
    assert client.get(page).status_code == 200
    first, second = works(db_session)
    assert (first.termination_reason, second.terminated_at) == (TerminationReason.TIMEOUT, None)

    send(client, "/sign-out")
    assert works(db_session)[1].termination_reason is TerminationReason.LOGOUT


@pytest.mark.covers("ADM-22")
def test_work_in_a_console_ends_with_the_place(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    partner = make_partner()
    person = make_member(partner, MemberRole.STAFF)
    company = make_company()
    db_session.add(SponsorCompanyMember(company_id=company.id, user_id=person.id, role=CompanyRole.VIEWER))
    db_session.flush()
    sign_in(client, person)
    assert {row.admin_level for row in works(db_session)} == {AdminLevel.PARTNER, AdminLevel.SPONSOR}

    db_session.execute(update(PartnerMember).values(is_active=False))
    clock.advance(minutes=6)
    forget_cached(person.id)
    client.get("/company")

    ended = {row.admin_level: row.termination_reason for row in works(db_session)}
    assert ended == {AdminLevel.PARTNER: TerminationReason.REVOKED, AdminLevel.SPONSOR: None}
