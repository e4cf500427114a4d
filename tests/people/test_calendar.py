"""A person's dates under a secret link."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.identity.administration import suspend_user
from portal.identity.models import SecurityEvent, User, UserStatus
from portal.kernel import clock as portal_clock
from portal.kernel.actor import SYSTEM
from portal.kernel.calendar import SOURCES, CalendarDate, dates_from
from portal.people.connections import accept_connection, request_connection
from portal.people.models import UserPreferences, UserPrivacy
from portal.pots.models import PotStatus
from tests.harness.house import acting, make_code, make_pack, make_partner, make_pot, send, sign_in
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.identity.doorway import open_account

BORN = date(1990, 5, 14)


@pytest.fixture(autouse=True)
def april(clock: Clock) -> None:
    clock.travel(2026, 4, 20, 12)


@pytest.fixture
def awa(client: FlaskClient, db_session: Session) -> User:
    user = open_account(born=BORN)
    sign_in(client, user)
    return user


def link_of(client: FlaskClient) -> str:
    """Make a link as people do; where it leads."""
    page = send(client, "/settings/calendar").text
    found = re.search(r"<code>https?://[^/]+(/calendar/[^<]+\.ics)</code>", page)
    assert found is not None
    return found[1]


def events(client: FlaskClient, link: str) -> dict[str, date]:
    """The titles of a feed with their first days, as a calendar reads them."""
    answer = client.application.test_client().get(link)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert answer.headers["Cache-Control"] == "private, no-store"
    calendar = Calendar.from_ical(answer.data)
    return {str(event["summary"]): event["dtstart"].dt for event in calendar.walk("VEVENT")}


def befriend(one: User, other: User) -> None:
    asked = request_connection(one.id, other.id, by=acting(one))
    accept_connection(asked.id, other.id, by=acting(other))


@pytest.mark.covers("PPL-33")
def test_the_feed_holds_ones_own_dates_and_the_birthdays_that_are_shared(
    client: FlaskClient, db_session: Session, awa: User
) -> None:
    friends = {
        name: open_account(name, email=f"{name.split()[0].lower()}@example.org", born=date(1985, 2, 28))
        for name in ("Open Friend", "Shy Friend", "Hidden Friend", "Gone Friend", "Stranger Sow")
    }
    for name in ("Open Friend", "Shy Friend", "Hidden Friend", "Gone Friend"):
        befriend(awa, friends[name])
    for name, visible in (
        ("Open Friend", True),
        ("Hidden Friend", False),
        ("Gone Friend", True),
        ("Stranger Sow", True),
    ):
        db_session.execute(
            update(UserPrivacy)
            .where(UserPrivacy.user_id == friends[name].id)
            .values(share_birthday=True, profile_visible=visible)
        )
    friends["Gone Friend"].status = UserStatus.PENDING_DELETION
    make_pot(awa, holds=0, birthday=date(2026, 5, 14), status=PotStatus.OPEN)
    make_pot(friends["Open Friend"], holds=0, birthday=date(2027, 2, 28), status=PotStatus.OPEN)
    code = make_code(make_pack(make_partner(), name="Dîner au Djoloff"), awa)

    shown = events(client, link_of(client))

    assert shown == {
        "My birthday": date(2026, 5, 14),
        "Birthday of Open Friend": date(2026, 2, 28),
        "My pot opens": date(2026, 4, 14),
        "My pot ends": date(2026, 5, 14),
        "Dîner au Djoloff: can be used from today": portal_clock.local_date(code.redeemable_from),
        "Dîner au Djoloff: last day": portal_clock.local_date(code.expires_at - timedelta(seconds=1)),
    }


@pytest.mark.covers("PPL-33")
def test_the_link_is_kept_as_a_hash_renewed_and_switched_off(
    client: FlaskClient, db_session: Session, awa: User
) -> None:
    first = link_of(client)
    secret = first.removeprefix("/calendar/").removesuffix(".ics")
    kept = db_session.get_one(UserPreferences, awa.id).calendar_token_hash
    assert kept is not None
    assert secret not in kept
    assert secret not in client.get("/settings/calendar").text
    assert "My birthday" in events(client, first)

    second = link_of(client)
    assert second != first
    assert client.get(first).status_code == 404
    assert "My birthday" in events(client, second)

    assert send(client, "/settings/calendar/off").status_code == 303
    assert send(client, "/settings/calendar/off").status_code == 303
    assert client.get(second).status_code == 404
    noted = db_session.scalars(select(SecurityEvent.event_type).where(SecurityEvent.user_id == awa.id))
    assert sorted(noted) == ["calendar_link_ended", "calendar_link_made", "calendar_link_made"]


@pytest.mark.covers("PPL-33")
def test_a_wrong_link_and_one_of_a_closed_account_answer_alike(
    client: FlaskClient, db_session: Session, awa: User
) -> None:
    link = link_of(client)
    for wrong in ("/calendar/x.ics", f"{link[:-5]}.ics", f"/calendar/{awa.id}.ics"):
        assert client.get(wrong).status_code == 404
    suspend_user(awa.id, reason="test", by=SYSTEM)
    db_session.commit()
    assert client.get(link).status_code == 404


@pytest.mark.covers("PPL-33")
def test_the_feed_tells_no_age_and_no_address(client: FlaskClient, db_session: Session, awa: User) -> None:
    text = client.get(link_of(client)).text

    assert "1990" not in text
    assert "awa@example.org" not in text
    assert "RRULE:FREQ=YEARLY" in text


@pytest.mark.covers("PPL-33")
def test_a_birthday_on_a_leap_day_and_a_hostile_title_stay_what_they_are(
    client: FlaskClient, db_session: Session, awa: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.kernel.calendar.SOURCES", dict(SOURCES))
    hostile = "A\r\nBEGIN:VALARM\r\n;,\\"

    @dates_from("tests")
    def leaping(_user_id: object) -> list[CalendarDate]:
        return [CalendarDate("x", hostile, date(2026, 1, 1), until=date(2026, 1, 3))]

    text = client.get(link_of(client)).text

    assert text.count("BEGIN:VALARM") == text.count("\\nBEGIN:VALARM")
    assert "DTEND;VALUE=DATE:20260104" in text
    with pytest.raises(ValueError):
        dates_from("tests")(leaping)


def test_the_feed_costs_the_same_for_one_friend_or_twenty(
    client: FlaskClient, db_session: Session, awa: User, count_statements: CountStatements
) -> None:
    link = link_of(client)
    for number in range(20):
        befriend(
            awa, open_account(f"Friend {'abcdefghijklmnopqrst'[number]}", email=f"f{number}@example.org")
        )
    db_session.commit()

    with count_statements() as asked:
        assert client.get(link).status_code == 200

    assert len(asked) <= 10, asked
