"""How an address hears that a minor asks its reader: once, not too often, and never somebody who is blocked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config.people_values import GUARDIAN_MESSAGES_TO_ONE
from portal.config.services import set_value
from portal.identity.administration import suspend_user
from portal.identity.events import contact_proved
from portal.identity.models import User, UserStatus
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.jobs import REGISTRY
from portal.kernel.models import OutboxEvent
from portal.kernel.personal import Person
from portal.notifications.models import Notification, NotificationDelivery
from portal.people.asking import ASK_JOB, ask, expire_requests
from portal.people.guardians import refuse_guardianship, withdraw_request
from portal.people.models import GuardianRequest, RequestStatus, UserBlock
from portal.privacy.copying import data_of
from portal.privacy.erasing import erase
from portal.privacy.person import person_of
from portal.privacy.questions import question_behind
from tests.harness.house import acting
from tests.harness.moments import Clock
from tests.identity.doorway import open_account, sent_to
from tests.people.questions import GUARDIAN, agree, let_know, name, newest_of, proved

pytestmark = pytest.mark.covers("PPL-13")


@pytest.fixture(autouse=True)
def june(clock: Clock) -> None:
    clock.travel(2026, 6, 1, 12)


@pytest.fixture
def ibou(db_session: Session) -> User:
    return child("ibou")


def child(who: str) -> User:
    return open_account(f"{who.title()} Sow", email=f"{who}@example.org", locale="en-SN")


def about(minor: User) -> list[tuple[str, str]]:
    """Which messages about a minor went to others, and where."""
    asked = select(GuardianRequest.id).where(GuardianRequest.minor_user_id == minor.id)
    statement = (
        select(NotificationDelivery.template_key, NotificationDelivery.recipient_identifier)
        .join(Notification, Notification.id == NotificationDelivery.notification_id)
        .where(
            (Notification.related_entity_id == minor.id) | Notification.related_entity_id.in_(asked),
            Notification.user_id.is_distinct_from(minor.id),
        )
        .order_by(NotificationDelivery.template_key, NotificationDelivery.recipient_identifier)
    )
    return [tuple(row) for row in db.session.execute(statement)]


def test_who_has_proved_the_address_hears_of_it_in_their_account_once(
    db_session: Session, ibou: User
) -> None:
    fatou = proved()
    request = name(ibou)
    let_know()
    ask(request.id, by=SYSTEM)

    assert request.told_at == clock.now()
    assert about(ibou) == [("guardian_asked", str(fatou.id)), ("guardian_asked", GUARDIAN)]


@pytest.mark.parametrize("contact", ["khady@example.org", "+221770001122"])
def test_an_address_without_account_is_written_to_in_the_minors_language(
    db_session: Session, ibou: User, contact: str
) -> None:
    name(ibou, contact)
    let_know()

    assert about(ibou) == [("guardian_wanted", contact)]
    (message,) = sent_to(contact, "guardian_wanted")
    assert message.locale == "en"
    kept = db_session.get_one(Notification, message.notification_id)
    link = kept.action_link
    assert link == f"/q/{kept.answer_key}"
    # A number is proved by a code, so its door is another than that of an address.
    door = ("/sign-up" if "@" in contact else "/sign-in/code") + "?next=%2Fguardian"
    assert question_behind(str(kept.answer_key)).way_in == door
    assert "@" in contact or link in message.body
    assert "/gifts/forget" not in message.body


@pytest.mark.parametrize("contact", ["khady@example.org", "+221770001122"])
def test_whoever_proves_the_address_later_is_told_in_their_account(
    db_session: Session, ibou: User, contact: str
) -> None:
    name(ibou, contact)
    let_know()
    kind = "email" if "@" in contact else "phone"
    khady = open_account("Khady Sow", **{kind: contact})
    told = select(Notification.action_link).where(
        Notification.user_id == khady.id, Notification.related_entity_id == ibou.id
    )
    contact_proved.send(khady, by=SYSTEM)
    assert ("/guardian" in db_session.scalars(told).all()) is (kind == "phone")

    khady.email_verified_at = clock.now()
    db_session.flush()
    contact_proved.send(khady, by=SYSTEM)
    contact_proved.send(khady, by=SYSTEM)

    assert db_session.scalars(told).all() == ["/guardian"]


def test_who_has_not_proved_the_address_is_written_to_there_and_not_told_in_the_account(
    db_session: Session, ibou: User
) -> None:
    open_account("Khady Sow", email="khady@example.org", phone="77 000 11 22")
    name(ibou, "khady@example.org")
    let_know()

    assert about(ibou) == [("guardian_wanted", "khady@example.org")]


@pytest.mark.parametrize("is_blocker", [False, True])
def test_nobody_who_is_blocked_hears_of_it(db_session: Session, ibou: User, is_blocker: bool) -> None:
    fatou = proved()
    one, other = (fatou.id, ibou.id) if is_blocker else (ibou.id, fatou.id)
    db_session.add(UserBlock(blocker_user_id=one, blocked_user_id=other))
    name(ibou)
    let_know()

    assert about(ibou) == []


def test_no_closed_account_hears_of_it(db_session: Session, ibou: User) -> None:
    suspend_user(proved().id, reason="test", by=SYSTEM)
    name(ibou)
    let_know()

    assert about(ibou) == []


@pytest.mark.parametrize("holder", ["nobody", "blocks", "closed"])
def test_a_message_that_nobody_gets_counts_like_any_other(
    db_session: Session, ibou: User, clock: Clock, holder: str
) -> None:
    """The minor's own second mailbox would tell: after three others its message came at once, or the day after."""
    for number in range(3):
        if holder != "nobody":
            adult = proved(email=f"p{number}@example.org")
            db_session.add(UserBlock(blocker_user_id=adult.id, blocked_user_id=ibou.id))
            if holder == "closed":
                suspend_user(adult.id, reason="test", by=SYSTEM)
        name(ibou, f"p{number}@example.org")
        let_know()
    name(ibou, "second@example.org")
    let_know()

    assert sent_to("second@example.org", "guardian_wanted") == []


