"""The day of birth: read as people write it, kept once, and asked for where it matters."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.identity.models import User
from portal.identity.services import NewAccount, register_user
from portal.kernel.actor import SYSTEM
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.people import queries
from portal.people.ages import age_on, is_adult
from portal.people.birthdays import GuardianNeeded, correct_birthday, set_birthday, state_birthday
from portal.people.events import birthday_set
from portal.people.forms import read_day
from portal.people.guardians import name_guardian
from portal.people.models import Profile, Relationship, RequestStatus
from portal.people.seeing import seen_person
from portal.people.services import require_birthday
from tests.harness.house import acting, send, sign_in
from tests.harness.moments import Clock
from tests.identity.doorway import GUEST, PHONE, open_account
from tests.people.questions import agree, name, proved


@pytest.fixture
def awa(client: FlaskClient, db_session: Session) -> User:
    user = open_account()
    sign_in(client, user)
    return user


def born(session: Session, user: User) -> date | None:
    session.expire_all()
    return session.get_one(Profile, user.id).date_of_birth


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("15/03/2001", date(2001, 3, 15)),
        ("5.3.2001", date(2001, 3, 5)),
        ("15 - 03 - 2001", date(2001, 3, 15)),
        ("15 3 2001", date(2001, 3, 15)),
        ("15032001", date(2001, 3, 15)),
        ("2001-03-15", date(2001, 3, 15)),
        ("29/02/2004", date(2004, 2, 29)),
        ("29/02/2001", None),
        ("15/03/01", None),
        ("03/2001", None),
        ("0000-00-00", None),
        ("99999999", None),
        ("15 mars 2001", None),
        ("", None),
    ],
)
def test_a_day_is_read_as_people_write_it(typed: str, day: date | None) -> None:
    assert read_day(typed) == day


@pytest.mark.parametrize(
    ("day", "age"),
    [
        (date(2026, 3, 14), 17),
        (date(2026, 3, 15), 18),
        (date(2027, 3, 14), 18),
    ],
)
def test_age_counts_whole_years(day: date, age: int) -> None:
    assert age_on(date(2008, 3, 15), day) == age


def test_who_was_born_on_29_february_grows_up_on_1_march(clock: Clock) -> None:
    clock.travel(2026, 2, 28, 23, 59)
    assert not is_adult(date(2008, 2, 29))
    clock.travel(2026, 3, 1)
    assert is_adult(date(2008, 2, 29))
    assert not is_adult(None)


@pytest.mark.covers("PPL-04")
def test_an_adult_tells_the_day_once(client: FlaskClient, db_session: Session, awa: User) -> None:
    heard: list[date | None] = []
    with birthday_set.connected_to(lambda profile, by: heard.append(profile.date_of_birth)):
        answer = send(client, "/profile/birthday", {"date_of_birth": "15/03/1990", "next": "/home"})
        same = send(client, "/profile/birthday", {"date_of_birth": "15 3 1990"})
        other = send(client, "/profile/birthday", {"date_of_birth": "15/03/1991"})
        minor = send(client, "/profile/birthday", {"date_of_birth": "15/03/2015"})

    assert (answer.status_code, answer.location) == (303, "/home")
    assert same.status_code == 303
    assert (other.status_code, minor.status_code) == (422, 422)
    assert heard == [date(1990, 3, 15)]
    assert client.get("/profile/birthday").location == "/profile"
    assert born(db_session, awa) == date(1990, 3, 15)


@pytest.mark.parametrize(
    "typed",
    ["", "tomorrow", "30/02/1990", "01/01/1890", "01/01/2999", "<b>1</b>", "1\x0090", "' OR 1=1", "9" * 4000],
)
def test_an_impossible_day_is_refused(
    client: FlaskClient, db_session: Session, awa: User, typed: str
) -> None:
    assert send(client, "/profile/birthday", {"date_of_birth": typed}).status_code == 422
    assert born(db_session, awa) is None


def test_nobody_is_born_today_or_later(db_session: Session, awa: User, clock: Clock) -> None:
    clock.travel(2026, 6, 1, 12)
    for day in (date(2026, 6, 1), date(2026, 6, 2), date(1905, 6, 1), date(1, 1, 1)):
        with pytest.raises(InvalidInput):
            set_birthday(awa.id, day, by=acting(awa))
    with pytest.raises(GuardianNeeded):
        set_birthday(awa.id, date(2026, 5, 31), by=acting(awa))
    assert born(db_session, awa) is None


@pytest.mark.covers("PPL-04")
def test_what_depends_on_the_birthday_asks_for_it(db_session: Session, awa: User) -> None:
    with pytest.raises(InvalidInput):
        require_birthday(awa.id)

    set_birthday(awa.id, date(1990, 3, 15), by=acting(awa))

    assert require_birthday(awa.id) == date(1990, 3, 15)


@pytest.mark.covers("PPL-04", "PPL-12")
def test_what_a_minor_has_said_opens_nothing_until_they_are_18(
    db_session: Session, awa: User, clock: Clock
) -> None:
    clock.travel(2026, 6, 1, 12)
    state_birthday(awa.id, date(2012, 3, 15), by=acting(awa))
    with pytest.raises(Conflict):
        require_birthday(awa.id)

    clock.travel(2030, 3, 15, 12)
    assert require_birthday(awa.id) == date(2012, 3, 15)


@pytest.mark.covers("PPL-12")
def test_nobody_grows_up_by_trying_again(db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 6, 1, 12)
    minor = open_account("Ibou Sow", email="ibou@example.org")
    name(minor, born=date(2012, 1, 1))

    with pytest.raises(Conflict):
        set_birthday(minor.id, date(1990, 1, 1), by=acting(minor))
    agree(minor, proved())
    with pytest.raises(Conflict):
        set_birthday(minor.id, date(1990, 1, 1), by=acting(minor))


@pytest.mark.covers("PPL-12")
def test_what_a_minor_has_said_first_holds(client: FlaskClient, db_session: Session, awa: User) -> None:
    to_guardian = send(client, "/profile/birthday", {"date_of_birth": "15/03/2012"})
    assert to_guardian.location == "/profile/guardian?next=/profile"
    again = send(client, "/profile/birthday", {"date_of_birth": "15/03/1990"})

    assert again.status_code == 422
    assert "Please write to us" in again.text
    assert born(db_session, awa) is None
    assert client.get("/profile/guardian").status_code == 200
    with pytest.raises(Conflict):
        set_birthday(awa.id, date(1990, 3, 15), by=acting(awa))


@pytest.mark.covers("PPL-12")
def test_what_a_minor_has_said_when_signing_up_holds(db_session: Session) -> None:
    minor = register_user(NewAccount("Ibou Sow", phone=PHONE, date_of_birth=date(2012, 3, 15)), by=GUEST)
    with pytest.raises(Conflict):
        set_birthday(minor.id, date(1990, 3, 15), by=acting(minor))
    with pytest.raises(NotFound):
        seen_person(minor.id, None)


@pytest.mark.covers("PPL-04")
@pytest.mark.parametrize(("day", "kept"), [("1990-03-15", date(1990, 3, 15)), ("2011-03-15", None)])
def test_operators_put_right_what_was_said(
    app: Flask, committed_db: Session, day: str, kept: date | None
) -> None:
    user = open_account()
    user_id = user.id
    state_birthday(user_id, date(2012, 3, 15), by=acting(user))
    committed_db.commit()
    run = app.test_cli_runner().invoke

    done = run(args=["portal", "correct-birthday", str(user_id), day, "--reason", "passport seen"])

    assert done.exit_code == 0
    assert queries.birthdays_of(user_id).kept == kept
    assert queries.said_birthday_of(user_id) == date.fromisoformat(day)
    trail = select(AuditLog.reason).where(AuditLog.action == "birthday_corrected")
    assert committed_db.scalars(trail).all() == ["passport seen"]
    if kept:
        again = run(args=["portal", "correct-birthday", str(user_id), day, "--reason", "x"])
        assert again.exit_code == 1


def test_a_guardian_who_agrees_takes_the_place_of_what_was_only_said(db_session: Session, awa: User) -> None:
    fatou = proved()
    state_birthday(awa.id, date(2012, 3, 15), by=acting(awa))
    with pytest.raises(Conflict):
        name_guardian(awa.id, date(2009, 1, 1), "fatou@example.org", Relationship.PARENT, by=acting(awa))

    name_guardian(awa.id, date(2012, 3, 15), "fatou@example.org", Relationship.PARENT, by=acting(awa))

    profile = db_session.get_one(Profile, awa.id)
    assert (profile.date_of_birth, profile.stated_birthday) == (None, date(2012, 3, 15))
    agree(awa, fatou)
    assert (profile.date_of_birth, profile.stated_birthday) == (date(2012, 3, 15), None)


@pytest.mark.covers("PPL-04", "PPL-13")
@pytest.mark.parametrize(
    ("day", "left"),
    [(date(1990, 3, 15), RequestStatus.WITHDRAWN), (date(2011, 3, 15), RequestStatus.WAITING)],
)
def test_who_is_put_right_as_an_adult_asks_no_guardian_any_more(
    db_session: Session, awa: User, day: date, left: RequestStatus
) -> None:
    request = name(awa)
    correct_birthday(awa.id, day, reason="passport seen", by=SYSTEM)

    assert request.status is left
    assert queries.said_birthday_of(awa.id) == day
