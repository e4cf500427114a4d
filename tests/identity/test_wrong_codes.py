"""Wrong codes are bounded for a number over a day, whoever types them, and say nothing of who has an account."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config.values import CODE_SENDS, CODE_TRIES, WRONG_CODES_PER_DAY, value_of
from portal.identity.codes import CodeResult, check_code, issue_code
from portal.identity.models import SecurityEvent, UserSecurity
from portal.identity.wrong_codes import CLOSED_JOB, closed_until, tell_of_closed
from portal.kernel.errors import TooMany
from portal.kernel.models import OutboxEvent
from tests.harness.house import make_admin, send, sign_in
from tests.harness.moments import Clock
from tests.identity.doorway import GUEST, PHONE, last_code, open_account, sent_to

UNKNOWN, WRONG = "+221771234500", "no code"


@pytest.fixture(autouse=True)
def march(clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)


def new_code(phone: str = PHONE) -> UUID:
    return issue_code(phone, locale="fr-SN", by=GUEST).id


def guess_until_closed(clock: Clock, phone: str = PHONE) -> int:
    """Type wrong codes as fast as the other bounds allow; how many were compared."""
    tries = 0
    while closed_until(phone) is None:
        assert tries <= value_of(WRONG_CODES_PER_DAY)
        for _code in range(value_of(CODE_SENDS)):
            if closed_until(phone) is None:
                token = new_code(phone)
                results = [check_code(token, WRONG).result for _try in range(value_of(CODE_TRIES))]
                tries += sum(result in (CodeResult.WRONG, CodeResult.USED_UP) for result in results)
        clock.advance(minutes=61)
    return tries


def hear(session: Session) -> None:
    """Do what the worker does once a number is closed, twice."""
    payloads = session.scalars(select(OutboxEvent.payload).where(OutboxEvent.job == CLOSED_JOB)).all()
    for told in [*payloads, *payloads]:
        tell_of_closed(UUID(told["token_id"]), datetime.fromisoformat(told["until"]))


@pytest.mark.covers("ID-50", "ID-55")
def test_a_number_bears_so_many_wrong_codes_in_a_day_and_then_not_even_the_right_one(
    db_session: Session, clock: Clock
) -> None:
    open_account(email=None, phone=PHONE)

    assert guess_until_closed(clock) == value_of(WRONG_CODES_PER_DAY)

    with pytest.raises(TooMany) as refused:
        new_code()
    until = closed_until(PHONE)
    assert until is not None
    assert refused.value.retry_after == int((until - clock.now()).total_seconds())
    assert "Too many wrong codes for this number." in str(refused.value)
    clock.advance(seconds=refused.value.retry_after + 1)
    token = new_code()
    assert check_code(token, last_code()).result is CodeResult.RIGHT


def test_a_right_code_that_was_sent_before_the_door_closed_is_refused(
    db_session: Session, clock: Clock
) -> None:
    open_account(email=None, phone=PHONE)
    for _code in range(value_of(CODE_SENDS)):
        token = new_code()
        for _try in range(value_of(CODE_TRIES)):
            check_code(token, WRONG)
    clock.advance(minutes=61)
    waiting, digits = new_code(), last_code()
    other = new_code()
    for _try in range(value_of(CODE_TRIES)):
        check_code(other, WRONG)

    check = check_code(waiting, digits)

    assert (check.result, check.closed_until) == (CodeResult.CLOSED, closed_until(PHONE))


@pytest.mark.covers("ID-38", "ID-48")
def test_a_number_without_an_account_closes_exactly_like_one_with_an_account(
    app: Flask, db_session: Session, clock: Clock
) -> None:
    open_account(email=None, phone=PHONE)
    told = []
    for phone in (PHONE, UNKNOWN):
        guess_until_closed(clock, phone)
        browser = app.test_client()
        answer = send(browser, "/sign-in/code", {"phone": phone})
        sentence = re.findall(r"[^>]*wrong codes for this number[^<]*", answer.text)
        told.append((answer.status_code, sentence))

    assert told[0] == told[1]
    assert told[0][0] == 429
    assert len(told[0][1]) == 1
    jobs = db_session.scalars(select(OutboxEvent.job).where(OutboxEvent.job == CLOSED_JOB)).all()
    assert len(jobs) == 2


@pytest.mark.covers("ID-58")
def test_the_holder_hears_of_it_once_and_nobody_else(db_session: Session, clock: Clock) -> None:
    user = open_account(email=None, phone=PHONE)
    for phone in (PHONE, UNKNOWN):
        guess_until_closed(clock, phone)

    hear(db_session)

    events = db_session.scalars(select(SecurityEvent.user_id).filter_by(event_type="codes_closed")).all()
    assert events == [user.id]
    assert [len(sent_to(phone, "codes_closed")) for phone in (PHONE, UNKNOWN)] == [1, 0]


def test_a_right_code_lets_the_count_begin_anew(db_session: Session, clock: Clock) -> None:
    open_account(email=None, phone=PHONE)
    for _turn in range(2 * value_of(WRONG_CODES_PER_DAY) // (value_of(CODE_TRIES) - 1)):
        token = new_code()
        for _try in range(value_of(CODE_TRIES) - 1):
            assert check_code(token, WRONG).result is CodeResult.WRONG
        assert check_code(token, last_code()).result is CodeResult.RIGHT
        clock.advance(minutes=21)

    assert closed_until(PHONE) is None


@pytest.mark.covers("ID-54")
def test_staff_open_the_codes_of_a_number_again(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    user = open_account(email=None, phone=PHONE)
    guess_until_closed(clock)
    hear(db_session)
    db_session.commit()
    sign_in(client, make_admin())
    assert "/lock/open" in client.get(f"/admin/users/{user.id}").text

    assert send(client, f"/admin/users/{user.id}/lock/open").status_code == 303

    assert closed_until(PHONE) is None
    assert db_session.scalars(select(UserSecurity.locked_until)).first() is None
    assert check_code(new_code(), last_code()).result is CodeResult.RIGHT
