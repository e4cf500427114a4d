"""Twilio's signatures against the vectors of the contract, and what its words mean for a delivery."""

from __future__ import annotations

import pytest

from portal.gateways.sms import (
    SmsState,
    form_signature_ok,
    read_receipt,
    signature,
    state_of,
)

TOKEN = "sandbox-auth-token"
CALLBACK = "https://portal.example.org/hooks/twilio?m=42"
DELIVERED = {
    "AccountSid": "AC00000000000000000000000000000001",
    "ApiVersion": "2010-04-01",
    "From": "+15005550006",
    "MessageSid": "SM00000000000000000000000000000001",
    "MessageStatus": "delivered",
    "SmsSid": "SM00000000000000000000000000000001",
    "SmsStatus": "delivered",
    "To": "+221771234567",
}
UNDELIVERED = DELIVERED | {"MessageStatus": "undelivered", "SmsStatus": "undelivered", "ErrorCode": "30003"}
PUBLISHED_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
PUBLISHED = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675310",
    "Digits": "1234",
    "From": "+14158675310",
    "To": "+18005551212",
}


@pytest.mark.parametrize(
    ("token", "url", "params", "expected"),
    [
        ("12345", PUBLISHED_URL, PUBLISHED, "GvWf1cFY/Q7PnoempGyD5oXAezc="),
        (TOKEN, CALLBACK, DELIVERED, "ejRnLgR7pJsQJyJTFWbgGo2BHwA="),
        (TOKEN, CALLBACK, UNDELIVERED, "HUDUoxez3OBqYx0YQqaPvs0C+Fc="),
    ],
)
def test_forms_are_signed_as_the_vectors_say(
    token: str, url: str, params: dict[str, str], expected: str
) -> None:
    assert signature(token, url, params.items()) == expected
    assert form_signature_ok(expected, token, url, reversed(params.items()))


@pytest.mark.parametrize("header", [None, "", "ejRnLgR7pJsQJyJTFWbgGo2BHwB=", "é", "x" * 10_000])
def test_a_receipt_with_another_signature_is_refused(header: str | None) -> None:
    assert not form_signature_ok(header, TOKEN, CALLBACK, DELIVERED.items())


def test_a_changed_status_or_address_or_token_is_noticed() -> None:
    good = signature(TOKEN, CALLBACK, DELIVERED.items())
    assert not form_signature_ok(good, TOKEN, CALLBACK, (DELIVERED | {"MessageStatus": "failed"}).items())
    assert not form_signature_ok(good, TOKEN, CALLBACK.replace("42", "43"), DELIVERED.items())
    assert not form_signature_ok(good, "another", CALLBACK, DELIVERED.items())


def test_the_default_port_may_be_written_or_not() -> None:
    with_port = CALLBACK.replace("example.org", "example.org:443")
    for made_for, called in ((with_port, CALLBACK), (CALLBACK, with_port)):
        assert form_signature_ok(
            signature(TOKEN, made_for, DELIVERED.items()), TOKEN, called, DELIVERED.items()
        )
    odd_port = CALLBACK.replace("example.org", "example.org:8443")
    assert not form_signature_ok(signature(TOKEN, CALLBACK), TOKEN, odd_port, ())


def test_a_repeated_field_counts_once_for_each_different_value() -> None:
    once = signature(TOKEN, CALLBACK, [("a", "1"), ("a", "2")])
    assert signature(TOKEN, CALLBACK, [("a", "2"), ("a", "1"), ("a", "1")]) == once


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("queued", SmsState.ACCEPTED),
        ("accepted", SmsState.ACCEPTED),
        ("scheduled", SmsState.ACCEPTED),
        ("sending", SmsState.SENT),
        ("sent", SmsState.SENT),
        ("delivered", SmsState.DELIVERED),
        ("read", SmsState.READ),
        ("failed", SmsState.FAILED),
        ("undelivered", SmsState.FAILED),
        ("canceled", SmsState.FAILED),
        ("partially_delivered", SmsState.UNKNOWN),
        ("beamed", SmsState.UNKNOWN),
    ],
)
def test_each_status_means_one_state_of_a_delivery(status: str, state: SmsState) -> None:
    assert state_of(status) is state


def test_a_receipt_names_its_message_its_state_and_its_error() -> None:
    receipt = read_receipt(UNDELIVERED)
    assert receipt is not None
    assert (receipt.sid, receipt.state, receipt.error_code) == (
        "SM00000000000000000000000000000001",
        SmsState.FAILED,
        30003,
    )


def test_a_receipt_in_the_old_names_reads_the_same_and_an_empty_one_is_nothing() -> None:
    old = {"SmsSid": "SM1", "SmsStatus": "sent"}
    receipt = read_receipt(old)
    assert receipt is not None
    assert receipt.state is SmsState.SENT
    assert read_receipt({"AccountSid": "AC1"}) is None
