"""Wrong codes are bounded for a number over a day, whoever types them; they keep nobody out, and tell nothing."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config.services import set_value
from portal.config.values import (
    CODE_DIGITS,
    CODE_SENDS,
    CODE_TRIES,
    GUARDED_DIGITS,
    WRONG_CODES_PER_DAY,
    value_of,
)
from portal.identity.codes import CodeResult, check_code, issue_code
from portal.identity.models import SecurityEvent, UserSecurity, VerificationToken
from portal.identity.wrong_codes import GUARDED_JOB, is_guarded, tell_of_guarded
from portal.kernel.actor import SYSTEM
from portal.kernel.errors import TooMany
from portal.kernel.models import OutboxEvent
from tests.harness.house import send
from tests.harness.moments import Clock
from tests.identity.doorway import GUEST, PHONE, last_code, open_account, sent_to

UNKNOWN, WRONG = "+221771234500", "no code"
COMPARED = (CodeResult.WRONG, CodeResult.USED_UP)


@pytest.fixture(autouse=True)
def march(clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)


def new_code(phone: str = PHONE) -> UUID:
    return issue_code(phone, locale="fr-SN", by=GUEST).id


def guess(clock: Clock, phone: str = PHONE, *, hours: int = 2) -> int:
    """Type short wrong codes as fast as the other bounds allow; how many were compared with a code."""
    compared = 0
    for _hour in range(hours):
        for _code in range(value_of(CODE_SENDS)):
            token = new_code(phone)
            results = [check_code(token, WRONG).result for _try in range(value_of(CODE_TRIES))]
            compared += sum(result in COMPARED for result in results)
        clock.advance(minutes=61)
    return compared


def hear(session: Session) -> None:
    """Do what the worker does once a number is guarded, twice."""
    payloads = session.scalars(select(OutboxEvent.payload).where(OutboxEvent.job == GUARDED_JOB)).all()
    for told in [*payloads, *payloads]:
        tell_of_guarded(UUID(told["token_id"]))


@pytest.mark.covers("ID-50", "ID-55")
def test_of_a_day_so_many_short_codes_are_compared_and_no_more(db_session: Session, clock: Clock) -> None:
    open_account(email=None, phone=PHONE)

    assert guess(clock, hours=23) == value_of(WRONG_CODES_PER_DAY)

    assert is_guarded(PHONE)
    clock.advance(hours=25)
    assert not is_guarded(PHONE)
    assert guess(clock, hours=23) == value_of(WRONG_CODES_PER_DAY)


@pytest.mark.covers("ID-38", "ID-50")
def test_a_stranger_who_types_wrong_codes_keeps_nobody_out(client: FlaskClient, clock: Clock) -> None:
    open_account(email=None, phone=PHONE)
    lengths = set()
    for _half_day in range(5):
        guess(clock, hours=12)

        send(client, "/sign-in/code", {"phone": PHONE})
        digits = last_code()
        lengths.add(len(digits))
        entered = send(client, "/sign-in/code/enter", {"code": f"{digits[:5]} {digits[5:]}"})

        assert (entered.status_code, client.get("/security").status_code) == (303, 200)
        assert send(client, "/sign-out").status_code == 303
        clock.advance(minutes=61)
    assert value_of(GUARDED_DIGITS) in lengths


@pytest.mark.covers("ID-50")
def test_a_short_code_that_was_sent_before_counts_no_more_and_the_page_says_what_to_do(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    open_account(email=None, phone=PHONE)
    for _code in range(value_of(CODE_SENDS)):
        token = new_code()
        for _try in range(value_of(CODE_TRIES)):
            check_code(token, WRONG)
    clock.advance(minutes=61)
    send(client, "/sign-in/code", {"phone": PHONE})
    digits = last_code()
    assert len(digits) == value_of(CODE_DIGITS)
    other = new_code()
    for _try in range(value_of(CODE_TRIES)):
        check_code(other, WRONG)

    refused = send(client, "/sign-in/code/enter", {"code": digits})

    assert refused.status_code == 422
    assert "only codes of 10 digits count for now" in refused.text
    send(client, "/sign-in/code/again")
    assert send(client, "/sign-in/code/enter", {"code": last_code()}).status_code == 303


@pytest.mark.covers("ID-50")
def test_how_many_digits_a_code_has_is_said_by_the_operator(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    open_account(email=None, phone=PHONE)
    for key, digits in (("identity.code_digits", 8), ("identity.guarded_digits", 12)):
        set_value(key, str(digits), by=SYSTEM)
    send(client, "/sign-in/code", {"phone": PHONE})
    digits = last_code()
    assert len(digits) == 8

    slip = send(client, "/sign-in/code/enter", {"code": digits[:6]})

    assert "A digit of the code is missing, or one is too many." in slip.text
    assert db_session.scalars(select(VerificationToken.attempts)).all() == [0], "a slip costs no try"
    assert send(client, "/sign-in/code/enter", {"code": digits}).status_code == 303
    clock.advance(minutes=61)
    guess(clock)
    new_code()
    assert len(last_code()) == 12


@pytest.mark.covers("ID-50")
def test_a_long_code_bears_few_tries_as_well(db_session: Session, clock: Clock) -> None:
    open_account(email=None, phone=PHONE)
    guess(clock)
    token = new_code()
    wrong = WRONG.ljust(value_of(GUARDED_DIGITS))

    results = [check_code(token, wrong).result for _try in range(value_of(CODE_TRIES))]

    assert results == [*[CodeResult.WRONG] * (value_of(CODE_TRIES) - 1), CodeResult.USED_UP]
    assert check_code(token, last_code()).result is CodeResult.USED_UP


@pytest.mark.covers("ID-50")
def test_a_right_code_gives_a_stranger_no_more_tries(db_session: Session, clock: Clock) -> None:
    open_account(email=None, phone=PHONE)
    compared = 0
    for _time in range(10):
        compared += guess(clock, hours=1)
        assert check_code(new_code(), last_code()).result is CodeResult.RIGHT
        clock.advance(minutes=61)

    assert compared <= value_of(WRONG_CODES_PER_DAY)


def test_right_codes_alone_lengthen_nothing(db_session: Session, clock: Clock) -> None:
    open_account(email=None, phone=PHONE)
    for _time in range(value_of(WRONG_CODES_PER_DAY) + 2):
        token = new_code()
        assert len(last_code()) == value_of(CODE_DIGITS)
        assert check_code(token, last_code()).result is CodeResult.RIGHT
        clock.advance(minutes=21)


@pytest.mark.covers("ID-38", "ID-48")
def test_a_number_without_an_account_is_guarded_exactly_like_one_with_an_account(
    app: Flask, db_session: Session, clock: Clock
) -> None:
    open_account(email=None, phone=PHONE)
    told = []
    for phone in (PHONE, UNKNOWN):
        guess(clock, phone)
        browser = app.test_client()
        asked = send(browser, "/sign-in/code", {"phone": phone})
        answer = send(browser, "/sign-in/code/enter", {"code": "123456"})
        sentences = re.findall(r"[^>]*wrong codes were typed for this number[^<]*", answer.text)
        told.append((asked.status_code, answer.status_code, sentences, len(last_code(phone))))

    assert told[0] == told[1]
    assert told[0][:2] == (303, 422)
    assert told[0][2], "it says why"
    jobs = db_session.scalars(select(OutboxEvent.job).where(OutboxEvent.job == GUARDED_JOB)).all()
    assert len(jobs) == 2


@pytest.mark.covers("ID-58")
def test_the_holder_hears_of_it_once_a_day_and_nobody_else(db_session: Session, clock: Clock) -> None:
    user = open_account(email=None, phone=PHONE)
    for phone in (PHONE, UNKNOWN):
        guess(clock, phone, hours=6)
    hear(db_session)
    events = select(SecurityEvent.user_id).filter_by(event_type="codes_guarded")
    assert db_session.scalars(events).all() == [user.id]
    assert [len(sent_to(phone, "codes_guarded")) for phone in (PHONE, UNKNOWN)] == [1, 0]
    assert db_session.scalars(select(UserSecurity.locked_until)).first() is None, "nothing is locked"

    clock.advance(hours=30)
    guess(clock)
    hear(db_session)

    assert db_session.scalars(events).all() == [user.id, user.id]


def use_up_the_sends() -> None:
    """What a stranger can: ask for codes to somebody's number until no more are sent."""
    for _code in range(value_of(CODE_SENDS)):
        new_code()
    with pytest.raises(TooMany):
        new_code()


