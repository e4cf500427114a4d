"""What staff do with an account: rights, suspension, locks, search, and the console of the operator."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.identity import administration
from portal.identity.duties import change_duties
from portal.identity.events import user_reopened, user_suspended
from portal.identity.models import LoginAttempt, SecurityEvent, User, UserStatus
from portal.identity.queries import user_detail, users_page
from portal.identity.recovery import reset_works
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import in_transaction
from portal.kernel.errors import Conflict, Forbidden, IllegalTransition, NotFound
from portal.kernel.ids import new_id
from portal.kernel.models import StatusHistory
from portal.kernel.roles import Duty, MemberRole, Role
from portal.partners.events import member_changed
from tests.harness.house import acting, make_member, make_partner, send, sign_in
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.harness.together import at_once
from tests.identity.doorway import GUEST, PASSWORD, open_account


def staff(*roles: Role) -> Actor:
    """Somebody with these rights, as services see them."""
    user = open_account("Ousmane Fall", email=f"staff{new_id().hex}@example.org")
    user.roles = [Role.USER, *roles]
    return acting(user)


def trail(session: Session) -> list[tuple[str, object, object, object]]:
    rows = session.execute(
        select(AuditLog).where(AuditLog.resource_type == "users").order_by(AuditLog.id)
    ).scalars()
    return [(row.action, row.old_values, row.new_values, row.reason) for row in rows]


@pytest.mark.covers("ID-09")
def test_a_right_is_given_and_taken_with_a_trail(client: FlaskClient, db_session: Session) -> None:
    boss, user = staff(Role.SUPER_ADMIN), open_account()
    sign_in(client, user)
    client.get("/settings")

    administration.grant_role(user.id, Role.ADMIN, by=boss)
    administration.grant_role(user.id, Role.ADMIN, by=boss)
    assert user.roles == ["admin", "user"]
    administration.revoke_role(user.id, Role.ADMIN, reason="left", by=boss)
    administration.revoke_role(user.id, Role.ADMIN, by=boss)

    assert user.roles == ["user"]
    assert trail(db_session) == [
        ("user_role_granted", {"roles": ["user"]}, {"roles": ["admin", "user"]}, None),
        ("user_role_revoked", {"roles": ["admin", "user"]}, {"roles": ["user"]}, "left"),
    ]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPER_ADMIN, Role.PARTNER, Role.USER])
def test_admins_make_no_admins(db_session: Session, role: Role) -> None:
    user = open_account()
    for by in (staff(Role.ADMIN), acting(user), GUEST):
        with pytest.raises(Forbidden):
            administration.grant_role(user.id, role, by=by)
        with pytest.raises(Forbidden):
            administration.revoke_role(user.id, role, by=by)
    assert trail(db_session) == []


def test_the_last_super_admin_stays_and_nobody_demotes_themselves(db_session: Session) -> None:
    first, second = staff(Role.SUPER_ADMIN), staff(Role.SUPER_ADMIN)
    assert first.user_id is not None
    assert second.user_id is not None

    with pytest.raises(Conflict):
        administration.revoke_role(first.user_id, Role.SUPER_ADMIN, by=first)
    administration.revoke_role(second.user_id, Role.SUPER_ADMIN, by=first)
    with pytest.raises(Conflict):
        administration.revoke_role(first.user_id, Role.SUPER_ADMIN, by=SYSTEM)


def test_two_super_admins_who_suspend_each_other_at_once_leave_one(app: Flask, committed_db: Session) -> None:
    first, second = staff(Role.SUPER_ADMIN), staff(Role.SUPER_ADMIN)
    committed_db.commit()

    def suspend(target: Actor, by: Actor) -> str:
        assert target.user_id is not None
        try:
            in_transaction(partial(administration.suspend_user, target.user_id, reason="test", by=by))
        except Conflict:
            return "kept"
        return "suspended"

    came = at_once(app, [partial(suspend, second, first), partial(suspend, first, second)])

    assert sorted(came) == ["kept", "suspended"]


@pytest.mark.covers("ID-08", "ID-43")
def test_a_suspended_person_is_out_at_once_and_comes_back_when_reopened(
    client: FlaskClient, db_session: Session
) -> None:
    admin, user = staff(Role.ADMIN), open_account()
    heard: list[str] = []
    sign_in(client, user)
    assert client.get("/profile").status_code == 200

    with (
        user_suspended.connected_to(lambda sent, **facts: heard.append(facts["reason"])),
        user_reopened.connected_to(lambda sent, **facts: heard.append(facts["reason"])),
    ):
        administration.suspend_user(user.id, reason="fraud", by=admin)
        db_session.commit()
        assert client.get("/profile").status_code == 303
        with pytest.raises(IllegalTransition):
            administration.suspend_user(user.id, reason="again", by=admin)
        administration.reopen_user(user.id, reason="cleared", by=admin)

    assert user.status is UserStatus.ACTIVE
    assert heard == ["fraud", "cleared"]
    assert [line[0] for line in trail(db_session)] == ["user_suspended", "user_reopened"]
    assert trail(db_session)[0] == ("user_suspended", {"status": "active"}, {"status": "suspended"}, "fraud")
    steps = db_session.execute(
        select(StatusHistory.from_status, StatusHistory.to_status, StatusHistory.actor_user_id)
        .where(StatusHistory.entity_id == user.id)
        .order_by(StatusHistory.id)
    ).all()
    assert steps == [("active", "suspended", admin.user_id), ("suspended", "active", admin.user_id)]
    assert client.get("/profile").status_code == 303
    assert send(client, "/sign-in", {"email": user.email, "password": PASSWORD}).status_code == 303


@pytest.mark.covers("ID-58")
def test_what_staff_do_is_told_to_the_person_without_where_they_sit(
    client: FlaskClient, db_session: Session
) -> None:
    boss, user = staff(Role.SUPER_ADMIN), open_account()
    there = replace(boss, ip="203.0.113.9", user_agent="Staff's browser")

    administration.suspend_user(user.id, reason="fraud", by=there)
    administration.reopen_user(user.id, reason="cleared", by=there)
    administration.unlock_user(user.id, by=there)
    administration.grant_role(user.id, Role.ADMIN, by=there)
    change_duties(user.id, [Duty.SUPPORT], reason="support", by=there)
    administration.revoke_role(user.id, Role.ADMIN, by=there)

    events = db_session.scalars(
        select(SecurityEvent).filter_by(user_id=user.id).order_by(SecurityEvent.id)
    ).all()
    assert [(one.event_type, one.ip_address) for one in events] == [
        ("account_suspended", None),
        ("account_reopened", None),
        ("account_unlocked", None),
        ("rights_given", None),
        ("duties_changed", None),
        ("rights_taken", None),
    ]
    reopened = db_session.scalars(select(LoginAttempt).filter_by(reason="reopened")).all()
    assert {(one.ip_address, one.user_agent) for one in reopened} == {(None, None)}
    sign_in(client, user)
    page = client.get("/security/events").text
    assert "The account was suspended by our team" in page
    assert "203.0.113.9" not in page


def test_who_may_close_whom(db_session: Session) -> None:
    user, admin, other, boss = open_account(), staff(Role.ADMIN), staff(Role.ADMIN), staff(Role.SUPER_ADMIN)
    for target, by in (
        (other.user_id, admin),
        (boss.user_id, admin),
        (admin.user_id, admin),
        (boss.user_id, boss),
        (user.id, acting(user)),
        (admin.user_id, acting(user)),
    ):
        assert target is not None
        for verb in (administration.suspend_user, administration.reopen_user):
            with pytest.raises(Forbidden):
                verb(target, reason="test", by=by)
        with pytest.raises(Forbidden):
            administration.unlock_user(target, by=by)
    assert other.user_id is not None
    administration.suspend_user(other.user_id, reason="test", by=boss)
    with pytest.raises(NotFound):
        administration.suspend_user(new_id(), reason="test", by=boss)


def test_the_role_partner_follows_the_teams(client: FlaskClient, db_session: Session) -> None:
    user = open_account()
    sign_in(client, user)

    member_changed.send(user.id, is_member=True, by=SYSTEM)
    assert user.roles == ["partner", "user"]
    member_changed.send(user.id, is_member=True, by=SYSTEM)
    member_changed.send(user.id, is_member=False, by=SYSTEM)

    assert user.roles == ["user"]
    assert [line[0] for line in trail(db_session)] == ["user_role_granted", "user_role_revoked"]


def test_a_change_in_a_team_is_seen_on_the_next_page(client: FlaskClient, db_session: Session) -> None:
    member = make_member(make_partner(), MemberRole.OWNER)
    sign_in(client, member)
    assert client.get("/").location != "/home"

    member_changed.send(member.id, is_member=False, by=SYSTEM)
    db_session.commit()

    assert client.get("/").location == "/home"


def test_the_operator_makes_an_admin_at_the_console(app: Flask, committed_db: Session) -> None:
    console = app.test_cli_runner()

    made = console.invoke(
        args=["portal", "make-admin", "Chef@Example.org", "--name", "Ousmane Fall", "--super"]
    )
    again = console.invoke(args=["portal", "make-admin", "chef@example.org"])
    refused = console.invoke(args=["portal", "make-admin", "nobody"])

    assert (made.exit_code, again.exit_code) == (0, 0), made.output
    assert refused.exit_code == 1
    committed_db.expire_all()
    user = committed_db.execute(select(User)).scalar_one()
    assert (user.email, user.roles) == ("chef@example.org", ["admin", "super_admin", "user"])
    assert user.email_verified_at is not None
    token = made.output.strip().rsplit("/", 1)[1]
    assert reset_works(token)
    assert "password" not in again.output


@pytest.mark.covers("ID-13")
def test_staff_find_people_by_name_address_number_and_code(db_session: Session) -> None:
    awa = open_account("Awa Ndiaye")
    moussa = open_account("Moussa % Sarr_", email=None, phone="77 123 45 67")
    gone = open_account("Awa Gone", email="gone@example.org")
    gone.deleted_at = gone.created_at
    administration.suspend_user(moussa.id, reason="test", by=SYSTEM)
    db_session.flush()

    def found(search: str = "", **more: object) -> list[str]:
        return [row.name for row in users_page(search, **more).items]  # type: ignore[arg-type]

    assert found() == ["Moussa % Sarr_", "Awa Ndiaye"]
    assert found("ndia") == ["Awa Ndiaye"]
    assert found("AWA@EX") == ["Awa Ndiaye"]
    assert found("771234567") == found("+221 77 123 45 67") == ["Moussa % Sarr_"]
    assert found(awa.referral_code.lower()) == ["Awa Ndiaye"]
    assert found("%") == found("r_") == ["Moussa % Sarr_"]
    assert found("' OR 1=1 --") == found("x" * 1000) == []
    assert found(status=UserStatus.SUSPENDED) == ["Moussa % Sarr_"]
    assert found(role=Role.ADMIN) == []
    assert found(role=Role.USER, status=UserStatus.ACTIVE) == ["Awa Ndiaye"]


def test_the_list_of_people_goes_on_by_key(db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)
    for number in range(60):
        clock.advance(seconds=number // 2)
        open_account(f"Person Number {number:02d}", email=f"p{number}@example.org")

    names: list[str] = []
    cursor = None
    while True:
        page = users_page(cursor=cursor)
        names += [row.name for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert len(names) == len({*names}) == 60
    assert names[0] == "Person Number 59"


@pytest.mark.covers("ID-13", "PPL-07")
def test_staff_see_all_sides_of_one_account(
    client: FlaskClient, db_session: Session, count_statements: CountStatements
) -> None:
    user = open_account()
    send(client, "/sign-in", {"email": user.email, "password": "three wrong words"})
    send(client, "/sign-in", {"email": user.email, "password": PASSWORD})
    administration.unlock_user(user.id, by=SYSTEM)
    db_session.flush()
    user_id = user.id
    db_session.expire_all()

    with count_statements() as asked:
        detail = user_detail(user_id)
        facts = (
            detail.profile and detail.profile.full_name,
            detail.preferences and detail.preferences.locale,
            detail.security and detail.security.mfa_enabled,
            detail.completion and detail.completion.percent,
        )

    assert len(asked) == 2
    assert facts == ("Awa Ndiaye", "fr-SN", False, 20)
    assert [attempt.how for attempt in detail.attempts] == ["reopened", "signed_in", "wrong_password"]
    assert detail.open_sessions == 1
    assert [event.what for event in detail.security_events] == ["account_unlocked"]
    assert not detail.is_locked
    with pytest.raises(NotFound):
        user_detail(new_id())
