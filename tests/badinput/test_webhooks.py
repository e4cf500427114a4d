"""Messages at the doors of providers: unsigned, too large, deep, doubled. A refusal leaves no trace."""

from __future__ import annotations

import json
from typing import Any

import pytest

from portal.gateways.sms import SIGNATURE_HEADER, signature
from portal.gateways.wave.signature import HEADER, signed_header
from portal.gateways.wave.webhooks import MAX_BODY_BYTES
from portal.kernel import clock
from tests.badinput.hostile import NUL, SCRIPT, SQL
from tests.badinput.judging import complaints
from tests.badinput.trying import Trial, Tried

_GOOD = {"id": "EV_good", "type": "test.test_event", "data": {"id": "x"}}
_REFUSED = {400, 401, 403, 413}

SIGNED_NONSENSE: dict[str, bytes] = {
    "nothing": b"",
    "a list": b"[]",
    "a text": b'"x"',
    "a number": b"5",
    "null": b"null",
    "half of it": json.dumps(_GOOD).encode()[:-3],
    "no id": b'{"type": "x", "data": {}}',
    "a number for an id": b'{"id": 5, "type": "x", "data": {}}',
    "an id without end": json.dumps(_GOOD | {"id": "x" * 101}).encode(),
    "a type without end": json.dumps(_GOOD | {"type": "x" * 51}).encode(),
    "a list for data": b'{"id": "EV", "type": "x", "data": []}',
    "NUL": json.dumps(_GOOD | {"data": {"x": NUL}}).encode(),
    "half a sign": b'{"id": "EV", "type": "x", "data": {"x": "\\ud800"}}',
    "bytes that are no text": b'{"id": "EV", "type": "x", "data": {"x": "\xff"}}',
    "not a number": b'{"id": "EV", "type": "x", "data": {"x": NaN}}',
    "infinity": b'{"id": "EV", "type": "x", "data": {"x": Infinity}}',
    "deep": b'{"id": "EV", "type": "x", "data": {"x": ' + b"[" * 30_000 + b"]" * 30_000 + b"}}",
    "another encoding": json.dumps(_GOOD).encode("utf-16"),
    "a form": b"id=EV&type=x",
}
# What JSON allows, and what we keep as it came.
SIGNED_ODD: dict[str, bytes] = {
    "a name twice": b'{"id": "EV_a", "id": "EV_b", "type": "x", "data": {}, "data": {"y": 1}}',
    "a number of a thousand digits": b'{"id": "EV_n", "type": "x", "data": {"x": ' + b"9" * 1_000 + b"}}",
    "an exponent": b'{"id": "EV_e", "type": "x", "data": {"x": 1e300}}',
    "a script": json.dumps(_GOOD | {"id": "EV_s", "type": SCRIPT[:50], "data": {"x": SQL}}).encode(),
}


def _wave(trial: Trial, body: bytes, header: str | None, **options: Any) -> Tried:
    headers = {} if header is None else {HEADER: header}
    return trial.ask("POST", "/webhooks/wave", data=body, headers=headers, **options)


def _signed(trial: Trial, body: bytes) -> str:
    return signed_header(trial.app.config["SETTINGS"].wave_webhook_secrets, body, clock.now())


@pytest.mark.covers("DON-21")
@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "x",
        "t=,v1=",
        "t=1,v1=x",
        "t=" + "9" * 5_000 + ",v1=x",
        "v1=x",
        "t=-1,v1=x",
        "t=1e9,v1=\xff",
        SCRIPT,
    ],
)
def test_a_message_without_waves_signature_leaves_no_trace(trial: Trial, header: str | None) -> None:
    tried = _wave(trial, json.dumps(_GOOD).encode(), header)

    assert (tried.status, tried.answer.get_data(), tried.changed) == (401, b"", set())


@pytest.mark.covers("DON-21")
@pytest.mark.parametrize("kind", SIGNED_NONSENSE)
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "image/png"])
def test_a_signed_message_that_is_no_event_leaves_no_trace(
    trial: Trial, kind: str, content_type: str
) -> None:
    body = SIGNED_NONSENSE[kind]

    tried = _wave(trial, body, _signed(trial, body), content_type=content_type)

    assert (tried.status, tried.answer.get_data(), tried.changed) == (400, b"", set())


@pytest.mark.parametrize("kind", SIGNED_ODD)
def test_a_signed_event_of_an_odd_form_is_kept_as_it_came(trial: Trial, kind: str) -> None:
    body = SIGNED_ODD[kind]

    tried = _wave(trial, body, _signed(trial, body))

    assert [*complaints(tried, {200})] == []
    assert tried.changed == {"payment_webhook_events", "outbox_events"}


def test_a_message_that_is_too_large_is_not_read(trial: Trial) -> None:
    body = json.dumps(_GOOD | {"data": {"x": "A" * MAX_BODY_BYTES}}).encode()

    tried = _wave(trial, body, _signed(trial, body))

    assert [*complaints(tried, {413})] == []
    assert tried.changed == set()


@pytest.mark.parametrize("header", [None, "", "x", "\xff" * 100, SCRIPT, "A" * 5_000])
@pytest.mark.parametrize("fields", [{}, {"MessageSid": "SM1", "MessageStatus": "delivered"}, {"x": NUL}])
def test_a_receipt_that_is_not_signed_changes_nothing(
    trial: Trial, header: str | None, fields: dict[str, str]
) -> None:
    headers = {} if header is None else {SIGNATURE_HEADER: header}

    tried = trial.ask("POST", "/webhooks/sms", data=fields, headers=headers)

    assert [*complaints(tried, {403})] == []
    assert tried.answer.get_json()["error"]["message"]
    assert tried.changed == set()


@pytest.mark.parametrize("sid", ["SM" + "0" * 32, "x", NUL, "A" * 5_000, SCRIPT, ""])
@pytest.mark.parametrize("status", ["delivered", "failed", "nonsense", NUL, "A" * 5_000])
@pytest.mark.parametrize("delivery", ["", "?delivery=x", "?delivery=01890000-0000-7000-8000-000000000000"])
def test_a_signed_receipt_that_makes_no_sense_changes_nothing(
    trial: Trial, sid: str, status: str, delivery: str
) -> None:
    fields = {"MessageSid": sid, "MessageStatus": status, "ErrorCode": "1e9", "To": SQL}
    settings = trial.app.config["SETTINGS"]
    address = f"/webhooks/sms{delivery}"
    header = signature(settings.sms_auth_token, settings.public_url + address, [*fields.items()])

    tried = trial.ask("POST", address, data=fields, headers={SIGNATURE_HEADER: header})

    assert [*complaints(tried, {204, 400, 422})] == []
    assert tried.changed == set()
