"""Text messages to numbers that nobody has proved: an end for all people together, and countries that get none."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from contextvars import copy_context
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from portal.admin import checks
from portal.admin.overview import overview
from portal.config.limit_values import TEXT_COUNTRIES, TEXTS_AT_HOME, TEXTS_PER_COUNTRY, TEXTS_PER_DAY
from portal.config.models import HealthStatus
from portal.config.services import set_value
from portal.config.texting import unproved_today
from portal.config.values import Setting
from portal.identity.models import ContactChange, ContactKind
from portal.kernel import clock as portal_clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, transaction
from portal.notifications.catalog import REGISTRY, SMS
from portal.notifications.deliveries import BATCH, claim
from portal.notifications.jobs import deliver
from portal.notifications.models import DeliveryStatus, NotificationDelivery
from portal.notifications.services import notify
from portal.notifications.unproved import to_unproved_numbers
from tests.harness.house import make_admin, sign_in
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.notifications.conftest import Person
from tests.sandbox.running import RunningSandbox

HOME, ABROAD = "+22177000{:04d}", "+336123456{:02d}"
Committed = scoped_session[Session]


@pytest.fixture(autouse=True)
def noon(clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)


def allow(values: dict[Setting[Any], object]) -> None:
    with transaction():
        for setting, value in values.items():
            set_value(setting.key, value, by=SYSTEM)


def ask(count: int, number: str = HOME, *, first: int = 0, days: float | None = 7) -> None:
    """What a person can have sent to somebody they name: once for each number, however often it is asked."""
    moment = portal_clock.now()
    with transaction():
        for order in range(first, first + count):
            notify(
                "guardian_wanted",
                event_key="guardian_wanted",
                data={"name": "Awa Ndiaye", "expires": moment, "link": "https://example.org"},
                phone=number.format(order),
                expires_at=moment + timedelta(days=days) if days is not None else None,
                by=SYSTEM,
            )


def texts(world: RunningSandbox) -> list[str]:
    return [text["to"] for text in world.control("GET", "/sms?limit=1000")["messages"]]


def rows() -> Sequence[NotificationDelivery]:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(NotificationDelivery).order_by(NotificationDelivery.id)).all()


def ends() -> Counter[tuple[str, str | None]]:
    return Counter((row.status.value, row.error_code) for row in rows())


def tomorrow() -> datetime:
    return portal_clock.start_of_tomorrow()


@pytest.mark.covers("NTF-39")
def test_what_the_day_has_no_room_for_waits_until_the_next(
    committed_db: Committed, world: RunningSandbox, clock: Clock
) -> None:
    allow({TEXTS_PER_DAY: 3})
    ask(3)
    assert deliver() == {"sent": 3}

    ask(2, first=3)
    # Asking again changes nothing, nor does looking again.
    ask(5)
    assert [deliver(), deliver()] == [{}, {}]

    assert ends() == {("sent", None): 3, ("pending", "day_is_full"): 2}
    assert {row.scheduled_at for row in rows() if row.status is DeliveryStatus.PENDING} == {tomorrow()}
    clock.travel(tomorrow() - timedelta(seconds=1))
    assert deliver() == {}
    clock.advance(seconds=1)
    assert deliver() == {"sent": 2}
    assert sorted(texts(world)) == [HOME.format(order) for order in range(5)]
    assert ends() == {("sent", None): 5}
    with transaction():
        assert unproved_today() == (2, 3)


def test_a_country_has_an_end_of_its_own_and_home_another(
    committed_db: Committed, world: RunningSandbox
) -> None:
    allow({TEXTS_PER_DAY: 9, TEXTS_AT_HOME: 6, TEXTS_PER_COUNTRY: 2})
    ask(4, ABROAD)
    ask(4, "+4479111234{:02d}", first=50)
    ask(8)

    deliver()

    # Two to each country abroad, and home has the five that are left of the nine.
    sent = Counter(to[:3] for to in texts(world))
    assert sent == {"+33": 2, "+44": 2, "+22": 5}
    assert ends() == {("sent", None): 9, ("pending", "day_is_full"): 7}


@pytest.mark.parametrize(
    ("number", "countries"), [(ABROAD, "SN GM"), ("+881612345{:03d}", "*"), ("+22133821{:04d}", "*")]
)
def test_what_goes_to_a_number_that_is_not_served_ends_and_says_why(
    committed_db: Committed, world: RunningSandbox, number: str, countries: str
) -> None:
    allow({TEXT_COUNTRIES: countries})
    ask(2, number)
    ask(1)

    assert deliver() == {"failed": 2, "sent": 1}
    assert deliver() == {}

    assert ends() == {("failed", "not_served"): 2, ("sent", None): 1}
    # There is nothing for an operator to try again.
    assert not any(row.is_dead for row in rows())
    with transaction():
        assert unproved_today()[0] == 1


def test_what_is_over_by_tomorrow_ends_today(committed_db: Committed, world: RunningSandbox) -> None:
    allow({TEXTS_PER_DAY: 0})
    ask(1, days=0.25)
    ask(1, first=1, days=None)

    assert deliver() == {"failed": 1}

    assert ends() == {("failed", "day_is_full"): 1, ("pending", "day_is_full"): 1}
    assert texts(world) == []


def test_what_is_over_already_takes_no_room(
    committed_db: Committed, world: RunningSandbox, clock: Clock
) -> None:
    ask(2, days=0.25)
    clock.advance(hours=7)

    assert deliver() == {"failed": 2}

    assert ends() == {("failed", "expired"): 2}
    with transaction():
        assert unproved_today()[0] == 0


def test_a_number_that_somebody_has_proved_is_written_to_whatever_the_day_has_sent(
    committed_db: Committed, world: RunningSandbox, saved: Person
) -> None:
    allow({TEXTS_PER_DAY: 0, TEXT_COUNTRIES: "GM"})
    proved, claimed, changed = saved(), saved(phone_verified_at=None), saved()
    earlier, never_proved = HOME.format(9999), HOME.format(9998)
    with transaction() as session:
        session.add_all(
            ContactChange(
                user_id=changed.id,
                kind=ContactKind.PHONE,
                old_value=number,
                new_value=changed.phone,
                old_is_proved=number == earlier,
                take_back_hash=number,
                take_back_until=portal_clock.now(),
            )
            for number in (earlier, never_proved)
        )
        for number in (proved.phone, claimed.phone, earlier, never_proved):
            notify(
                "guardian_wanted",
                event_key="guardian_wanted",
                data={"name": "Awa", "expires": portal_clock.now(), "link": "https://example.org"},
                phone=number,
                by=SYSTEM,
            )

    assert deliver() == {"sent": 2, "failed": 2}

    assert sorted(texts(world)) == sorted([proved.phone, earlier])


def test_a_code_was_counted_when_it_was_asked_for(committed_db: Committed, world: RunningSandbox) -> None:
    allow({TEXTS_PER_DAY: 0})
    with transaction():
        notify(
            "sign_in_code",
            event_key="code",
            data={"code": "493021", "minutes": 10},
            phone=HOME.format(1),
            by=SYSTEM,
        )

    assert deliver() == {"sent": 1}
    assert {message.key for message in REGISTRY.values() if message.counts_when_asked} == {"sign_in_code"}
    assert sum(SMS in message.channels for message in REGISTRY.values()) > 10


def test_two_workers_at_once_take_no_more_than_there_is(
    app: Flask, committed_db: Committed, world: RunningSandbox
) -> None:
    allow({TEXTS_PER_DAY: 130})
    ask(BATCH + 60)
    start = threading.Barrier(3)
    counts: Counter[str] = Counter()

    def work() -> None:
        with app.app_context():
            start.wait()
            counts.update(deliver())

    workers = [threading.Thread(target=copy_context().run, args=(work,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert counts == {"sent": 130}
    assert len(set(texts(world))) == len(texts(world)) == 130
    assert ends() == {("sent", None): 130, ("pending", "day_is_full"): 30}
    with transaction():
        assert unproved_today() == (130, 130)


def test_what_a_killed_worker_took_counts_once_more_and_never_too_little(
    committed_db: Committed, world: RunningSandbox, clock: Clock
) -> None:
    allow({TEXTS_PER_DAY: 2})
    ask(1)
    with transaction():
        assert len(to_unproved_numbers(claim()).parcels) == 1
    # Here the worker dies, perhaps after the message was taken by the provider.
    clock.advance(minutes=6)

    assert deliver() == {"sent": 1}

    with transaction():
        assert unproved_today() == (2, 2)


def test_a_batch_is_counted_in_as_many_statements_as_one_message(
    committed_db: Committed, count_statements: CountStatements
) -> None:
    asked = []
    for first, count in ((0, 1), (100, 1), (200, BATCH)):
        ask(count, first=first)
        with transaction():
            claimed = claim()
            with count_statements() as statements:
                to_unproved_numbers(claimed)
        asked.append(len(statements))

    # The first reads the settings too.
    assert asked[1] == asked[2] <= asked[0] <= 6


def test_what_is_sent_to_addresses_and_lists_is_not_asked_about(
    committed_db: Committed, count_statements: CountStatements
) -> None:
    with transaction():
        notify(
            "operations_alert",
            event_key="a",
            data={"subject": "x", "detail": "y"},
            email="a@example.org",
            by=SYSTEM,
        )
    with transaction():
        claimed = claim()
        with count_statements() as statements:
            assert to_unproved_numbers(claimed).parcels == claimed

    assert statements == []


@pytest.mark.covers("ADM-18", "ADM-19")
def test_operators_see_what_waits_and_why(
    client: FlaskClient, committed_db: Committed, world: RunningSandbox
) -> None:
    allow({TEXTS_PER_DAY: 5})
    assert checks.texts() == (HealthStatus.HEALTHY, {"count": 0, "most": 5}, None)
    ask(4)
    deliver()
    assert checks.texts()[0] is HealthStatus.DEGRADED
    ask(3, first=4)
    deliver()

    status, data, why = checks.texts()

    assert (status, data, why) == (
        HealthStatus.UNHEALTHY,
        {"count": 5, "most": 5},
        "text messages wait for tomorrow",
    )
    with transaction():
        assert overview().texts_put_off == 2
    sign_in(client, make_admin())
    client.set_cookie("language", "en")
    assert "too many today to numbers nobody has proved" in client.get("/admin/notifications").text
    assert "Text messages put off until tomorrow" in client.get("/admin").text