def test_a_minor_whose_account_is_closed_asks_nobody(db_session: Session, ibou: User) -> None:
    name(ibou)
    suspend_user(ibou.id, reason="test", by=SYSTEM)
    let_know()

    assert about(ibou) == []


def test_an_address_that_became_the_minors_own_is_not_written_to(db_session: Session, ibou: User) -> None:
    name(ibou, "later@example.org")
    ibou.email = "later@example.org"
    db_session.flush()
    let_know()

    assert sent_to("later@example.org", "guardian_wanted") == []


def test_the_same_place_is_asked_again_only_after_a_while(
    db_session: Session, ibou: User, clock: Clock
) -> None:
    name(ibou, "khady.sow@gmail.com")
    let_know()
    withdraw_request(ibou.id, by=acting(ibou))
    clock.travel(2026, 6, 8, 11, 59)
    name(ibou, "khadysow+teranga@gmail.com")
    let_know()
    assert about(ibou) == [("guardian_wanted", "khady.sow@gmail.com")]

    withdraw_request(ibou.id, by=acting(ibou))
    clock.travel(2026, 6, 8, 12, 1)
    name(ibou, "khadysow+teranga@gmail.com")
    let_know()
    assert len(about(ibou)) == 2


def test_who_has_said_no_is_not_written_to_again_but_may_change_their_mind(
    db_session: Session, ibou: User, clock: Clock
) -> None:
    fatou = proved()
    name(ibou)
    let_know()
    refuse_guardianship(ibou.id, fatou.id, by=acting(fatou))
    clock.travel(2026, 6, 20, 12)
    name(ibou)
    let_know()

    assert len(sent_to(GUARDIAN, "guardian_asked")) == 1
    agree(ibou, fatou)
    assert newest_of(db_session, ibou).status is RequestStatus.CONFIRMED


def test_one_minor_has_so_many_questions_sent_in_a_day_and_the_rest_the_day_after(
    db_session: Session, ibou: User, clock: Clock
) -> None:
    for number in range(4):
        name(ibou, f"p{number}@example.org")
        let_know()
    assert [where for _key, where in about(ibou)] == [f"p{number}@example.org" for number in range(3)]
    later = select(OutboxEvent.available_at).where(OutboxEvent.job == ASK_JOB).order_by(OutboxEvent.id.desc())
    assert db_session.scalars(later.limit(1)).one() == clock.now() + timedelta(days=1)

    clock.travel(2026, 6, 2, 12, 1)
    let_know()
    assert len(about(ibou)) == 4


