"""Who works in a house, and who may say so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.identity.models import SecurityEvent
from portal.kernel.db import db, in_transaction
from portal.kernel.errors import Conflict, Forbidden, NotFound
from portal.kernel.roles import MemberRole
from portal.notifications.models import Notification
from portal.partners import members, services
from portal.partners.events import member_changed
from portal.partners.models import PartnerMember, PartnerType
from tests.harness.house import acting, make_admin, make_member, make_partner, make_person

OWNER, MANAGER, STAFF = MemberRole.OWNER, MemberRole.MANAGER, MemberRole.STAFF


@pytest.fixture
def heard() -> Iterator[list[tuple[UUID, bool]]]:
    """What the room said about people's places."""
    said: list[tuple[UUID, bool]] = []

    def listen(sender: UUID, is_member: bool, **_more: Any) -> None:
        said.append((sender, is_member))

    with member_changed.connected_to(listen):
        yield said


def place_of(session: Session, user_id: UUID) -> PartnerMember:
    return session.execute(select(PartnerMember).where(PartnerMember.user_id == user_id)).scalar_one()


def test_a_member_who_left_gets_the_old_place_back(
    db_session: Session, heard: list[tuple[UUID, bool]]
) -> None:
    partner, person = make_partner(), make_person()
    owner = acting(make_member(partner, OWNER))
    first = members.open_place(partner.id, person.id, STAFF, by=owner)
    members.remove(partner.id, first.id, by=owner)

    again = members.open_place(partner.id, person.id, MANAGER, by=owner)

    assert (again.id, again.role, again.is_active) == (first.id, MANAGER, True)
    assert heard == [(person.id, True), (person.id, False), (person.id, True)]


@pytest.mark.covers("ID-58", "PRT-12")
def test_whoever_is_given_a_place_in_a_team_hears_of_all_that_becomes_of_it(db_session: Session) -> None:
    partner, person = make_partner("Le Djoloff"), make_person()
    owner = acting(make_member(partner, OWNER))

    place = members.open_place(partner.id, person.id, STAFF, by=owner)
    members.change_role(partner.id, place.id, MANAGER, by=owner)
    members.change_role(partner.id, place.id, MANAGER, by=owner)
    members.remove(partner.id, place.id, by=owner)
    db_session.flush()

    kinds = ["partner_place_given", "partner_place_changed", "partner_place_ended"]
    events = db_session.scalars(
        select(SecurityEvent).where(SecurityEvent.user_id == person.id).order_by(SecurityEvent.id)
    ).all()
    assert [(one.event_type, one.details["partner"], one.ip_address) for one in events] == [
        (kind, "Le Djoloff", None) for kind in kinds
    ]
    told = select(Notification.title).where(Notification.user_id == person.id)
    assert len([title for title in db_session.scalars(told) if "Le Djoloff" in title]) == 3


def test_whoever_applies_for_a_house_of_their_own_is_not_told_that_they_work_there(
    db_session: Session,
) -> None:
    person = make_person()

    house = services.Organisation(name="Chez Fatou", type=PartnerType.RESTAURANT)
    services.apply_partner(house, person.id, by=acting(person))
    db_session.flush()

    events = select(SecurityEvent.event_type).where(SecurityEvent.user_id == person.id)
    assert db_session.scalars(events).all() == ["partner_place_given"]
    assert db_session.scalars(select(Notification).where(Notification.user_id == person.id)).all() == []


@pytest.mark.covers("PRT-12")
def test_a_manager_cannot_raise_or_remove_somebody_above(db_session: Session) -> None:
    partner = make_partner()
    owner, manager, staff = (make_member(partner, role) for role in (OWNER, MANAGER, STAFF))
    by = acting(manager)

    for wanted in (
        lambda: members.change_role(partner.id, place_of(db_session, staff.id).id, MANAGER, by=by),
        lambda: members.change_role(partner.id, place_of(db_session, owner.id).id, STAFF, by=by),
        lambda: members.remove(partner.id, place_of(db_session, owner.id).id, by=by),
    ):
        with pytest.raises(Forbidden):
            wanted()


def test_members_of_another_house_are_not_found(db_session: Session) -> None:
    mine, other = make_partner(), make_partner("Autre")
    stranger = place_of(db_session, make_member(other, STAFF).id)
    owner = acting(make_member(mine, OWNER))

    with pytest.raises(NotFound):
        members.remove(mine.id, stranger.id, by=owner)
    with pytest.raises(Forbidden):
        members.remove(other.id, stranger.id, by=owner)


def test_a_house_keeps_an_owner(db_session: Session) -> None:
    partner = make_partner()
    owner = make_member(partner, OWNER)
    place = place_of(db_session, owner.id)

    with pytest.raises(Conflict):
        members.remove(partner.id, place.id, by=acting(owner))
    with pytest.raises(Conflict):
        members.change_role(partner.id, place.id, STAFF, by=acting(make_admin()))

    make_member(partner, OWNER, "Autre propriétaire")
    members.remove(partner.id, place.id, by=acting(owner))
    assert not place.is_active


def test_two_owners_who_leave_at_once_do_not_leave_the_house_alone(app: Flask, committed_db: Session) -> None:
    partner = make_partner()
    owners = [make_member(partner, OWNER, f"Propriétaire {number}") for number in (1, 2)]
    leaving = [(place_of(db.session(), owner.id).id, acting(owner)) for owner in owners]
    partner_id = partner.id
    db.session.commit()
    refused: list[str] = []
    together = threading.Barrier(2)

    def leave(member_id: UUID, by: Any) -> None:
        with app.app_context():
            together.wait()
            try:
                in_transaction(lambda: members.remove(partner_id, member_id, by=by), by)
            except Conflict as error:
                refused.append(error.message)

    threads = [threading.Thread(target=leave, args=one) for one in leaving]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    remaining = db.session.execute(select(func.count()).where(PartnerMember.is_active)).scalar_one()
    assert (remaining, len(refused)) == (1, 1)


@pytest.mark.covers("PRT-12")
def test_somebody_who_leaves_keeps_the_place_in_another_house(
    db_session: Session, heard: list[tuple[UUID, bool]]
) -> None:
    first, second = make_partner(), make_partner("Autre")
    person = make_member(first, STAFF)
    places = [place_of(db_session, person.id)]
    places.append(members.open_place(second.id, person.id, STAFF, by=acting(make_admin())))
    heard.clear()

    members.remove(first.id, places[0].id, by=acting(person))
    members.remove(second.id, places[1].id, by=acting(person))

    assert heard == [(person.id, True), (person.id, False)]


@pytest.mark.covers("PRT-14")
def test_ending_a_contract_takes_the_whole_team_s_rights(
    db_session: Session, heard: list[tuple[UUID, bool]]
) -> None:
    partner = make_partner()
    people = {make_member(partner, OWNER).id, make_member(partner, STAFF).id}
    heard.clear()

    services.terminate(partner.id, "fin", by=acting(make_admin()))

    assert set(heard) == {(person, False) for person in people}


@pytest.mark.covers("DEV-15")
def test_the_database_keeps_one_place_of_a_person_in_a_team(db_session: Session) -> None:
    partner = make_partner()
    person = make_member(partner, STAFF)

    db_session.add(PartnerMember(partner_id=partner.id, user_id=person.id, role=STAFF))

    with pytest.raises(IntegrityError, match="partner_id_user_id"):
        db_session.flush()
