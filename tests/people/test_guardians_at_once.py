"""What happens to the question to a guardian twice at the same moment happens once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.identity.models import User
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import in_transaction, violated
from portal.kernel.errors import DomainError
from portal.notifications.models import Notification
from portal.people.asking import ask, expire_requests
from portal.people.ending import ask_for_another, end_guardianship, keep_guardianship
from portal.people.fading import end_guardianships
from portal.people.guardian_requests import open_request
from portal.people.guardians import (
    confirm_guardianship,
    name_guardian,
    refuse_guardianship,
    withdraw_request,
)
from portal.people.models import (
    ChangeStatus,
    GuardianChange,
    GuardianRequest,
    Profile,
    Relationship,
    RequestStatus,
)
from tests.harness.house import make_admin
from tests.harness.moments import Clock
from tests.harness.together import at_once
from tests.identity.doorway import open_account
from tests.people.questions import BORN, GUARDIAN, name, proved

pytestmark = pytest.mark.covers("PPL-13", "PPL-15")
GROWN = date(2008, 6, 1)


@pytest.fixture(autouse=True)
def june(clock: Clock) -> None:
    clock.travel(2026, 5, 31, 12)


@pytest.fixture
def ids(committed_db: Session) -> tuple[UUID, UUID]:
    """A minor and the adult whose address they name."""
    minor, guardian = open_account("Ibou Sow", email="ibou@example.org"), proved()
    committed_db.commit()
    return minor.id, guardian.id


def ask_for(minor: User, born: date = BORN) -> None:
    name(minor, born=born)


def tried(work: Callable[[], object]) -> Callable[[], str]:
    """The work in a transaction of its own: what came of it."""

    def run() -> str:
        try:
            in_transaction(work)
        except DomainError as refusal:
            return type(refusal).__name__
        return "done"

    return run


def states(session: Session) -> list[RequestStatus]:
    session.expire_all()
    return sorted(session.scalars(select(GuardianRequest.status)))


def messages(session: Session, key: str) -> int:
    counted = select(func.count()).where(Notification.event_key.startswith(f"{key}:"))
    return session.scalar(counted) or 0


def test_naming_eight_at_once_leaves_one_question_that_waits(
    app: Flask, committed_db: Session, ids: tuple[UUID, UUID]
) -> None:
    minor = ids[0]

    def naming(contact: str) -> Callable[[], str]:
        return tried(
            lambda: name_guardian(minor, BORN, contact, Relationship.PARENT, by=Actor(user_id=minor))
        )

    done = at_once(app, [naming(GUARDIAN)] * 4 + [naming(f"p{number}@example.org") for number in range(4)])

    assert done == ["done"] * 8
    assert states(committed_db).count(RequestStatus.WAITING) == 1


def test_the_same_name_eight_times_at_once_is_one_question_and_one_message(
    app: Flask, committed_db: Session, ids: tuple[UUID, UUID]
) -> None:
    minor, _guardian = ids
    by = Actor(user_id=minor)
    named = tried(lambda: name_guardian(minor, BORN, GUARDIAN, Relationship.PARENT, by=by))
    at_once(app, [named] * 8)
    (request_id,) = committed_db.scalars(select(GuardianRequest.id))

    at_once(app, [tried(lambda: ask(request_id, by=SYSTEM))] * 8)

    assert states(committed_db) == [RequestStatus.WAITING]
    assert messages(committed_db, "guardian_asked") == 1


def test_eight_confirmations_at_once_are_one(
    app: Flask, committed_db: Session, ids: tuple[UUID, UUID]
) -> None:
    minor, guardian = ids
    ask_for(committed_db.get_one(User, minor))
    committed_db.commit()

    confirmed = tried(lambda: confirm_guardianship(minor, guardian, by=Actor(user_id=guardian)))
    assert at_once(app, [confirmed] * 8) == ["done"] * 8

    assert states(committed_db) == [RequestStatus.CONFIRMED]
    assert messages(committed_db, "guardian_confirmed") == 1


@pytest.mark.parametrize("turn", range(3))
@pytest.mark.parametrize("other", ["withdrawing", "refusing", "naming"])
def test_a_confirmation_and_what_ends_the_question_at_once_are_one_of_the_two(
    app: Flask, committed_db: Session, ids: tuple[UUID, UUID], other: str, turn: int
) -> None:
    minor, guardian = ids
    ask_for(committed_db.get_one(User, minor))
    committed_db.commit()
    by = Actor(user_id=minor)
    ends: dict[str, Callable[[], object]] = {
        "withdrawing": lambda: withdraw_request(minor, by=by),
        "refusing": lambda: refuse_guardianship(minor, guardian, by=Actor(user_id=guardian)),
        "naming": lambda: name_guardian(minor, BORN, "modou@example.org", Relationship.PARENT, by=by),
    }

    confirmed = tried(lambda: confirm_guardianship(minor, guardian, by=Actor(user_id=guardian)))
    at_once(app, [confirmed, tried(ends[other])])

    left = states(committed_db)
    profile = committed_db.get_one(Profile, minor)
    is_confirmed = RequestStatus.CONFIRMED in left
    assert len([state for state in left if state is not RequestStatus.WAITING]) == 1
    assert (profile.guardian_user_id is not None) is is_confirmed
    # A refusal that comes second is a step back.
    has_stepped_back = other == "refusing" and is_confirmed
    assert (profile.guardian_refused_at is not None) is has_stepped_back
    assert (profile.guardian_confirmed_at is not None) is (is_confirmed and not has_stepped_back)


def test_time_and_people_who_end_a_question_at_once_end_it_once(
    app: Flask, committed_db: Session, ids: tuple[UUID, UUID], clock: Clock
) -> None:
    minor, guardian = ids
    ask_for(committed_db.get_one(User, minor), GROWN)
    committed_db.commit()
    clock.travel(2026, 6, 30, 13)
    works: list[Callable[[], object]] = [
        tried(lambda: withdraw_request(minor, by=Actor(user_id=minor))),
        tried(lambda: confirm_guardianship(minor, guardian, by=Actor(user_id=guardian))),
        end_guardianships,
        expire_requests,
        expire_requests,
    ]

    at_once(app, works)

    # Whoever passes over rows that another holds comes again.
    end_guardianships()
    assert states(committed_db) == [RequestStatus.EXPIRED]
    profile = committed_db.get_one(Profile, minor)
    assert (profile.date_of_birth, profile.guardian_user_id) == (GROWN, None)
    assert messages(committed_db, "came_of_age") == 1


@pytest.mark.covers("DEV-15")
def test_the_database_lets_one_question_wait(committed_db: Session, ids: tuple[UUID, UUID]) -> None:
    open_request(ids[0], GUARDIAN, Relationship.PARENT, by=SYSTEM)

    with pytest.raises(IntegrityError) as refused:
        open_request(ids[0], "modou@example.org", Relationship.PARENT, by=SYSTEM)

    assert violated(refused.value) == "uq_guardian_requests_waiting"


def test_ending_eight_times_at_once_is_one_end_and_both_are_told_once(
    app: Flask, committed_db: Session, ids: tuple[UUID, UUID]
) -> None:
    minor, guardian = ids
    staff = make_admin().id
    ask_for(committed_db.get_one(User, minor))
    confirm_guardianship(minor, guardian, by=Actor(user_id=guardian))
    ask_for_another(minor, "Mauvaise personne", by=Actor(user_id=minor))
    committed_db.commit()
    end = tried(lambda: end_guardianship(minor, guardian, reason="Erreur", by=Actor(user_id=staff)))
    back = tried(lambda: refuse_guardianship(minor, guardian, by=Actor(user_id=guardian)))
    keep = tried(lambda: keep_guardianship(minor, reason="Non", by=Actor(user_id=staff)))

    assert at_once(app, [end] * 4 + [back] * 2 + [keep] * 2) == ["done"] * 8

    told = messages(committed_db, "guardian_ended_by_team") + messages(committed_db, "guardian_refused")
    assert told == 1
    assert messages(committed_db, "guardianship_ended_by_team") <= 1
    committed_db.expire_all()
    assert committed_db.get_one(Profile, minor).guardian_confirmed_at is None
    [change] = committed_db.scalars(select(GuardianChange.status))
    assert change in (ChangeStatus.ENDED, ChangeStatus.REFUSED)


def test_asking_for_another_eight_times_at_once_is_one_question(
    app: Flask, committed_db: Session, ids: tuple[UUID, UUID]
) -> None:
    minor, guardian = ids
    ask_for(committed_db.get_one(User, minor))
    confirm_guardianship(minor, guardian, by=Actor(user_id=guardian))
    committed_db.commit()

    asked = tried(lambda: ask_for_another(minor, "Mauvaise personne", by=Actor(user_id=minor)))
    assert at_once(app, [asked] * 8) == ["done"] * 8

    committed_db.expire_all()
    assert committed_db.scalars(select(GuardianChange.status)).all() == [ChangeStatus.WAITING]
