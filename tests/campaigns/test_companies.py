"""Sponsor companies: who takes them in, who works for them, and what each may do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.campaigns import companies, company_members
from portal.campaigns.models import CompanyStatus, SponsorCompany, SponsorCompanyMember
from portal.campaigns.personal import company_without_owner
from portal.identity.models import SecurityEvent, User
from portal.kernel import clock
from portal.kernel.db import db, in_transaction
from portal.kernel.errors import Conflict, Forbidden, IllegalTransition, InvalidInput, NotFound
from portal.kernel.roles import CompanyRole, MemberRole
from portal.notifications.models import Notification
from portal.partners.members import open_place, remove
from portal.partners.models import PartnerMember
from portal.teams.answering import accept
from portal.teams.queries import open_offers
from tests.harness.house import (
    acting,
    make_admin,
    make_company,
    make_company_member,
    make_partner,
    make_person,
)
from tests.identity.doorway import open_account

OWNER, MANAGER, VIEWER = CompanyRole.OWNER, CompanyRole.MANAGER, CompanyRole.VIEWER


def place_of(user: User) -> UUID:
    return db.session.scalars(
        select(SponsorCompanyMember.id).where(SponsorCompanyMember.user_id == user.id)
    ).one()


def told_kinds(user: User) -> set[str]:
    db.session.flush()
    return set(db.session.scalars(select(SecurityEvent.event_type).where(SecurityEvent.user_id == user.id)))


def trail() -> list[str]:
    return list(db.session.scalars(select(AuditLog.action).order_by(AuditLog.id)))


@pytest.mark.covers("SPC-01")
def test_staff_take_in_a_company_with_its_first_owner_and_approve_it(db_session: Session) -> None:
    admin, owner = acting(make_admin()), open_account(email="adja@example.org")

    company = companies.create_company("Baobab Télécom", None, " Adja@example.org ", by=admin)
    assert company.status is CompanyStatus.PENDING
    companies.approve(company.id, by=admin)

    assert company.status is CompanyStatus.ACTIVE
    assert owner.roles == ["user"]
    owner.email_verified_at = clock.now()
    (offer,) = open_offers(owner.id)
    accept(offer.invitation.id, owner.id, by=acting(owner))
    member = db_session.scalars(select(SponsorCompanyMember)).one()
    assert (member.user_id, member.role) == (owner.id, OWNER)
    assert owner.roles == ["partner", "user"]
    assert "company_place_given" in told_kinds(owner)
    assert trail()[-6:] == [
        "company_created",
        "team_invitation_sent",
        "company_approved",
        "team_invitation_accepted",
        "company_member_added",
        "user_role_granted",
    ]


def test_a_company_needs_an_owner_who_can_be_reached_and_a_name_of_its_own(db_session: Session) -> None:
    admin = acting(make_admin())
    make_company("Baobab Télécom")

    with pytest.raises(InvalidInput) as nobody, db_session.begin_nested():
        companies.create_company("Sahel", None, "nobody", by=admin)
    with pytest.raises(InvalidInput) as taken:
        companies.create_company("BAOBAB télécom", None, "adja@example.org", by=admin)
    with pytest.raises(InvalidInput) as lure:
        companies.create_company("www.baobab", None, "adja@example.org", by=admin)

    assert (nobody.value.field, taken.value.field, lure.value.field) == ("owner", "name", "name")
    assert db_session.scalar(select(func.count()).select_from(SponsorCompany)) == 1


def test_a_company_is_stopped_and_let_work_again_with_the_reason(db_session: Session) -> None:
    admin, company = acting(make_admin()), make_company()

    companies.suspend(company.id, "unpaid", by=admin)
    with pytest.raises(IllegalTransition):
        companies.suspend(company.id, "again", by=admin)
    with pytest.raises(Conflict):
        companies.approve(company.id, by=admin)
    companies.reinstate(company.id, "paid", by=admin)

    assert company.status is CompanyStatus.ACTIVE
    reasons = select(AuditLog.reason).where(AuditLog.resource_id == company.id).order_by(AuditLog.id)
    assert list(db_session.scalars(reasons)) == ["unpaid", "paid"]


def test_what_is_known_of_a_company_is_corrected_and_only_changes_are_kept(db_session: Session) -> None:
    admin, company = acting(make_admin()), make_company()

    companies.change_company(company.id, "Baobab Mobile", None, by=admin)
    companies.change_company(company.id, "Baobab Mobile", None, by=admin)

    kept = db_session.scalars(select(AuditLog)).one()
    assert (kept.old_values, kept.new_values) == ({"name": "Baobab Télécom"}, {"name": "Baobab Mobile"})


def test_an_owner_adds_changes_and_removes_and_the_person_hears_each_time(db_session: Session) -> None:
    company = make_company()
    owner = acting(make_company_member(company, OWNER))
    person = open_account(email="penda@example.org", phone="77 100 00 01")

    added = company_members.open_place(company, person.id, VIEWER, by=owner)
    company_members.change_role(company.id, added.id, MANAGER, by=owner)
    company_members.change_role(company.id, added.id, MANAGER, by=owner)
    assert person.roles == ["partner", "user"]
    company_members.remove(company.id, added.id, by=owner)

    events = {"company_place_given", "company_place_changed", "company_place_ended"}
    assert events <= told_kinds(person)
    messages = select(Notification.title).where(Notification.user_id == person.id)
    assert len([one for one in db_session.scalars(messages) if company.name in one]) == 3
    assert person.roles == ["user"]
    assert db_session.scalar(select(func.count()).select_from(SponsorCompanyMember)) == 1


@pytest.mark.parametrize("role", [MANAGER, VIEWER])
def test_nobody_but_an_owner_decides_who_works_there(db_session: Session, role: CompanyRole) -> None:
    company = make_company()
    owner, other = make_company_member(company, OWNER), make_company_member(company, VIEWER)
    by = acting(make_company_member(company, role))
    tries: list[Callable[[], Any]] = [
        lambda: company_members.change_role(company.id, place_of(other), MANAGER, by=by),
        lambda: company_members.change_role(company.id, place_of(owner), VIEWER, by=by),
        lambda: company_members.remove(company.id, place_of(other), by=by),
    ]

    for wanted in tries:
        with pytest.raises(Forbidden):
            wanted()


def test_an_owner_of_another_company_decides_nothing_here(db_session: Session) -> None:
    mine, theirs = make_company(), make_company("Sahel Énergie")
    by = acting(make_company_member(mine, OWNER))
    member = make_company_member(theirs, VIEWER)

    with pytest.raises(NotFound):
        company_members.remove(mine.id, place_of(member), by=by)
    with pytest.raises(Forbidden):
        company_members.remove(theirs.id, place_of(member), by=by)


def test_a_company_keeps_an_owner(db_session: Session) -> None:
    company, admin = make_company(), acting(make_admin())
    owner = make_company_member(company, OWNER)

    with pytest.raises(Conflict):
        company_members.remove(company.id, place_of(owner), by=acting(owner))
    with pytest.raises(Conflict):
        company_members.change_role(company.id, place_of(owner), VIEWER, by=admin)
    assert company_without_owner(owner.id) is not None

    make_company_member(company, OWNER, "Lamine Cissé")
    assert company_without_owner(owner.id) is None
    company_members.remove(company.id, place_of(owner), by=acting(owner))
    assert owner.roles == ["user"]


def test_two_owners_who_leave_at_once_do_not_leave_the_company_alone(
    app: Flask, committed_db: Session
) -> None:
    company = make_company()
    owners = [make_company_member(company, OWNER, f"Propriétaire {number}") for number in (1, 2)]
    leaving = [(place_of(owner), acting(owner)) for owner in owners]
    company_id = company.id
    db.session.commit()
    refused: list[str] = []
    together = threading.Barrier(2)

    def leave(member_id: UUID, by: Any) -> None:
        with app.app_context():
            together.wait()
            try:
                in_transaction(lambda: company_members.remove(company_id, member_id, by=by), by)
            except Conflict as error:
                refused.append(error.message)

    threads = [threading.Thread(target=leave, args=one) for one in leaving]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    left = db.session.execute(select(func.count()).select_from(SponsorCompanyMember)).scalar_one()
    assert (left, len(refused)) == (1, 1)


@pytest.mark.covers("PRT-12")
@pytest.mark.parametrize("first", ["company", "house"])
def test_the_right_stays_while_any_place_is_left(db_session: Session, first: str) -> None:
    company, house, admin = make_company(), make_partner(), acting(make_admin())
    make_company_member(company, OWNER)
    person = make_person()
    member = company_members.open_place(company, person.id, VIEWER, by=admin)
    place: PartnerMember = open_place(house.id, person.id, MemberRole.STAFF, by=admin)
    ends: dict[str, Callable[[], None]] = {
        "company": lambda: company_members.remove(company.id, member.id, by=admin),
        "house": lambda: remove(house.id, place.id, by=admin),
    }

    ends.pop(first)()
    assert person.roles == ["partner", "user"]
    ends.popitem()[1]()
    assert person.roles == ["user"]
