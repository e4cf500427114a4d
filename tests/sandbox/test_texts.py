"""Text messages, through the portal's own client: sent, refused, receipted, read on the page."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests

from portal.gateways.sms import (
    SmsRefused,
    SmsState,
    SmsUnavailable,
    SmsUnknownOutcome,
    TwilioSms,
    form_signature_ok,
    read_receipt,
)
from tests.sandbox.running import ACCOUNT_SID, AUTH_TOKEN, Receiver, RunningSandbox

AWA = "+221771234567"


def texts(sandbox: RunningSandbox, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sandbox.control("GET", f"/sms{query}")["messages"]
    return found


def test_a_text_is_taken_and_can_be_read(sandbox: RunningSandbox) -> None:
    receipt = sandbox.sms().send(AWA, "Votre code est 123456 — à bientôt")
    assert receipt.sid.startswith("SM")
    assert receipt.state is SmsState.ACCEPTED
    (kept,) = texts(sandbox)
    assert (kept["to"], kept["from"], kept["body"]) == (AWA, "Teranga", "Votre code est 123456 — à bientôt")
    assert kept["sid"] == receipt.sid


def test_receipts_are_signed_and_tell_how_far_the_text_got(
    sandbox: RunningSandbox, receiver: Receiver
) -> None:
    callback = f"{receiver.url}?m=42"
    sent = sandbox.sms().send(AWA, "Bonjour", status_callback=callback)
    states = []
    for _ in range(2):
        delivery = receiver.next()
        fields = parse_qsl(delivery.body.decode())
        assert form_signature_ok(delivery.headers["X-Twilio-Signature"], AUTH_TOKEN, callback, fields)
        receipt = read_receipt(dict(fields))
        assert receipt is not None
        assert receipt.sid == sent.sid
        states.append(receipt.state)
    assert states == [SmsState.SENT, SmsState.DELIVERED]


def test_a_text_can_end_undelivered_with_a_reason(sandbox: RunningSandbox, receiver: Receiver) -> None:
    sandbox.arm("sms.create", "outcome", final="undelivered", error_code=30003, match={"To": AWA})
    sandbox.sms().send(AWA, "Bonjour", status_callback=receiver.url)
    receiver.next()
    receipt = read_receipt(dict(parse_qsl(receiver.next().body.decode())))
    assert receipt is not None
    assert (receipt.state, receipt.error_code) == (SmsState.FAILED, 30003)


@pytest.mark.parametrize(("to", "body", "code"), [("77 123 45 67", "Bonjour", 21211), ("", "Bonjour", 21211)])
def test_a_number_that_is_none_is_refused_for_good(
    sandbox: RunningSandbox, to: str, body: str, code: int
) -> None:
    with pytest.raises(SmsRefused) as refused:
        sandbox.sms().send(to, body)
    assert refused.value.code == code


@pytest.mark.parametrize("body", ["", "x" * 1601])
def test_a_text_of_no_or_too_many_characters_is_not_sent(sandbox: RunningSandbox, body: str) -> None:
    with pytest.raises(SmsRefused):
        sandbox.sms().send(AWA, body)
    assert texts(sandbox) == []


def test_somebody_who_answered_stop_is_recognised(sandbox: RunningSandbox) -> None:
    sandbox.arm("sms.create", "error", status=400, code="21610", message="Attempt to send to unsubscribed")
    with pytest.raises(SmsRefused) as refused:
        sandbox.sms().send(AWA, "Bonjour")
    assert refused.value.code == 21610


def test_too_many_texts_and_wrong_credentials_are_reasons_to_try_again(sandbox: RunningSandbox) -> None:
    sandbox.arm("sms.create", "throttle", retry_after=9)
    with pytest.raises(SmsUnavailable) as throttled:
        sandbox.sms().send(AWA, "Bonjour")
    assert throttled.value.retry_after == 9
    with pytest.raises(SmsUnavailable) as unknown:
        sandbox.sms(auth_token="wrong").send(AWA, "Bonjour")
    assert unknown.value.code == 20003
    nobody = TwilioSms("http://127.0.0.1:1", ACCOUNT_SID, AUTH_TOKEN, "Teranga")
    with pytest.raises(SmsUnavailable, match="no connection"):
        nobody.send(AWA, "Bonjour")


@pytest.mark.parametrize(
    ("kind", "details"),
    [("error", {"status": 500}), ("timeout", {"seconds": 30}), ("cut", {}), ("garbage", {}), ("empty", {})],
)
def test_a_lost_answer_leaves_open_whether_the_text_was_sent(
    sandbox: RunningSandbox, kind: str, details: dict[str, Any]
) -> None:
    sandbox.arm("sms.create", kind, moment="after", **details)
    with pytest.raises(SmsUnknownOutcome):
        sandbox.sms(read=0.5).send(AWA, "Bonjour")
    assert len(texts(sandbox)) == 1


def test_a_messaging_service_can_be_the_sender(sandbox: RunningSandbox) -> None:
    service = TwilioSms(sandbox.url, ACCOUNT_SID, AUTH_TOKEN, "MG00000000000000000000000000000001")
    assert service.send(AWA, "Bonjour").status == "accepted"


def test_a_text_can_be_looked_up_by_its_number_at_twilio(sandbox: RunningSandbox) -> None:
    sid = sandbox.sms().send(AWA, "Bonjour").sid
    path = f"{sandbox.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/{sid}.json"
    found = requests.get(path, auth=(ACCOUNT_SID, AUTH_TOKEN), timeout=20).json()
    assert (found["status"], found["to"], found["direction"]) == ("delivered", AWA, "outbound-api")
    assert requests.get(path, timeout=20).status_code == 401


def test_the_page_shows_the_newest_first_and_can_be_searched(sandbox: RunningSandbox) -> None:
    for number in range(60):
        sandbox.sms().send(f"+2217700000{number:02}", f"<b>message {number}</b>")
    page = requests.get(f"{sandbox.url}/sms", timeout=20).text
    assert page.index("message 59&lt;") < page.index("message 58&lt;")
    assert "message 9&lt;" not in page
    assert "<b>message" not in page
    older = requests.get(
        f"{sandbox.url}/sms?before={texts(sandbox, '?limit=50')[-1]['number']}", timeout=20
    ).text
    assert "message 9&lt;" in older
    found = requests.get(f"{sandbox.url}/sms?q=message+7%3C", timeout=20).text
    assert "message 7&lt;" in found
    assert "message 8&lt;" not in found
    assert [text["body"] for text in texts(sandbox, "?to=%2B221770000003")] == ["<b>message 3</b>"]


def test_signs_that_sqlite_reads_as_wildcards_are_searched_as_themselves(sandbox: RunningSandbox) -> None:
    sandbox.sms().send(AWA, "remise de 10%_!")
    sandbox.sms().send(AWA, "remise de 100 francs")
    assert len(texts(sandbox, "?q=10%25_")) == 1
