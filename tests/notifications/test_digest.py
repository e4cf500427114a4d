"""What could wait comes in one mail, and is sent when that mail is."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, scoped_session

from portal.identity.models import User
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, transaction
from portal.notifications import catalog
from portal.notifications.catalog import (
    EMAIL,
    IN_APP,
    Category,
    MessageTemplate,
    NotificationType,
    Priority,
    Text,
)
from portal.notifications.jobs import deliver, send_digests
from portal.notifications.models import (
    DeliveryStatus,
    Notification,
    NotificationDelivery,
    NotificationPreferences,
)
from portal.notifications.queries import inbox, unread_count
from portal.notifications.services import notify
from tests.harness.moments import Clock
from tests.notifications.conftest import Person
from tests.notifications.test_delivering import mails, rows
from tests.sandbox.running import RunningSandbox

Committed = scoped_session[Session]


@pytest.fixture(autouse=True)
def news(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that can wait."""
    message = MessageTemplate(
        key="news",
        category=Category.POT,
        type=NotificationType.STATUS_UPDATE,
        priority=Priority.MEDIUM,
        channels=(IN_APP, EMAIL),
        variables={"what": "string"},
        texts={"fr": Text(subject="Nouvelle : {what}", body="Il s’est passé ceci : {what}.")},
    )
    monkeypatch.setattr(catalog, "REGISTRY", catalog.REGISTRY | {"news": message})


def tell(user: User, *what: str) -> None:
    with transaction():
        for one in what:
            notify("news", event_key=one, data={"what": one}, user_id=user.id, by=SYSTEM)


@pytest.mark.covers("NTF-43")
def test_the_news_of_a_day_come_in_one_mail_in_the_morning(
    committed_db: Committed, world: RunningSandbox, saved: Person, clock: Clock
) -> None:
    clock.travel(2026, 11, 10, 14)
    awa, moussa = saved(), saved(timezone="America/New_York")
    tell(awa, "un", "deux", "trois")
    tell(moussa, "quatre")

    clock.travel(2026, 11, 11, 7, 59)
    assert send_digests() == {"people": 0}
    assert deliver() == {}
    clock.travel(2026, 11, 11, 8, 0)
    assert send_digests() == {"people": 1}
    assert send_digests() == {"people": 0}
    assert [row.status for row in rows() if row.awaits_digest] == [DeliveryStatus.PENDING] * 4
    assert deliver() == {"sent": 1}

    (mail,) = mails(world)
    assert mail["to"] == [awa.email]
    assert mail["subject"] == "Vos nouvelles Teranga (3)"
    words = world.control("GET", f"/mail/{mail['number']}")["text"]
    assert all(
        one in words
        for one in ("Nouvelle\u00a0: un", "Il s’est passé ceci\u00a0: deux.", "Nouvelle\u00a0: trois")
    )
    sent = {row.status for row in rows() if row.awaits_digest and row.user_id == awa.id}
    assert sent == {DeliveryStatus.SENT}

    clock.travel(2026, 11, 11, 13, 0)
    assert send_digests() == {"people": 1}
    assert deliver() == {"sent": 1}


def test_the_digest_itself_is_not_another_message_in_the_center(
    committed_db: Committed, world: RunningSandbox, saved: Person, clock: Clock
) -> None:
    clock.travel(2026, 11, 10, 12)
    awa = saved()
    tell(awa, "un", "deux")
    clock.travel(2026, 11, 11, 8)
    send_digests()

    assert unread_count(awa.id) == 2
    assert [note.title for note in inbox(awa.id).items] == ["Nouvelle\u00a0: deux", "Nouvelle\u00a0: un"]


def test_news_fail_with_the_digest_that_carried_them(
    committed_db: Committed, world: RunningSandbox, saved: Person, clock: Clock
) -> None:
    clock.travel(2026, 11, 10, 12)
    tell(saved(), "un")
    clock.travel(2026, 11, 11, 8)
    send_digests()
    world.arm("mail.send", "refuse", code=451, match={"at": "rcpt"}, times=4)
    for minutes in (0, 1, 5, 25):
        assert [row.status for row in rows() if row.awaits_digest] == [DeliveryStatus.PENDING]
        clock.advance(minutes=minutes)
        deliver()

    assert [row.status for row in rows() if row.awaits_digest] == [DeliveryStatus.FAILED]
    assert [row.template_key for row in rows() if row.is_dead] == ["digest"]


def test_news_for_somebody_who_has_switched_mails_off_since_are_not_sent(
    committed_db: Committed, world: RunningSandbox, saved: Person, clock: Clock
) -> None:
    clock.travel(2026, 11, 10, 12)
    tell(saved(), "un")
    with transaction() as session:
        session.execute(update(NotificationPreferences).values(email_enabled=False))
    clock.travel(2026, 11, 11, 8)

    assert send_digests() == {"people": 1}
    assert deliver() == {}

    (row,) = [row for row in rows() if row.awaits_digest]
    assert (row.status, row.error_code, row.is_dead) == (DeliveryStatus.FAILED, "switched_off", False)
    assert mails(world) == []


def test_a_long_list_is_cut_but_counted(
    committed_db: Committed, world: RunningSandbox, saved: Person, clock: Clock
) -> None:
    clock.travel(2026, 11, 10, 12)
    tell(saved(), *map(str, range(40)))
    clock.travel(2026, 11, 11, 8)
    send_digests()
    deliver()

    (mail,) = mails(world)
    assert mail["subject"].endswith("(40)")
    assert "ceci : 30." not in world.control("GET", f"/mail/{mail['number']}")["text"]
    db.session.rollback()
    carried = db.session.scalars(
        select(NotificationDelivery.digest_id).where(NotificationDelivery.awaits_digest)
    )
    assert None not in carried.all()
    assert len(db.session.scalars(select(Notification)).all()) == 41