def test_one_place_gets_so_many_questions_in_a_day_whoever_asks(db_session: Session, clock: Clock) -> None:
    set_value(GUARDIAN_MESSAGES_TO_ONE.key, 2, by=SYSTEM)
    minors = [child(who) for who in ("aida", "ibou", "modou")]
    for minor, contact in zip(minors, ("k@gmail.com", "k+1@gmail.com", "K+2@googlemail.com"), strict=True):
        name(minor, contact)
        let_know()
    assert [len(about(minor)) for minor in minors] == [1, 1, 0]

    clock.travel(2026, 6, 2, 12, 1)
    let_know()
    assert [len(about(minor)) for minor in minors] == [1, 1, 1]


def test_what_nobody_answers_in_time_ends_and_the_minor_hears_of_it_once(
    app: Flask, committed_db: Session, clock: Clock
) -> None:
    proved()
    for who, contact in (("ibou", GUARDIAN), ("aida", "nobody@example.org")):
        name(child(who), contact)
    committed_db.commit()
    clock.travel(2026, 7, 1, 11, 59)
    assert expire_requests() == 0

    clock.travel(2026, 7, 1, 12)
    assert REGISTRY["people.expire_guardian_requests"].function() == {"requests": 2}
    assert expire_requests() == 0

    ended = committed_db.scalars(select(GuardianRequest.status)).all()
    assert ended == [RequestStatus.EXPIRED] * 2
    words = {sent_to(f"{who}@example.org", "guardian_unanswered")[0].body for who in ("ibou", "aida")}
    assert len(words) == 1


def test_the_job_lets_the_address_know(app: Flask, committed_db: Session) -> None:
    request = name(child("ibou"))
    request_id = str(request.id)
    committed_db.commit()

    REGISTRY[ASK_JOB].function(request_id)
    REGISTRY[ASK_JOB].function(request_id)

    assert len(sent_to(GUARDIAN, "guardian_wanted")) == 1


@pytest.mark.covers("PRV-01", "PRV-02")
@pytest.mark.parametrize("who", ["minor", "asked", "guest"])
def test_a_question_is_handed_out_without_who_can_be_reached_and_goes_with_either_of_the_two(
    db_session: Session, ibou: User, who: str
) -> None:
    fatou = proved()
    name(ibou, "guest@example.org" if who == "guest" else GUARDIAN)
    let_know()
    people = {
        "minor": person_of(ibou.id),
        "asked": person_of(fatou.id),
        "guest": Person(emails=("guest@example.org",)),
    }

    told = data_of(people[who])["guardian_requests" if who == "minor" else "guardian_requests_received"]
    assert [set(row) for row in told] == [
        {"contact", "relationship_type", "status", "asked_at", "expires_at", "ended_at"}
    ]
    # As the room of privacy leaves an account before its rows go.
    ibou.status = fatou.status = UserStatus.ERASED
    db_session.flush()
    erase(people[who])
    assert db_session.scalars(select(GuardianRequest.id)).all() == []


@pytest.mark.covers("PRV-02")
def test_the_minor_is_left_without_the_name_of_a_guardian_who_is_erased_also_when_others_bear_it(
    db_session: Session, ibou: User
) -> None:
    open_account("Fatou Sow", email="namesake@example.org")
    fatou = proved("Fatou Sow")
    name(ibou)
    agree(ibou, fatou)
    refuse_guardianship(ibou.id, fatou.id, by=acting(fatou))
    db_session.flush()
    told = select(Notification.title, Notification.message).where(Notification.user_id == ibou.id)
    assert any("Fatou" in str(row) for row in db_session.execute(told))

    person = person_of(fatou.id)
    fatou.status = UserStatus.ERASED
    db_session.flush()
    erase(person)

    db_session.expire_all()
    assert not any("Fatou" in str(row) for row in db_session.execute(told))


def test_a_text_message_says_no_more_than_a_first_name_also_to_who_has_an_account(
    db_session: Session,
) -> None:
    """A name is a free text of up to 60 letters, and the sender is ours."""
    fatou = open_account("Fatou Sow", email=None, phone="77 000 11 22", born=date(1980, 1, 1))
    minor = open_account("Ibou Votre compte Wave est ferme", email="lure@example.org")
    assert fatou.phone
    name(minor, fatou.phone)
    let_know()

    (message,) = sent_to(fatou.phone, "guardian_asked")
    assert message.body.startswith("Ibou ")
    assert "Wave" not in message.body
