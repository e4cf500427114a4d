"""Quiet hours and the digest: who waits until when, by the person's own clock."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel.actor import SYSTEM
from portal.notifications.catalog import EMAIL, IN_APP, SMS, Category, Priority
from portal.notifications.channels import end_of_quiet, next_digest, plan
from portal.notifications.models import Channel, DigestFrequency, NotificationDelivery
from portal.notifications.recipients import Recipient, account, guest
from portal.notifications.services import notify
from tests.harness.moments import Clock
from tests.notifications.conftest import Person

DAKAR = "Africa/Dakar"


def utc(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.covers("NTF-44")
@pytest.mark.parametrize(
    ("zone", "moment", "quiet", "expected"),
    [
        (DAKAR, utc(10, 21, 59), (22, 8), utc(10, 21, 59)),
        (DAKAR, utc(10, 22, 0), (22, 8), utc(11, 8)),
        (DAKAR, utc(10, 23, 59), (22, 8), utc(11, 8)),
        (DAKAR, utc(11, 0, 0), (22, 8), utc(11, 8)),
        (DAKAR, utc(11, 7, 59), (22, 8), utc(11, 8)),
        (DAKAR, utc(11, 8, 0), (22, 8), utc(11, 8, 0)),
        (DAKAR, utc(10, 13, 0), (12, 14), utc(10, 14)),
        (DAKAR, utc(10, 14, 0), (12, 14), utc(10, 14)),
        (DAKAR, utc(10, 3, 0), (8, 8), utc(10, 3)),
        ("Europe/Paris", utc(10, 21, 30), (22, 8), utc(11, 7)),
        ("Europe/Paris", utc(11, 6, 59), (22, 8), utc(11, 7)),
        ("Europe/Paris", utc(11, 7, 0), (22, 8), utc(11, 7)),
        ("America/New_York", utc(11, 4, 0), (22, 8), utc(11, 13)),
        ("Asia/Kolkata", utc(10, 17, 0), (22, 8), utc(11, 2, 30)),
        # The night in which the clocks go back is an hour longer.
        ("Europe/Paris", utc(24, 21, 0, month=10), (22, 8), utc(25, 7, month=10)),
    ],
)
def test_quiet_hours_end_by_the_persons_own_clock(
    zone: str, moment: datetime, quiet: tuple[int, int], expected: datetime
) -> None:
    assert end_of_quiet(moment, ZoneInfo(zone), time(quiet[0]), time(quiet[1])) == expected


@pytest.mark.covers("NTF-43")
@pytest.mark.parametrize(
    ("zone", "moment", "frequency", "expected"),
    [
        (DAKAR, utc(10, 7, 59), DigestFrequency.DAILY, utc(10, 8)),
        (DAKAR, utc(10, 8, 0), DigestFrequency.DAILY, utc(11, 8)),
        (DAKAR, utc(10, 20, 0), DigestFrequency.DAILY, utc(11, 8)),
        ("Europe/Paris", utc(10, 20, 0), DigestFrequency.DAILY, utc(11, 7)),
        (DAKAR, utc(9, 7, 0), DigestFrequency.WEEKLY, utc(9, 8)),
        (DAKAR, utc(9, 9, 0), DigestFrequency.WEEKLY, utc(16, 8)),
        (DAKAR, utc(10, 9, 0), DigestFrequency.WEEKLY, utc(16, 8)),
        (DAKAR, utc(15, 23, 0), DigestFrequency.WEEKLY, utc(16, 8)),
    ],
)
def test_a_digest_leaves_in_the_morning_daily_or_on_mondays(
    zone: str, moment: datetime, frequency: DigestFrequency, expected: datetime
) -> None:
    assert next_digest(moment, ZoneInfo(zone), frequency, 8) == expected


NIGHT, DAY = utc(10, 23), utc(10, 12)
MORNING = utc(11, 8)


@pytest.mark.covers("NTF-43", "NTF-44", "NTF-46")
@pytest.mark.parametrize(
    ("moment", "category", "priority", "preferences", "mail", "text"),
    [
        (DAY, Category.POT, Priority.MEDIUM, {}, (MORNING, True), (DAY, False)),
        (DAY, Category.POT, Priority.LOW, {}, (MORNING, True), (DAY, False)),
        (DAY, Category.POT, Priority.HIGH, {}, (DAY, False), (DAY, False)),
        (DAY, Category.PAYMENT, Priority.MEDIUM, {}, (DAY, False), (DAY, False)),
        (NIGHT, Category.POT, Priority.HIGH, {}, (MORNING, False), (MORNING, False)),
        (NIGHT, Category.PAYMENT, Priority.MEDIUM, {}, (MORNING, False), (MORNING, False)),
        (NIGHT, Category.POT, Priority.URGENT, {}, (NIGHT, False), (NIGHT, False)),
        (NIGHT, Category.SECURITY, Priority.LOW, {}, (NIGHT, False), (NIGHT, False)),
        (NIGHT, Category.POT, Priority.HIGH, {"quiet_hours_enabled": False}, (NIGHT, False), (NIGHT, False)),
        (
            DAY,
            Category.POT,
            Priority.MEDIUM,
            {"digest_frequency": DigestFrequency.IMMEDIATE},
            (DAY, False),
            (DAY, False),
        ),
        (
            DAY,
            Category.POT,
            Priority.MEDIUM,
            {"digest_frequency": DigestFrequency.WEEKLY},
            (utc(16, 8), True),
            (DAY, False),
        ),
        # A digest hour inside the person's quiet hours waits for their end.
        (
            DAY,
            Category.POT,
            Priority.MEDIUM,
            {"quiet_until": time(9, 30)},
            (utc(11, 9, 30), True),
            (DAY, False),
        ),
    ],
)
def test_each_channel_waits_as_long_as_it_should(
    db_session: Session,
    person: Person,
    moment: datetime,
    category: Category,
    priority: Priority,
    preferences: dict[str, Any],
    mail: tuple[datetime, bool],
    text: tuple[datetime, bool],
) -> None:
    user = person(preferences=preferences)
    recipient = account(user.id, category, email=None, phone=None, locale=None)

    planned = {one.channel: one for one in plan(recipient, (IN_APP, EMAIL, SMS), category, priority, moment)}

    assert planned[IN_APP].scheduled_at == moment
    assert (planned[EMAIL].scheduled_at, planned[EMAIL].awaits_digest) == mail
    assert (planned[SMS].scheduled_at, planned[SMS].awaits_digest) == text


def test_a_guest_is_told_at_once_even_at_night() -> None:
    someone: Recipient = guest("awa@example.org", "+221770000001", None)

    planned = plan(someone, (EMAIL, SMS), Category.DONATION, Priority.MEDIUM, NIGHT)

    assert [(one.channel, one.scheduled_at) for one in planned] == [(EMAIL, NIGHT), (SMS, NIGHT)]


@pytest.mark.covers("NTF-31", "NTF-44")
def test_a_message_of_the_night_is_written_for_the_morning(
    db_session: Session, person: Person, clock: Clock
) -> None:
    clock.travel(2026, 11, 10, 22, 30)
    user = person(timezone="Europe/Paris", phone=None)

    notify("digest", event_key="d", data={"count": 1, "news": "x"}, user_id=user.id, by=SYSTEM)

    due = dict(
        db_session.execute(select(NotificationDelivery.channel, NotificationDelivery.scheduled_at)).all()
    )
    assert due == {Channel.EMAIL: utc(11, 7)}
