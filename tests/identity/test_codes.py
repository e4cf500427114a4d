"""One-time codes by SMS."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.config.limit_values import TEXT_COUNTRIES
from portal.config.models import SystemConfig
from portal.config.services import set_value
from portal.config.values import CODE_SENDS, CODE_SENDS_TO_STRANGERS, CODE_TRIES, CODES_PER_DAY, value_of
from portal.identity.administration import suspend_user
from portal.identity.attempts import Reason
from portal.identity.codes import CodeResult, check_code, issue_code
from portal.identity.entry import Door
from portal.identity.models import DeviceRegistration, LoginAttempt, User, UserSession, VerificationToken
from portal.identity.sessions import cookie_name
from portal.identity.signing_in import sign_in_with_code
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.crypto import keyed_hash
from portal.kernel.db import in_transaction
from portal.kernel.errors import InvalidInput, TooMany
from portal.notifications.models import Channel
from tests.harness.house import send
from tests.harness.moments import Clock
from tests.identity.doorway import GUEST, PHONE, last_code, open_account, sent_to

TYPED = "77 123 45 67"


def new_code(phone: str = PHONE) -> VerificationToken:
    return issue_code(phone, locale="fr-SN", by=GUEST)


def token_row(session: Session) -> VerificationToken:
    session.expire_all()
    return session.execute(
        select(VerificationToken).order_by(VerificationToken.created_at.desc()).limit(1)
    ).scalar_one()


def wrong_for(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.mark.covers("ID-36", "ID-38", "ID-39", "ID-50")
def test_a_known_number_comes_in_with_the_code(client: FlaskClient, db_session: Session) -> None:
    user = open_account("Moussa Sarr", email=None, phone=PHONE)

    asked = send(client, "/sign-in/code", {"phone": TYPED, "next": "/settings"})
    assert (asked.status_code, asked.location) == (303, "/sign-in/code/enter")
    assert "77\u00a0123\u00a045\u00a067" in client.get(asked.location).text
    code = last_code()
    answer = send(client, "/sign-in/code/enter", {"code": f" {code[:3]} {code[3:]} "})

    assert (answer.status_code, answer.location) == (303, "/settings")
    assert client.get_cookie(cookie_name()) is not None
    db_session.expire_all()
    assert db_session.get_one(User, user.id).last_login_at is not None
    attempt = db_session.execute(select(LoginAttempt)).scalar_one()
    assert (attempt.identifier, attempt.user_id, attempt.reason) == (PHONE, user.id, Reason.SIGNED_IN)


@pytest.mark.covers("ID-50")
def test_the_code_goes_out_once_by_sms_and_is_kept_as_a_keyed_hash(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    send(client, "/sign-in/code", {"phone": TYPED})

    (message,) = sent_to(PHONE, "sign_in_code")
    assert message.channel is Channel.SMS
    code = last_code()
    assert re.fullmatch(r"\d{6}", code)
    row = token_row(db_session)
    assert code not in str(
        {key: value for key, value in vars(row).items() if not key.startswith("_")}.values()
    )
    key = app.config["SETTINGS"].secret_key
    assert row.token_hash == keyed_hash(f"{row.id}:{code}", key, "verification_tokens")
    with client.session_transaction() as session:
        assert code not in str(dict(session))


@pytest.mark.covers("ID-38")
def test_nothing_tells_a_known_number_from_an_unknown_one(
    client: FlaskClient, app: Flask, db_session: Session
) -> None:
    open_account("Moussa Sarr", email=None, phone="77 123 45 68")
    told = []
    for phone in ("77 123 45 68", "77 123 45 69"):
        browser = app.test_client()
        browser.environ_base["REMOTE_ADDR"] = f"192.0.2.{phone[-2:]}"
        asked = send(browser, "/sign-in/code", {"phone": phone})
        page = browser.get(asked.location).text
        wrong = wrong_for(last_code("+221" + phone.replace(" ", "")))
        answers = [send(browser, "/sign-in/code/enter", {"code": wrong}) for _ in range(6)]
        told.append(
            [
                asked.status_code,
                asked.location,
                _neutral(page),
                *[(a.status_code, _neutral(a.text)) for a in answers],
            ]
        )

    assert told[0] == told[1]


def _neutral(page: str) -> str:
    """The page without what differs between any two visits."""
    page = re.sub(r"77.123.45.6[89]", "PHONE", page)
    return re.sub(r'"[\w.-]{60,}"|X-CSRFToken": "[^"]*', "TOKEN", page)


@pytest.mark.covers("ID-50")
def test_a_code_has_five_tries_and_says_how_many_are_left(client: FlaskClient, db_session: Session) -> None:
    open_account("Moussa Sarr", email=None, phone=PHONE)
    send(client, "/sign-in/code", {"phone": TYPED})
    code = last_code()

    answers = [send(client, "/sign-in/code/enter", {"code": wrong_for(code)}) for _ in range(5)]
    right_too_late = send(client, "/sign-in/code/enter", {"code": code})

    assert {answer.status_code for answer in (*answers, right_too_late)} == {422}
    assert [left for answer in answers if (left := re.search(r"field__error.*?(\d) ", answer.text, re.S))]
    assert token_row(db_session).attempts == 5
    assert client.get_cookie(cookie_name()) is None
    counted = db_session.execute(select(func.count()).where(LoginAttempt.reason == Reason.WRONG_CODE))
    assert counted.scalar_one() == 6


@pytest.mark.covers("ID-50")
def test_a_code_works_for_ten_minutes_and_once(db_session: Session, clock: Clock) -> None:
    open_account("Moussa Sarr", email=None, phone=PHONE)
    clock.travel(2026, 3, 1, 12)
    token = new_code()
    code = last_code()
    clock.advance(minutes=10)
    assert sign_in_with_code(token.id, code, by=GUEST).door is Door.EXPIRED

    token = new_code()
    code = last_code()
    clock.advance(minutes=9, seconds=59)
    assert sign_in_with_code(token.id, code, by=GUEST).door is Door.OPEN
    assert sign_in_with_code(token.id, code, by=GUEST).door is Door.EXPIRED


@pytest.mark.covers("ID-50")
def test_a_new_code_replaces_the_one_before(client: FlaskClient, db_session: Session) -> None:
    open_account("Moussa Sarr", email=None, phone=PHONE)
    send(client, "/sign-in/code", {"phone": TYPED})
    first, first_code = token_row(db_session), last_code()

    assert send(client, "/sign-in/code/again").location == "/sign-in/code/enter"

    assert len(sent_to(PHONE, "sign_in_code")) == 2
    assert check_code(first.id, first_code).result is CodeResult.EXPIRED
    assert send(client, "/sign-in/code/enter", {"code": last_code()}).status_code == 303


@pytest.mark.covers("ID-50")
def test_a_number_gets_three_codes_an_hour(client: FlaskClient, db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)
    send(client, "/sign-in/code", {"phone": TYPED})
    clock.advance(minutes=20)
    send(client, "/sign-in/code/again")
    send(client, "/sign-in/code", {"phone": "+221771234567"})

    refused = send(client, "/sign-in/code", {"phone": TYPED})
    again = send(client, "/sign-in/code/again")

    assert (refused.status_code, again.status_code, again.location) == (429, 303, "/sign-in/code/enter")
    # The code sent last still works, so its page stays.
    assert "40 minutes" in client.get("/sign-in/code/enter").text
    assert int(refused.headers["Retry-After"]) == 40 * 60
    assert "40 minutes" in refused.text
    assert len(sent_to(PHONE, "sign_in_code")) == 3
    clock.advance(minutes=40)
    assert send(client, "/sign-in/code", {"phone": TYPED}).status_code == 303


@pytest.mark.covers("ID-50")
def test_operators_change_tries_and_sends(db_session: Session) -> None:
    for setting, value in ((CODE_TRIES, 2), (CODE_SENDS, 1)):
        db_session.add(
            SystemConfig(
                config_key=setting.key, config_value=value, data_type=setting.data_type, description=""
            )
        )
    db_session.flush()
    db_session().info.pop("system_config", None)
    token = new_code()
    wrong = wrong_for(last_code())

    assert [check_code(token.id, wrong).result for _ in range(2)] == [CodeResult.WRONG, CodeResult.USED_UP]
    with pytest.raises(TooMany):
        new_code()


@pytest.mark.covers("ID-50")
def test_many_wrong_tries_at_once_never_count_more_than_five(app: Flask, committed_db: Session) -> None:
    token_id: UUID = in_transaction(lambda: new_code().id)
    code = last_code()
    tries = [f"{(int(code) + number) % 1_000_000:06d}" for number in range(1, 61)]

    def guess(typed: str) -> Door:
        with app.app_context():
            return in_transaction(lambda: sign_in_with_code(token_id, typed, by=GUEST).door)

    with ThreadPoolExecutor(8) as pool:
        doors = list(pool.map(guess, tries))

    assert doors.count(Door.WRONG) == 4
    assert doors.count(Door.USED_UP) == 56
    assert token_row(committed_db).attempts == 5
    assert guess(code) is Door.USED_UP


@pytest.mark.covers("ID-50", "ID-38")
def test_two_hands_with_one_right_code_open_one_session(app: Flask, committed_db: Session) -> None:
    in_transaction(lambda: open_account("Moussa Sarr", email=None, phone=PHONE))
    token_id: UUID = in_transaction(lambda: new_code().id)
    code = last_code()

    def enter(_number: int) -> Door:
        with app.app_context():
            return in_transaction(lambda: sign_in_with_code(token_id, code, by=GUEST).door)

    with ThreadPoolExecutor(2) as pool:
        doors = list(pool.map(enter, range(2)))

    assert sorted(doors) == [Door.EXPIRED, Door.OPEN]
    assert committed_db.execute(select(func.count()).select_from(UserSession)).scalar_one() == 1


def test_many_requests_at_once_send_three_codes(app: Flask, committed_db: Session) -> None:
    def ask(_number: int) -> bool:
        with app.app_context():
            try:
                in_transaction(new_code)
            except TooMany:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(ask, range(16)))

    assert sum(sent) == 3
    assert len(sent_to(PHONE, "sign_in_code")) == 3


@pytest.mark.covers("ID-08")
def test_a_closed_account_stays_outside_with_a_right_code(client: FlaskClient, db_session: Session) -> None:
    user = open_account("Moussa Sarr", email=None, phone=PHONE)
    suspend_user(user.id, reason="test", by=SYSTEM)
    send(client, "/sign-in/code", {"phone": TYPED})

    answer = send(client, "/sign-in/code/enter", {"code": last_code()})

    assert answer.status_code == 422
    assert client.get_cookie(cookie_name()) is None


@pytest.mark.covers("SEC-07")
@pytest.mark.parametrize(
    "phone",
    ["", "12", "abc", "+999123", "77 123 45 67" * 10, "77\x001234567", "<script>", "'; DROP TABLE users"],
)
def test_what_is_no_number_gets_no_code(client: FlaskClient, db_session: Session, phone: str) -> None:
    assert send(client, "/sign-in/code", {"phone": phone}).status_code == 422
    assert db_session.execute(select(func.count()).select_from(VerificationToken)).scalar_one() == 0


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "123456\n; DROP", "\x00" * 6, "1" * 9000]
)
def test_what_is_no_code_costs_no_try(client: FlaskClient, db_session: Session, code: str) -> None:
    send(client, "/sign-in/code", {"phone": TYPED})

    assert send(client, "/sign-in/code/enter", {"code": code}).status_code == 422
    assert token_row(db_session).attempts == 0


def test_a_code_of_another_browser_is_no_use(client: FlaskClient, app: Flask, db_session: Session) -> None:
    open_account("Moussa Sarr", email=None, phone=PHONE)
    send(client, "/sign-in/code", {"phone": TYPED})
    code = last_code()
    stranger = app.test_client()

    assert send(stranger, "/sign-in/code/enter", {"code": code}).location == "/sign-in/code"
    assert send(stranger, "/sign-in/code/again").location == "/sign-in/code"
    assert stranger.get_cookie(cookie_name()) is None


def test_one_address_asks_for_twenty_codes_an_hour(client: FlaskClient, db_session: Session) -> None:
    answers = [send(client, "/sign-in/code", {"phone": f"77 123 4{number:02d} 00"}) for number in range(41)]

    assert 429 in {answer.status_code for answer in answers}
    assert db_session.execute(select(func.count()).select_from(VerificationToken)).scalar_one() <= 40


def test_the_code_speaks_the_language_of_the_page(client: FlaskClient, db_session: Session) -> None:
    client.set_cookie("language", "en")
    send(client, "/sign-in/code", {"phone": TYPED})

    assert "your Teranga code" in sent_to(PHONE, "sign_in_code")[-1].body


def test_an_erased_row_of_a_code_is_an_expired_code(db_session: Session) -> None:
    token_id = new_code().id
    code = last_code()
    db_session.execute(delete(VerificationToken))
    db_session.expire_all()

    assert sign_in_with_code(token_id, code, by=GUEST).door is Door.EXPIRED


@pytest.mark.parametrize("phone", ["+449098790000", "+979123456789", "+881612345678", "33 821 00 00"])
def test_numbers_that_cost_much_or_get_no_texts_get_no_code(db_session: Session, phone: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        new_code(phone)
    assert refused.value.field == "phone"
    assert db_session.scalar(select(func.count()).select_from(VerificationToken)) == 0


def test_operators_choose_the_countries_that_get_codes(db_session: Session) -> None:
    assert new_code("+33612345678")
    set_value(TEXT_COUNTRIES.key, "SN GM", by=SYSTEM)

    assert new_code(PHONE)
    with pytest.raises(InvalidInput):
        new_code("+33612345679")
    for wrong in ("", "sn", "SN,FR", "France", "* SN"):
        with pytest.raises(InvalidInput):
            set_value(TEXT_COUNTRIES.key, wrong, by=SYSTEM)


def test_there_is_an_end_to_the_codes_of_a_day(db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)
    set_value(CODES_PER_DAY.key, 10, by=SYSTEM)
    for number in range(10):
        new_code(f"+22177123450{number}")

    for _once_more in range(2):
        with pytest.raises(TooMany) as refused, db_session.begin_nested():
            new_code("+221771234599")
        assert refused.value.retry_after == 12 * 3600
    clock.travel(2026, 3, 1, 23, 59, 59)
    with pytest.raises(TooMany), db_session.begin_nested():
        new_code("+221771234599")
    clock.advance(seconds=1)
    assert new_code("+221771234599")


def test_many_requests_at_once_take_no_more_than_the_codes_of_a_day(
    app: Flask, committed_db: Session, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    in_transaction(lambda: set_value(CODES_PER_DAY.key, 10, by=SYSTEM))

    def ask(number: int) -> bool:
        with app.app_context():
            try:
                in_transaction(lambda: new_code(f"+2217712345{number:02d}"))
            except TooMany:
                return False
            return True

    contexts = [copy_context() for _number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(lambda pair: pair[1].run(ask, pair[0]), enumerate(contexts)))

    assert sum(sent) == 10
    assert committed_db.scalar(select(func.count()).select_from(VerificationToken)) == 10


def from_network(address: str, *, device_id: UUID | None = None) -> bool:
    """Whether a code is sent to the number of the tests for somebody who asks from there."""
    stranger = Actor(ip=address, user_agent="tests")
    with suppress(TooMany):
        return bool(issue_code(PHONE, locale="fr-SN", device_id=device_id, by=stranger))
    return False


@pytest.mark.covers("ID-50")
def test_one_network_cannot_use_up_the_codes_of_a_number(db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)
    strangers = ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:7::3", "2001:db8::4"]

    # One household is one network, whichever of its addresses asks.
    assert [from_network(address) for address in strangers] == [True, True, True, False]
    # Its holder has a code on a new device elsewhere, and all strangers together have an end.
    assert [from_network("192.0.2.7") for _code in range(2)] == [True, True]
    assert [from_network(f"198.51.100.{number}") for number in range(3)] == [True, False, False]

    hashes = db_session.scalars(select(VerificationToken.network_hash).distinct()).all()
    assert len(hashes) == 3
    assert not any("2001" in (one or "") or "192.0" in (one or "") for one in hashes)
    clock.advance(minutes=61)
    assert from_network("2001:db8::1")


def test_what_strangers_use_up_is_not_what_the_holders_devices_have(
    db_session: Session, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    holder = open_account("Moussa Sarr", email=None, phone=PHONE)
    device = DeviceRegistration(user_id=holder.id, name="Firefox", fingerprint="a" * 64)
    db_session.add(device)
    db_session.flush()
    strangers = value_of(CODE_SENDS_TO_STRANGERS)
    assert sum(from_network(f"192.0.2.{number}") for number in range(20)) == strangers

    own = [from_network("192.0.2.1", device_id=device.id) for _code in range(4)]

    assert own == [True, True, True, False]
