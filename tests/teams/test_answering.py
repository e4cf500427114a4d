"""Nobody has a place without their own yes, given from the account that reads what is sent to the contact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.campaigns import company_members
from portal.identity.administration import dismiss_admin
from portal.identity.models import User, UserStatus
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, in_transaction
from portal.kernel.errors import Conflict, DomainError, NotFound
from portal.kernel.phones import for_people
from portal.kernel.roles import Role
from portal.partners import members
from portal.teams.answering import accept, decline
from portal.teams.inviting import cancel, invite
from portal.teams.models import InvitationStatus, TeamInvitation
from portal.teams.queries import offer, open_offers
from tests.harness.house import acting, make_admin, make_person
from tests.harness.moments import Clock
from tests.harness.together import at_once
from tests.teams.ground import GROUNDS, Ground, reachable, told


def trail() -> list[str]:
    return list(db.session.scalars(select(AuditLog.action).order_by(AuditLog.id)))


@pytest.mark.covers("PRT-12")
@pytest.mark.parametrize("role", ["owner", "manager", "low"])
def test_a_yes_opens_the_place_and_the_owners_hear_of_it(
    db_session: Session, ground: Ground, role: str
) -> None:
    organisation, person, wanted = ground.organisation(), reachable(), getattr(ground, role)
    owner, other = (ground.worker(organisation, ground.owner) for _ in range(2))
    row = ground.invite(organisation, person.email or "", wanted, by=acting(owner))
    assert ground.role_of(organisation, person) is None

    assert accept(row.id, person.id, by=acting(person)) is True

    assert ground.role_of(organisation, person) == wanted
    assert Role.PARTNER in person.roles
    assert (row.status, row.user_id) == (InvitationStatus.ACCEPTED, person.id)
    assert row.answered_at is not None
    assert f"{row.contact} a dit oui" in told(owner)
    assert f"{row.contact} a dit oui" in told(other)
    assert not any(row.contact in title for title in told(person))
    assert "team_invitation_accepted" in trail()


def test_a_no_changes_nothing_but_the_invitation(db_session: Session, ground: Ground) -> None:
    organisation, person = ground.organisation(), reachable()
    owner = ground.worker(organisation, ground.owner)
    row = ground.invite(organisation, person.phone or "", by=acting(owner))

    decline(row.id, person.id, by=acting(person))

    assert (row.status, row.user_id) == (InvitationStatus.DECLINED, person.id)
    assert ground.role_of(organisation, person) is None
    assert person.roles == ["user"]
    assert told(owner) == [f"{for_people(row.contact)} a dit non"]
    assert trail() == ["team_invitation_sent", "team_invitation_declined"]


def test_only_who_has_proved_the_contact_finds_the_invitation(db_session: Session, ground: Ground) -> None:
    organisation = ground.organisation()
    claims, another = make_person(email="binta@example.org"), reachable()
    row = ground.invite(
        organisation, "binta@example.org", by=acting(ground.worker(organisation, ground.owner))
    )

    for person in (claims, another):
        assert open_offers(person.id) == []
        for deed in (accept, decline):
            with pytest.raises(NotFound):
                deed(row.id, person.id, by=acting(person))
        with pytest.raises(NotFound):
            offer(row.id, person.id)
    claims.email_verified_at = row.sent_at

    assert [one.invitation.id for one in open_offers(claims.id)] == [row.id]
    assert accept(row.id, claims.id, by=acting(claims)) is True


def test_what_was_answered_stays_with_who_answered_when_the_contact_changes_hands(
    db_session: Session, ground: Ground
) -> None:
    organisation, person, heir = ground.organisation(), reachable(), reachable()
    row = ground.invited(organisation, person)
    decline(row.id, person.id, by=acting(person))
    contact, person.email = person.email, "elsewhere@example.org"
    db_session.flush()
    heir.email = contact

    assert offer(row.id, person.id).invitation.stands is InvitationStatus.DECLINED
    with pytest.raises(NotFound):
        offer(row.id, heir.id)


@pytest.mark.parametrize("how", ["accepted", "declined", "withdrawn", "expired"])
def test_each_invitation_is_answered_once_and_in_time(
    db_session: Session, ground: Ground, clock: Clock, how: str
) -> None:
    clock.travel(2026, 3, 1, 12)
    organisation, person = ground.organisation(), reachable()
    row = ground.invited(organisation, person)
    by = acting(person)
    first: dict[str, Callable[[], object]] = {
        "accepted": lambda: accept(row.id, person.id, by=by),
        "declined": lambda: decline(row.id, person.id, by=by),
        "withdrawn": lambda: cancel(ground.home, organisation.id, row.id, by=acting(make_admin())),
        "expired": lambda: clock.advance(days=7),
    }
    first[how]()
    before = (row.status, ground.role_of(organisation, person), len(trail()))

    for deed in (accept, decline):
        with pytest.raises(Conflict):
            deed(row.id, person.id, by=by)

    assert (row.status, ground.role_of(organisation, person), len(trail())) == before
    assert open_offers(person.id) == []


def test_a_yes_a_second_before_the_end_counts(db_session: Session, ground: Ground, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)
    organisation, person = ground.organisation(), reachable()
    row = ground.invited(organisation, person)
    clock.travel(row.expires_at - timedelta(seconds=1))

    assert accept(row.id, person.id, by=acting(person)) is True


@pytest.mark.parametrize("loss", ["leaves", "is lowered", "account is closed", "is no longer staff"])
def test_an_invitation_whose_sender_has_lost_the_right_does_not_open(
    db_session: Session, ground: Ground, loss: str
) -> None:
    organisation, person = ground.organisation(), reachable()
    ground.worker(organisation, ground.owner)
    of_staff = loss == "is no longer staff"
    sender = make_admin() if of_staff else ground.worker(organisation, ground.owner)
    row = ground.invite(organisation, person.email or "", by=acting(sender))
    _lose(ground, organisation.id, sender, loss)

    with pytest.raises(Conflict):
        accept(row.id, person.id, by=acting(person))

    assert ground.role_of(organisation, person) is None
    assert row.status is InvitationStatus.WAITING
    # To say no needs nobody's right, and whoever has left does not hear of it.
    decline(row.id, person.id, by=acting(person))
    has_left = loss in ("leaves", "is no longer staff")
    assert any(row.contact in title for title in told(sender)) is not has_left


def _lose(ground: Ground, organisation_id: object, sender: User, loss: str) -> None:
    room = members if ground is GROUNDS["house"] else company_members
    admin = acting(make_person(roles=(Role.USER, Role.ADMIN, Role.SUPER_ADMIN)))
    if loss == "account is closed":
        sender.status = UserStatus.SUSPENDED
        return
    if loss == "is no longer staff":
        dismiss_admin(sender.id, reason="gone", by=admin)
        return
    place = room._member_of(organisation_id, sender.id)  # type: ignore[arg-type]
    assert place is not None
    if loss == "leaves":
        room.remove(organisation_id, place.id, by=acting(sender))  # type: ignore[arg-type]
    else:
        room.change_role(organisation_id, place.id, ground.low, by=admin)  # type: ignore[arg-type]


def test_whose_place_has_ended_does_not_come_back_by_a_second_invitation(
    db_session: Session, ground: Ground
) -> None:
    organisation, person = ground.organisation(), reachable()
    owner = acting(ground.worker(organisation, ground.owner))
    first, second = (ground.invite(organisation, at or "", by=owner) for at in (person.email, person.phone))
    other = ground.invite(organisation, "other@example.org", by=owner)
    accept(first.id, person.id, by=acting(person))
    room = members if ground is GROUNDS["house"] else company_members
    place = room._member_of(organisation.id, person.id)
    assert place is not None

    room.remove(organisation.id, place.id, by=owner)

    with pytest.raises(Conflict):
        accept(second.id, person.id, by=acting(person))
    assert ground.role_of(organisation, person) is None
    assert (second.status, other.status) == (InvitationStatus.CANCELED, InvitationStatus.WAITING)


def test_an_organisation_that_was_stopped_takes_nobody_in_until_it_works_again(
    db_session: Session, ground: Ground
) -> None:
    organisation, person = ground.organisation(), reachable()
    row = ground.invited(organisation, person)
    ground.stop(organisation.id, by=acting(make_admin()))

    with pytest.raises(Conflict):
        accept(row.id, person.id, by=acting(person))

    assert ground.role_of(organisation, person) is None
    assert row.is_open


def test_the_first_owner_whom_staff_named_comes_before_the_decision(
    db_session: Session, ground: Ground
) -> None:
    organisation, person, admin = ground.organisation(status=ground.pending), reachable(), make_admin()
    row = ground.invite(organisation, person.email or "", ground.owner, by=acting(admin))

    assert accept(row.id, person.id, by=acting(person)) is True

    assert ground.role_of(organisation, person) == ground.owner
    assert f"{row.contact} a dit oui" in told(admin)


def test_who_works_there_already_keeps_the_place_as_it_is(db_session: Session, ground: Ground) -> None:
    """So the last owner cannot be lowered by an invitation either."""
    organisation = ground.organisation()
    owner = ground.worker(organisation, ground.owner)
    owner.email_verified_at = owner.created_at
    row = ground.invite(organisation, owner.email or "", ground.low, by=acting(owner))
    assert offer(row.id, owner.id).held == ground.owner

    assert accept(row.id, owner.id, by=acting(owner)) is False

    assert ground.role_of(organisation, owner) == ground.owner
    assert row.status is InvitationStatus.ACCEPTED


def test_a_person_who_left_comes_back_by_a_new_yes(db_session: Session) -> None:
    ground = GROUNDS["house"]
    organisation, person = ground.organisation(), reachable()
    first = ground.invited(organisation, person)
    accept(first.id, person.id, by=acting(person))
    place = members._member_of(organisation.id, person.id)
    assert place is not None
    members.remove(organisation.id, place.id, by=acting(person))

    second = ground.invited(organisation, person, ground.manager)
    accept(second.id, person.id, by=acting(person))

    assert (place.is_active, place.role) == (True, ground.manager)


@pytest.mark.covers("DEV-15")
@pytest.mark.parametrize("against", ["acceptance", "refusal", "withdrawal", "invitation"])
def test_two_answers_at_once_are_one(app: Flask, committed_db: Session, ground: Ground, against: str) -> None:
    organisation, person = ground.organisation(), reachable()
    by, owner = acting(person), acting(ground.worker(organisation, ground.owner))
    row = ground.invite(organisation, person.email or "", by=owner)
    organisation_id, row_id, user_id, email = organisation.id, row.id, person.id, person.email or ""
    db.session.commit()
    other: dict[str, Callable[[], object]] = {
        "acceptance": lambda: accept(row_id, user_id, by=by),
        "refusal": lambda: decline(row_id, user_id, by=by),
        "withdrawal": lambda: cancel(ground.home, organisation_id, row_id, by=owner),
        "invitation": lambda: invite(ground.home, organisation_id, email, ground.low, by=owner),
    }

    def one(name: str, deed: Callable[[], object]) -> str:
        try:
            in_transaction(deed, SYSTEM)
        except DomainError as refusal:
            return type(refusal).__name__
        return name

    said = at_once(
        app,
        [
            lambda: one("accepted", lambda: accept(row_id, user_id, by=by)),
            lambda: one(against, other[against]),
        ],
    )

    status = db.session.scalars(select(TeamInvitation.status).where(TeamInvitation.id == row_id)).one()
    has_place = ground.home.role_of(organisation_id, user_id) is not None
    assert has_place is (status is InvitationStatus.ACCEPTED)
    if against == "invitation":
        # Either the first still waited and the second was refused, or it was a new invitation to a member.
        assert status is InvitationStatus.ACCEPTED
        assert said.count("accepted") == 1
    else:
        assert said.count("Conflict") == 1
