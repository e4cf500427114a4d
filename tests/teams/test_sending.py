"""Where an invitation goes: the account that has proved the contact, else the contact itself; never without end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config.services import set_value
from portal.config.team_values import MESSAGES_TO_ONE
from portal.identity.events import email_confirmation_issued
from portal.identity.models import UserStatus
from portal.identity.recovery import confirm_email, issue_password_reset, set_new_password
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.jobs import REGISTRY
from portal.kernel.models import OutboxEvent
from portal.notifications.models import Channel
from portal.teams.answering import decline
from portal.teams.inviting import SEND_JOB, cancel, send_again
from portal.teams.queries import open_offers, waiting_at
from portal.teams.sending import send
from tests.harness.house import acting, make_admin, make_person
from tests.harness.moments import Clock
from tests.identity.doorway import open_account
from tests.teams.ground import Ground, deliver, reachable, told, written_to


def test_who_has_proved_the_contact_is_told_in_the_portal_and_at_that_contact_alone(
    db_session: Session, ground: Ground
) -> None:
    organisation, person = ground.organisation(), reachable()
    by = acting(ground.worker(organisation, ground.owner))
    assert person.email
    assert person.phone
    row = ground.invite(organisation, person.phone, by=by)

    deliver(row)
    deliver(row)

    assert told(person) == [f"{organisation.name} vous invite dans son équipe"]
    (text,) = written_to(person.phone)
    assert (text.channel, text.user_id) == (Channel.SMS, person.id)
    assert f"/team-invitations/{row.id}" in text.body
    assert written_to(person.email) == []


@pytest.mark.parametrize("contact", ["binta@example.org", "+221771112233"])
@pytest.mark.parametrize("account", ["none", "unproved", "closed"])
def test_without_an_account_the_contact_itself_is_written_to(
    db_session: Session, ground: Ground, contact: str, account: str
) -> None:
    organisation = ground.organisation()
    person = None
    kind = "email" if "@" in contact else "phone"
    if account == "unproved":
        person = make_person(**{kind: contact})
    elif account == "closed":
        person = reachable(**{kind: contact}, status=UserStatus.SUSPENDED)
    row = ground.invite(organisation, contact, by=acting(ground.worker(organisation, ground.owner)))

    deliver(row)

    (message,) = written_to(contact)
    assert message.user_id is None
    assert organisation.name in message.body
    assert person is None or told(person) == []


def test_the_worker_writes_once_after_the_commit(committed_db: Session, ground: Ground) -> None:
    organisation = ground.organisation()
    row = ground.invite(
        organisation, "binta@example.org", by=acting(ground.worker(organisation, ground.owner))
    )
    waits = select(OutboxEvent).where(OutboxEvent.job == SEND_JOB, OutboxEvent.entity_id == row.id)
    payload = db.session.scalars(waits).one().payload
    # Nothing in the line of work names the address.
    assert payload == {"invitation_id": str(row.id), "time": 1}
    db.session.commit()

    for _ in range(2):
        REGISTRY[SEND_JOB].function(**payload)

    assert len(written_to("binta@example.org")) == 1


def test_nothing_goes_out_for_what_is_answered_withdrawn_or_sent_anew(
    db_session: Session, ground: Ground, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    organisation, person = ground.organisation(), reachable(email="a@example.org")
    by = acting(ground.worker(organisation, ground.owner))
    rows = [ground.invite(organisation, f"{name}@example.org", by=by) for name in "abcd"]
    decline(rows[0].id, person.id, by=acting(person))
    cancel(ground.home, organisation.id, rows[1].id, by=by)
    clock.advance(days=1)
    send_again(ground.home, organisation.id, rows[2].id, by=by)
    assert send(rows[2].id, 1, by=SYSTEM) is False
    deliver(rows[2])
    clock.advance(days=6)
    for row in (rows[0], rows[1], rows[3]):
        deliver(row)

    assert [len(written_to(f"{name}@example.org")) for name in "abcd"] == [0, 0, 1, 0]


def test_one_contact_gets_only_so_many_in_a_day_and_nobody_is_told(
    db_session: Session, ground: Ground, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    set_value(MESSAGES_TO_ONE.key, 2, by=SYSTEM)
    rows = []
    for number in range(3):
        organisation = ground.organisation(name=f"Maison {number}")
        by = acting(ground.worker(organisation, ground.owner))
        rows.append(ground.invite(organisation, "binta@example.org", by=by))
        clock.advance(minutes=1)
    for row in rows:
        deliver(row)
    assert len(written_to("binta@example.org")) == 2

    # Withdrawing and inviting anew is no way around it.
    cancel(ground.home, organisation.id, rows[2].id, by=by)
    anew = ground.invite(organisation, "binta@example.org", by=by)
    deliver(anew)
    assert len(written_to("binta@example.org")) == 2
    assert anew.is_open

    clock.advance(days=1, minutes=5)
    send_again(ground.home, organisation.id, anew.id, by=by)
    deliver(anew)
    assert len(written_to("binta@example.org")) == 3


def test_the_letters_of_a_day_are_counted_by_mailbox(
    db_session: Session, ground: Ground, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    organisation = ground.organisation()
    by = acting(ground.worker(organisation, ground.owner))
    spelled = ["binta@gmail.com", "b.inta@gmail.com", "bin.ta+a@gmail.com", "binta+b@googlemail.com"]
    for contact in spelled:
        deliver(ground.invite(organisation, contact, by=by))

    assert [len(written_to(contact)) for contact in spelled] == [1, 1, 1, 0]


def test_who_has_said_no_is_not_written_to_again_by_this_organisation(
    db_session: Session, ground: Ground, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    organisation, other, person = ground.organisation(), ground.organisation(name="Autre"), reachable()
    by = acting(ground.worker(organisation, ground.owner))
    assert person.email
    first = ground.invite(organisation, person.email, by=by)
    deliver(first)
    decline(first.id, person.id, by=acting(person))
    clock.advance(days=2)

    again = ground.invite(organisation, person.email, by=by)
    deliver(again)
    deliver(ground.invite(other, person.email, by=acting(ground.worker(other, ground.owner))))

    assert [message.body.count("Autre") > 0 for message in written_to(person.email)] == [False, True]
    assert again.id in {offer.invitation.id for offer in open_offers(person.id)}


@pytest.mark.parametrize("way", ["sign-up", "link", "new password"])
def test_proving_the_contact_shows_what_waits_there(db_session: Session, ground: Ground, way: str) -> None:
    organisation = ground.organisation()
    ground.invite(organisation, "binta@example.org", by=acting(ground.worker(organisation, ground.owner)))
    links: list[str] = []

    def take_link(_row: object, *, token: str, **_more: Any) -> None:
        links.append(token)

    with email_confirmation_issued.connected_to(take_link):
        person = open_account(
            "Binta Ba", email="binta@example.org", phone="+221771112233", email_is_proved=way == "sign-up"
        )
    waits = f"Une invitation de {organisation.name} vous attend"
    if way != "sign-up":
        assert waits not in told(person)
        if way == "link":
            confirm_email(links[0], by=acting(person))
        else:
            token = issue_password_reset(person.id, by=SYSTEM)
            assert token
            set_new_password(token, "trois baobabs au soleil", by=acting(person))

    assert told(person).count(waits) == 1


def test_only_what_can_be_answered_is_shown(db_session: Session, ground: Ground, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)
    organisation = ground.organisation()
    row = ground.invited(organisation, reachable(email="binta@example.org"))
    assert [one.invitation for one in waiting_at(["binta@example.org"])] == [row]

    clock.advance(days=7)
    assert waiting_at(["binta@example.org"]) == []
    clock.travel(row.sent_at + timedelta(hours=1))
    cancel(ground.home, organisation.id, row.id, by=acting(make_admin()))
    assert waiting_at(["binta@example.org"]) == []
