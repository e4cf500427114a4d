"""Erasures whose time has come: nobody waits behind another, and a copy that is being made is thrown away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.identity.models import User, UserStatus
from portal.identity.sessions import open_session
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.models import StoredFile
from portal.notifications.models import Notification
from portal.pots.jobs import open_due
from portal.pots.models import Outcome, Pot, PotStatus
from portal.privacy import exporting, forgetting
from portal.privacy.exporting import ask_for_export, make_export
from portal.privacy.forgetting import SomeErasuresFailed, erase_due
from portal.privacy.giving_back import forget_donor
from portal.privacy.leaving import ask_to_leave
from portal.privacy.models import PrivacyRequest, RequestKind, RequestStatus
from tests.harness.house import acting, make_person, make_pot
from tests.harness.together import at_once
from tests.privacy.test_forgetting_a_donor import give

_OVER = timedelta(days=31)


def leave(name: str) -> UUID:
    user = make_person(name)
    ask_to_leave(user.id, by=acting(user))
    return user.id


def statuses() -> dict[UUID | None, RequestStatus]:
    """How far each account's request is; the donor's is under None."""
    rows = db.session.execute(
        select(PrivacyRequest.user_id, PrivacyRequest.status).where(
            PrivacyRequest.kind == RequestKind.ERASURE
        )
    )
    return {row.user_id: row.status for row in rows}


@pytest.mark.covers("PRV-02", "PRV-07")
def test_whoever_waits_holds_up_nobody_behind_them(
    committed_db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gift that may still go back is older than two leavers, and one is looked at in a portion."""
    monkeypatch.setattr(forgetting, "_PORTION", 1)
    forget_donor(give(PotStatus.OPEN).id, by=SYSTEM)
    leavers = [leave("Awa Ndiaye"), leave("Moussa Diop")]
    db.session.commit()

    with clock.travel(clock.now() + _OVER):
        assert erase_due() == {"erased": 2, "waiting": 1}

    assert statuses() == {None: RequestStatus.RECEIVED} | dict.fromkeys(leavers, RequestStatus.DONE)


@pytest.mark.covers("PRV-02", "PRV-07")
def test_an_erasure_that_fails_holds_up_nobody_behind_it(
    committed_db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "_PORTION", 1)
    first, second = leave("Awa Ndiaye"), leave("Moussa Diop")
    db.session.commit()
    whole = forgetting.erase

    def fail_for_the_first(person: Any) -> dict[str, int]:
        return {"broken": 1 // 0} if person.user_id == first else whole(person)

    monkeypatch.setattr(forgetting, "erase", fail_for_the_first)

    with clock.travel(clock.now() + _OVER), pytest.raises(SomeErasuresFailed, match="1 erasures failed, 1"):
        erase_due()

    assert statuses() == {first: RequestStatus.RECEIVED, second: RequestStatus.DONE}


@pytest.mark.covers("PRV-01", "PRV-02")
@pytest.mark.parametrize(
    ("status", "ends_as"),
    [(RequestStatus.RECEIVED, RequestStatus.CANCELED), (RequestStatus.RUNNING, RequestStatus.FAILED)],
)
def test_a_copy_that_was_asked_for_ends_with_the_erasure(
    committed_db: Any, status: RequestStatus, ends_as: RequestStatus
) -> None:
    user = make_person()
    copy = ask_for_export(user.id, by=acting(user))
    copy.status = status
    ask_to_leave(user.id, by=acting(user))
    copy_id = copy.id
    db.session.commit()

    with clock.travel(clock.now() + _OVER):
        assert erase_due()["erased"] == 1
        make_export(copy_id)

    assert db.session.get_one(PrivacyRequest, copy_id).status is ends_as
    assert db.session.scalar(select(func.count()).select_from(StoredFile)) == 0


@pytest.mark.covers("PRV-01", "PRV-02")
def test_a_copy_that_was_gathered_before_the_erasure_is_not_kept(
    app: Flask, committed_db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker has read everything; before it puts the copy away, the person is erased."""
    user = make_person()
    user_id, copy_id = user.id, ask_for_export(user.id, by=acting(user)).id
    ask_to_leave(user_id, by=acting(user))
    db.session.commit()
    later = clock.now() + _OVER
    gather = exporting.copy_of

    def gather_and_be_late(*about: Any) -> bytes:
        data = gather(*about)
        at_once(app, [erase_due])
        return data

    monkeypatch.setattr(exporting, "copy_of", gather_and_be_late)

    with clock.travel(later):
        make_export(copy_id)

    assert db.session.get_one(User, user_id).status is UserStatus.ERASED
    assert db.session.get_one(PrivacyRequest, copy_id).status is RequestStatus.FAILED
    assert db.session.scalar(select(func.count()).select_from(StoredFile)) == 0
    assert db.session.scalar(select(func.count()).select_from(Notification)) == 0


@pytest.fixture
def planner(committed_db: Any) -> UUID:
    """Somebody who leaves three weeks before the pot they have planned would open."""
    user = make_person()
    pot = make_pot(user, status=PotStatus.SCHEDULED, holds=0)
    pot.birthday_date = clock.today() + timedelta(days=60)
    pot.scheduled_open_at = clock.now() + timedelta(days=21)
    ask_to_leave(user.id, by=acting(user))
    db.session.commit()
    return user.id


def planned_pot() -> PotStatus:
    db.session.rollback()
    return db.session.scalars(select(Pot.status)).one()


@pytest.mark.covers("PRV-14")
def test_a_planned_pot_waits_for_its_owner_and_opens_when_they_are_back(planner: UUID) -> None:
    with clock.travel(clock.now() + timedelta(days=22)):
        assert open_due() == {"opened": 0}
        assert planned_pot() is PotStatus.SCHEDULED

        user = db.session.get_one(User, planner)
        open_session(user, by=acting(user))
        db.session.commit()

        assert open_due() == {"opened": 1}
        assert planned_pot() is PotStatus.OPEN


@pytest.mark.covers("PRV-02", "PRV-14")
def test_a_planned_pot_ends_with_its_owner(planner: UUID) -> None:
    with clock.travel(clock.now() + _OVER):
        assert erase_due() == {"erased": 1, "waiting": 0}
        assert planned_pot() is PotStatus.CLOSED
        assert db.session.scalars(select(Pot.outcome)).one() == Outcome.CANCELED
        assert open_due() == {"opened": 0}
