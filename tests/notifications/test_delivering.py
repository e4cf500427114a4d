"""From a row to a mailbox and a phone: handed over once, tried again, never lost."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from portal.gateways.mail import Mail, SmtpMail
from portal.kernel import clock as portal_clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, transaction
from portal.kernel.errors import NotFound
from portal.kernel.ids import new_id
from portal.kernel.jobs import queue
from portal.kernel.models import StatusHistory
from portal.kernel.work import perform
from portal.notifications import catalog
from portal.notifications.catalog import SMS, Category, MessageTemplate, NotificationType, Priority, Text
from portal.notifications.deliveries import LEASE, Parcel, claim
from portal.notifications.handover import courier
from portal.notifications.jobs import deliver
from portal.notifications.mails import mail_for
from portal.notifications.models import Channel, DeliveryStatus, NotificationDelivery
from portal.notifications.operations import retry_dead
from portal.notifications.services import notify
from tests.harness.moments import Clock
from tests.sandbox.running import RunningSandbox

MINUTE = timedelta(minutes=1)
NUMBER = "+221770000001"
Committed = scoped_session[Session]


def tell(count: int = 1, *, to: str = "guest{}@example.org", key: str = "operations_alert") -> None:
    """Queue mails to guests."""
    data: dict[str, dict[str, Any]] = {
        "operations_alert": {"subject": "n° 1", "detail": "Voyez ceci."},
        "digest": {"count": 1, "news": "x"},
    }
    with transaction():
        for number in range(count):
            address = to.format(number)
            notify(key, event_key=f"{key}:{address}", data=data[key], email=address, by=SYSTEM)


def send_code(number: str = NUMBER, code: str = "493021", *, minutes: int = 10) -> None:
    """Queue a confidential text message."""
    with transaction():
        notify(
            "sign_in_code",
            event_key=f"code:{number}",
            data={"code": code, "minutes": minutes},
            phone=number,
            expires_at=portal_clock.now() + timedelta(minutes=minutes),
            by=SYSTEM,
        )


def mails(world: RunningSandbox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.control("GET", "/mail?limit=1000")["messages"]
    return found


def texts(world: RunningSandbox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.control("GET", "/sms?limit=1000")["messages"]
    return found


def rows() -> Sequence[NotificationDelivery]:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(
        select(NotificationDelivery).order_by(
            NotificationDelivery.created_at, NotificationDelivery.attempt_no
        )
    ).all()


@pytest.mark.covers("NTF-39")
@pytest.mark.parametrize(("waiting", "helpers"), [(2, ["wake-notifications-deliver"]), (1, [])])
def test_a_full_batch_calls_another_worker_to_help(
    committed_db: Committed,
    world: RunningSandbox,
    monkeypatch: pytest.MonkeyPatch,
    waiting: int,
    helpers: list[str],
) -> None:
    monkeypatch.setattr("portal.notifications.jobs.BATCH", 2)
    tell(waiting)
    queue().empty()

    assert deliver() == {"sent": waiting}

    assert queue().job_ids == helpers


@pytest.mark.covers("NTF-23", "NTF-31", "NTF-32", "NTF-39")
def test_a_mail_arrives_on_our_paper_with_its_action(committed_db: Committed, world: RunningSandbox) -> None:
    with transaction():
        notify(
            "operations_alert",
            event_key="a",
            data={"subject": "la caisse", "detail": "Une ligne.\nUne autre.\n\n<b>Fin</b>"},
            email="awa@example.org",
            action_link="/admin",
            by=SYSTEM,
        )

    assert deliver() == {"sent": 1}

    (kept,) = mails(world)
    whole = world.control("GET", f"/mail/{kept['number']}")
    assert kept["subject"] == "À vérifier : la caisse"
    assert "Une ligne.\r\nUne autre." in whole["text"]
    assert "http://localhost/admin" in whole["text"]
    assert 'href="http://localhost/admin"' in whole["html"]
    assert "Une ligne.<br>Une autre." in whole["html"]
    assert "&lt;b&gt;Fin&lt;/b&gt;" in whole["html"]
    (row,) = rows()
    assert (row.status, row.provider, row.provider_message_id) == (
        DeliveryStatus.SENT,
        "smtp",
        kept["message_id"],
    )
    assert row.sent_at is not None
    assert row.claimed_until is None


@pytest.mark.covers("NTF-24", "NTF-32")
def test_a_text_arrives_and_its_secret_is_wiped(committed_db: Committed, world: RunningSandbox) -> None:
    send_code()

    assert deliver() == {"sent": 1}

    (kept,) = texts(world)
    assert kept["to"] == NUMBER
    assert kept["body"].startswith("493021 est votre code Teranga")
    (row,) = rows()
    assert (row.provider, row.provider_message_id) == ("twilio", kept["sid"])
    assert "493021" not in row.body
    assert row.template_data == {}


def test_draining_twice_sends_each_message_once(committed_db: Committed, world: RunningSandbox) -> None:
    tell(120)

    assert deliver() == {"sent": 120}
    assert deliver() == {}

    assert len({mail["to"][0] for mail in mails(world)}) == len(mails(world)) == 120


def test_two_drains_at_once_send_each_message_once(
    app: Flask, committed_db: Committed, world: RunningSandbox
) -> None:
    tell(250)
    for number in range(30):
        send_code(f"+22177000{number:04d}")
    start = threading.Barrier(2)
    counts: list[dict[str, int]] = []

    def work() -> None:
        with app.app_context():
            start.wait()
            counts.append(deliver())

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sum(count.get("sent", 0) for count in counts) == 280
    assert len({mail["message_id"] for mail in mails(world)}) == len(mails(world)) == 250
    assert len({text["to"] for text in texts(world)}) == len(texts(world)) == 30


def test_what_a_killed_worker_had_claimed_falls_due_again(
    committed_db: Committed, world: RunningSandbox, clock: Clock
) -> None:
    clock.travel(2026, 11, 10, 12)
    tell(3)
    with transaction():
        taken = claim(2)
    with courier() as messenger:
        messenger.hand_over(taken[:1])
    # Here the worker dies: one mail is out, nothing is written down.

    assert deliver() == {"sent": 1}
    clock.advance(seconds=LEASE.total_seconds() - 1)
    assert deliver() == {}
    clock.advance(seconds=1)
    assert deliver() == {"sent": 2}

    ids = [mail["message_id"] for mail in mails(world)]
    assert len(ids) == 4
    assert len(set(ids)) == 3
    assert all(row.status is DeliveryStatus.SENT for row in rows())


def test_no_transaction_is_open_while_a_provider_is_called(
    committed_db: Committed, world: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    was_open: list[bool] = []
    send = SmtpMail.send

    def watched(mailer: SmtpMail, mail: Mail) -> None:
        was_open.append(db.session.registry.has() and db.session().in_transaction())
        send(mailer, mail)

    monkeypatch.setattr(SmtpMail, "send", watched)
    tell(3)
    deliver()

    assert was_open == [False, False, False]


@pytest.mark.covers("NTF-34", "NTF-35")
def test_a_deferred_mail_is_tried_after_1_5_and_25_minutes_and_then_waits_for_somebody(
    committed_db: Committed, world: RunningSandbox, clock: Clock
) -> None:
    start = clock.travel(2026, 11, 10, 12)
    world.arm("mail.send", "refuse", code=451, message="try later", match={"at": "rcpt"}, times=4)
    tell()

    for wait in (0, 1, 5, 25):
        clock.advance(seconds=wait * 60 - 1 if wait else 0)
        if wait:
            assert deliver() == {}
            clock.advance(seconds=1)
        assert deliver() == {"failed": 1}
    clock.advance(days=1)
    assert deliver() == {}

    tries = rows()
    assert [row.attempt_no for row in tries] == [1, 2, 3, 4]
    assert [row.scheduled_at - start for row in tries] == [0 * MINUTE, 1 * MINUTE, 6 * MINUTE, 31 * MINUTE]
    assert {row.status for row in tries} == {DeliveryStatus.FAILED}
    assert [row.is_dead for row in tries] == [False, False, False, True]
    assert [row.next_retry_at is None for row in tries] == [False, False, False, True]
    assert {(row.error_code, row.error_message) for row in tries} == {("451", "try later")}
    assert mails(world) == []


@pytest.mark.covers("NTF-34")
def test_a_mail_that_comes_through_later_keeps_its_message_id(
    committed_db: Committed, world: RunningSandbox, clock: Clock
) -> None:
    clock.travel(2026, 11, 10, 12)
    world.arm("mail.send", "cut")
    tell()
    assert deliver() == {"failed": 1}
    clock.advance(minutes=1)

    assert deliver() == {"sent": 1}

    ids = [mail["message_id"] for mail in mails(world)]
    assert len(ids) == 2
    assert len(set(ids)) == 1


@pytest.mark.covers("NTF-35", "NTF-37")
def test_a_refused_mail_is_given_up_at_once_and_does_not_hold_the_others(
    committed_db: Committed, world: RunningSandbox
) -> None:
    world.arm(
        "mail.send",
        "refuse",
        code=550,
        message="no such user",
        match={"at": "rcpt", "to": "guest1@example.org"},
    )
    tell(3)

    assert deliver() == {"sent": 2, "failed": 1}

    dead = [row for row in rows() if row.is_dead]
    assert [(row.recipient_identifier, row.error_code) for row in dead] == [("guest1@example.org", "550")]
    assert len(rows()) == 3


@pytest.mark.covers("NTF-37")
def test_a_mail_server_that_is_away_costs_a_delay(
    app: Flask, committed_db: Committed, world: RunningSandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.travel(2026, 11, 10, 12)
    tell(20)
    with monkeypatch.context() as away:
        away.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], smtp_port=9))
        assert deliver() == {"failed": 20}
    clock.advance(minutes=1)

    assert deliver() == {"sent": 20}


@pytest.mark.covers("NTF-35", "NTF-37")
@pytest.mark.parametrize(
    ("fault", "is_dead", "retried"),
    [
        ({"kind": "error", "status": 400, "code": 21211}, True, False),
        ({"kind": "error", "status": 429, "code": 20429}, False, True),
        ({"kind": "error", "status": 500, "code": 20500}, False, True),
    ],
    ids=["refused", "slow down", "no usable answer"],
)
def test_a_text_that_was_not_taken_is_given_up_or_tried_again(
    committed_db: Committed, world: RunningSandbox, fault: dict[str, Any], is_dead: bool, retried: bool
) -> None:
    world.arm("sms.create", **fault)
    send_code()

    assert deliver() == {"failed": 1}

    tries = rows()
    assert tries[0].is_dead is is_dead
    assert len(tries) == (2 if retried else 1)
    if retried:
        assert tries[1].body.startswith("493021")


def test_a_text_that_may_have_been_taken_is_not_doubled_unless_it_is_a_code(
    committed_db: Committed, world: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = MessageTemplate(
        key="receipt",
        category=Category.PAYMENT,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.HIGH,
        channels=(SMS,),
        variables={},
        texts={"fr": Text(subject="Reçu", body="Merci pour votre cadeau.")},
    )
    monkeypatch.setattr(catalog, "REGISTRY", catalog.REGISTRY | {"receipt": receipt})
    world.arm("sms.create", "cut", moment="after")
    with transaction():
        notify("receipt", event_key="r", data={}, phone=NUMBER, by=SYSTEM)

    assert deliver() == {"failed": 1}

    (row,) = rows()
    assert row.is_dead
    assert row.error_code == "SmsUnknownOutcome"


def test_a_code_nobody_can_use_any_more_is_not_sent(
    committed_db: Committed, world: RunningSandbox, clock: Clock
) -> None:
    clock.travel(2026, 11, 10, 12)
    send_code(minutes=10)
    clock.advance(minutes=10)

    assert deliver() == {"failed": 1}

    (row,) = rows()
    assert (row.error_code, row.is_dead, row.body) == ("expired", False, "•••")
    assert texts(world) == []


def test_what_cannot_wait_overtakes_a_mailing(committed_db: Committed, world: RunningSandbox) -> None:
    tell(5, key="digest")
    send_code()

    with transaction():
        first = claim(1)

    assert [parcel.channel for parcel in first] == [Channel.SMS]


def test_every_step_leaves_a_line_of_history(committed_db: Committed, world: RunningSandbox) -> None:
    tell(2)
    deliver()

    db.session.rollback()
    steps = db.session.execute(
        select(StatusHistory.from_status, StatusHistory.to_status, func.count())
        .where(StatusHistory.entity_type == "notification_deliveries")
        .group_by(StatusHistory.from_status, StatusHistory.to_status)
    ).all()
    assert [tuple(step) for step in steps] == [("pending", "sent", 2)]


@pytest.mark.covers("NTF-34")
def test_an_operator_gives_a_dead_message_a_fresh_set_of_tries(
    committed_db: Committed, world: RunningSandbox, clock: Clock
) -> None:
    clock.travel(2026, 11, 10, 12)
    world.arm("mail.send", "refuse", code=550, match={"at": "rcpt"})
    world.arm("mail.send", "refuse", code=451, match={"at": "rcpt"})
    tell()
    deliver()
    (dead,) = rows()
    with transaction():
        retry_dead(dead.id, by=SYSTEM)

    assert deliver() == {"failed": 1}
    clock.advance(minutes=1)
    assert deliver() == {"sent": 1}

    tries = rows()
    assert [row.attempt_no for row in tries] == [1, 2, 3]
    assert not any(row.is_dead for row in tries)
    assert len(mails(world)) == 1


def test_a_committed_message_wakes_a_worker_and_an_undone_one_does_not(
    committed_db: Committed, world: RunningSandbox
) -> None:
    def undone() -> None:
        with transaction():
            notify("sign_in_code", event_key="c", data={"code": "1", "minutes": 1}, phone=NUMBER, by=SYSTEM)
            raise NotFound

    with pytest.raises(NotFound):
        undone()
    assert queue().job_ids == []

    send_code()
    assert queue().job_ids == ["wake-notifications-deliver"]
    perform("notifications.deliver")
    assert len(texts(world)) == 1


def test_the_plain_paper_says_where_to_hear_less_on_a_line_of_its_own(app: Flask) -> None:
    parcel = Parcel(
        id=new_id(),
        notification_id=new_id(),
        user_id=new_id(),
        channel=Channel.EMAIL,
        address="awa@example.org",
        template_key="operations_alert",
        locale="fr-SN",
        subject="À vérifier",
        body="Une ligne.",
        body_html=None,
        attempt_no=1,
        max_retries=3,
        category=Category.COMMUNITY,
        action_link="/admin",
        action_text="Ouvrir",
        expires_at=None,
    )

    with app.test_request_context():
        lines = mail_for(parcel).text.splitlines()

    assert "Ouvrir: http://localhost/admin" in lines
    assert "Choose what we send you: http://localhost/settings/notifications" in lines
