"""What an invitation holds of people goes with them, and they get it before."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity.models import UserStatus
from portal.kernel.db import db
from portal.notifications.models import Notification
from portal.privacy.copying import data_of
from portal.privacy.erasing import erase
from portal.privacy.person import person_of
from portal.teams.answering import decline
from portal.teams.models import TeamInvitation
from tests.harness.house import acting
from tests.teams.ground import Ground, reachable, told


def test_who_was_invited_gets_and_loses_every_invitation(db_session: Session, ground: Ground) -> None:
    person = reachable(email="binta@example.org", phone="+221771112233")
    first, second = ground.organisation(), ground.organisation(name="Autre")
    owner = ground.worker(first, ground.owner)
    answered = ground.invite(first, "77 111 22 33", by=acting(owner))
    decline(answered.id, person.id, by=acting(person))
    ground.invite(second, "binta@example.org", by=acting(ground.worker(second, ground.owner)))
    other = ground.invite(first, "other@example.org", by=acting(owner))
    assert told(owner) == ["77 111 22 33 a dit non"]
    copy = json.dumps(data_of(person_of(person.id)), default=str)
    assert "+221771112233" in copy
    assert "other@example.org" not in copy

    person.status = UserStatus.ERASED
    erase(person_of(person.id))
    db.session.expire_all()

    assert list(db_session.scalars(select(TeamInvitation.id))) == [other.id]
    messages = [*db_session.execute(select(Notification.title, Notification.message))]
    assert not any("771112233" in str(one) or "binta@" in str(one) for one in messages)


def test_who_invited_keeps_the_row_as_a_stub(db_session: Session, ground: Ground) -> None:
    organisation = ground.organisation()
    ground.worker(organisation, ground.owner)
    owner = ground.worker(organisation, ground.owner)
    row = ground.invite(organisation, "binta@example.org", by=acting(owner))
    assert "binta@example.org" in json.dumps(data_of(person_of(owner.id)), default=str)

    owner.status = UserStatus.ERASED
    erase(person_of(owner.id))

    assert db_session.scalars(select(TeamInvitation.invited_by)).one() == owner.id
    assert row.contact == "binta@example.org"
