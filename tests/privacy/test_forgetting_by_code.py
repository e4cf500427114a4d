"""A donor who has no account and no receipt is forgotten by a code to the contact they left (G-34)."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.config.services import set_value
from portal.config.values import CODE_SENDS, CODES_PER_DAY, WRONG_CODES_PER_DAY
from portal.identity.codes import issue_code
from portal.identity.models import VerificationToken
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.models import OutboxEvent
from portal.kernel.work import perform
from portal.notifications.models import NotificationDelivery
from portal.pots.models import Donation, PotStatus
from portal.privacy import by_code
from portal.privacy.by_code import CODE_JOB
from portal.privacy.forgetting import erase_due
from portal.privacy.models import PrivacyRequest, RequestStatus
from tests.harness.house import form_token, make_person, send
from tests.harness.statements import CountStatements
from tests.harness.timing import FAR, TRIES, Try, addresses, known_contacts, measured
from tests.privacy.test_forgetting_a_donor import PHONE, give

EMAIL = "lamine@example.org"
ASK, CODE = "/gifts/forget", "/gifts/forget/code"


@pytest.fixture
def gifts(committed_db: Session) -> None:
    """Two gifts that are over, by number and by address, one whose pot still runs, and one of another."""
    give(PotStatus.CLOSED)
    give(PotStatus.CLOSED, donor_email=EMAIL.title(), donor_phone="+221770000001")
    give(PotStatus.OPEN, donor_email=EMAIL, donor_phone="+221770000002")
    give(PotStatus.CLOSED, donor_phone="+221770000003", donor_user_id=make_person().id, donor_email=EMAIL)
    committed_db.commit()


def work() -> None:
    """What a worker does with the codes that were asked for."""
    for event_id in db.session.scalars(
        select(OutboxEvent.id).where(OutboxEvent.job == CODE_JOB, OutboxEvent.done_at.is_(None))
    ).all():
        perform(CODE_JOB, event_id=str(event_id))


def sent_to(contact: str) -> list[str]:
    """The codes that went to a contact."""
    bodies = db.session.scalars(
        select(NotificationDelivery.body)
        .where(
            NotificationDelivery.recipient_identifier == contact,
            NotificationDelivery.template_key == "forget_code",
        )
        .order_by(NotificationDelivery.id)
    )
    return [found.group() for body in bodies if (found := re.search(r"\b\d{6,10}\b", body))]


def knows() -> list[str | None]:
    db.session.rollback()
    return [*db.session.scalars(select(Donation.donor_phone).order_by(Donation.id))]


def amounts() -> list[int]:
    return [*db.session.scalars(select(Donation.amount_minor))]


@pytest.mark.covers("PRV-02", "PRV-03")
@pytest.mark.parametrize(
    ("contact", "written", "left"),
    [
        (PHONE, "77 111 22 33", [None, "+221770000001", "+221770000002", "+221770000003"]),
        (EMAIL, "Lamine@Example.org", [PHONE, None, "+221770000002", "+221770000003"]),
    ],
)
def test_the_right_code_forgets_every_gift_of_its_contact(
    client: FlaskClient, gifts: None, contact: str, written: str, left: list[str | None]
) -> None:
    assert send(client, ASK, {"contact": written}).headers["Location"] == CODE
    assert send(client, CODE, {"code": "000000"}).status_code == 422, "nothing was sent yet"
    work()
    [code] = sent_to(contact)
    before = amounts()

    answer = send(client, CODE, {"code": code})

    assert "are being erased" in answer.text
    assert send(client, CODE, {"code": code}).headers["Location"] == ASK, "a code works once"
    erase_due()
    assert knows() == left
    assert amounts() == before
    waits = db.session.scalars(
        select(func.count()).where(PrivacyRequest.status == RequestStatus.RECEIVED)
    ).one()
    assert waits == (contact == EMAIL), "money may still go back to the gift of a pot that runs"


@pytest.mark.covers("PRV-02")
def test_nothing_tells_whether_a_contact_is_known(
    client: FlaskClient, gifts: None, count_statements: CountStatements
) -> None:
    told: dict[str, tuple[Any, ...]] = {}
    for contact in (PHONE, "+221779998877"):
        with count_statements() as asked:
            answer = send(client, ASK, {"contact": contact})
        shape = [re.sub(r"\s+", " ", statement) for statement in asked]
        page = client.get(CODE)
        wrong = send(client, CODE, {"code": "123456"})
        # What protects the form changes with the time.
        said = re.sub(r"[\w.-]{60,}", "", page.text + wrong.text)
        told[contact] = (answer.status_code, answer.headers["Location"], shape, wrong.status_code, said)

    known, unknown = told.values()
    assert known == unknown
    work()
    assert len(sent_to(PHONE)) == 1
    assert sent_to("+221779998877") == []


@pytest.fixture
def ask(client: FlaskClient, db_session: Session) -> Try:
    """Asks for a code as people from everywhere do; under every contact `known…` a gift was given."""
    for contact in known_contacts():
        give(PotStatus.CLOSED, donor_email=contact)
    token, places = form_token(client), addresses()

    def asking(contact: str) -> object:
        form = {"csrf_token": token, "contact": contact}
        return client.post(ASK, data=form, environ_base={"REMOTE_ADDR": next(places)})

    return asking


@pytest.mark.covers("PRV-02")
def test_the_time_of_the_answer_does_not_tell_whether_a_contact_is_known(ask: Try) -> None:
    assert measured(ask) == pytest.approx(0.5, abs=FAR)


def test_the_measure_notices_a_door_that_sends_the_code_itself(
    ask: Try, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a door would do that looks for gifts before it answers."""

    def at_once(_job: str, *, dedupe_key: str, payload: dict[str, str]) -> None:
        by_code.send_code(UUID(payload["token_id"]), locale=payload["locale"])

    # Every try sends one, so that every try is slow.
    set_value(CODE_SENDS.key, TRIES, by=SYSTEM)
    monkeypatch.setattr(by_code, "follow_up", at_once)

    assert measured(ask, rounds=16) > 0.5 + FAR