@pytest.mark.covers("ID-50", "ID-57")
def test_a_device_that_the_holder_has_signed_in_from_has_sends_of_its_own(
    app: Flask, client: FlaskClient, clock: Clock
) -> None:
    open_account(email=None, phone=PHONE)
    send(client, "/sign-in/code", {"phone": PHONE})
    assert send(client, "/sign-in/code/enter", {"code": last_code()}).status_code == 303
    send(client, "/sign-out")
    clock.advance(minutes=61)
    use_up_the_sends()

    assert send(app.test_client(), "/sign-in/code", {"phone": PHONE}).status_code == 429
    assert send(client, "/sign-in/code", {"phone": PHONE}).status_code == 303
    assert send(client, "/sign-in/code/enter", {"code": last_code()}).status_code == 303

    # Its own have an end too, and another's number is strange to it.
    send(client, "/sign-out")
    for _code in range(value_of(CODE_SENDS) - 1):
        assert send(client, "/sign-in/code", {"phone": PHONE}).status_code == 303
    assert send(client, "/sign-in/code", {"phone": PHONE}).status_code == 429
    for _code in range(value_of(CODE_SENDS)):
        new_code(UNKNOWN)
    assert send(client, "/sign-in/code", {"phone": UNKNOWN}).status_code == 429


@pytest.mark.covers("ID-50")
def test_whoever_is_signed_in_can_prove_it_while_a_stranger_asks_for_codes(
    client: FlaskClient, clock: Clock
) -> None:
    open_account(email=None, phone=PHONE)
    send(client, "/sign-in/code", {"phone": PHONE})
    send(client, "/sign-in/code/enter", {"code": last_code()})
    clock.advance(minutes=61)
    use_up_the_sends()

    assert send(client, "/security/confirm/code/sending").status_code == 303