def test_a_contact_is_not_flooded(client: FlaskClient, gifts: None) -> None:
    for _time in range(5):
        send(client, ASK, {"contact": PHONE})
    work()

    assert len(sent_to(PHONE)) == 3


@pytest.mark.covers("PRV-02")
def test_a_code_is_guessed_five_times_and_no_more(client: FlaskClient, gifts: None) -> None:
    send(client, ASK, {"contact": PHONE})
    work()
    [code] = sent_to(PHONE)
    wrong = "111111" if code != "111111" else "222222"
    for _try in range(5):
        assert send(client, CODE, {"code": wrong}).status_code == 422
    assert "no longer works" in send(client, CODE, {"code": code}).text
    assert erase_due() == {"erased": 0, "waiting": 0}


def test_the_code_of_another_door_opens_nothing_here(client: FlaskClient, gifts: None) -> None:
    token = issue_code(PHONE, locale="fr-SN", by=SYSTEM)
    db.session.commit()
    with client.session_transaction() as session:
        session["forget"] = str(token.id)

    assert send(client, CODE, {"code": "123456"}).status_code == 422
    db.session.expire_all()
    assert db.session.get_one(VerificationToken, token.id).attempts == 0


def test_a_contact_that_is_none_is_said_so(client: FlaskClient, db_session: Session) -> None:
    for nothing in ("", "77", "lamine@"):
        assert send(client, ASK, {"contact": nothing}).status_code == 422
    assert client.get(CODE).headers["Location"] == ASK
    assert client.get("/legal/privacy").text.count(f'href="{ASK}"') == 1


@pytest.mark.covers("ID-50", "PRV-02")
@pytest.mark.parametrize("contact", [EMAIL, PHONE])
def test_after_many_wrong_codes_of_a_day_a_contact_gets_long_ones(
    client: FlaskClient, gifts: None, contact: str
) -> None:
    set_value(WRONG_CODES_PER_DAY.key, 3, by=SYSTEM)
    db.session.commit()
    send(client, ASK, {"contact": contact})
    work()
    for _try in range(3):
        send(client, CODE, {"code": "000000"})
    send(client, CODE, {"code": sent_to(contact)[0]})
    assert knows().count(None) == 0, "the short one is taken no more"

    send(client, ASK, {"contact": contact})
    work()
    assert [len(code) for code in sent_to(contact)] == [6, 10]
    assert "are being erased" in send(client, CODE, {"code": sent_to(contact)[1]}).text


@pytest.mark.covers("ID-50")
def test_asking_to_be_forgotten_uses_up_no_codes_to_sign_in_by(
    client: FlaskClient, db_session: Session
) -> None:
    set_value(CODES_PER_DAY.key, 10, by=SYSTEM)
    for number in range(12):
        by_code.ask_to_be_forgotten(PHONE if number < 3 else f"+2217711100{number:02}", locale="fr")

    assert issue_code(PHONE, locale="fr", by=SYSTEM).target == PHONE
