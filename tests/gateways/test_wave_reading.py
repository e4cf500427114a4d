"""Wave's answers: exact amounts, the five shapes of an error, and words that are new to us."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from portal.gateways.wave import (
    CheckoutStatus,
    PaymentStatus,
    PayoutOrder,
    PayoutStatus,
    Unreadable,
    read_session,
)
from portal.gateways.wave.reading import read_failure, read_payout, read_transaction_page, whole_amount

SESSION = {
    "id": "cos-sandbox00001",
    "amount": "2500",
    "checkout_status": "open",
    "client_reference": "don-0001",
    "currency": "XOF",
    "error_url": "https://portal.example.org/pay/ko",
    "last_payment_error": None,
    "business_name": "Portal",
    "payment_status": "processing",
    "transaction_id": None,
    "success_url": "https://portal.example.org/pay/ok",
    "wave_launch_url": "https://pay.wave.com/c/cos-sandbox00001?a=2500&c=XOF&m=Portal",
    "when_completed": None,
    "when_created": "2026-01-15T10:20:00Z",
    "when_expires": "2026-01-15T10:50:00Z",
}
PAYOUT = {
    "id": "pt-sandbox00001",
    "currency": "XOF",
    "receive_amount": "2500",
    "fee": "25",
    "mobile": "+221771234567",
    "name": "Awa Ndiaye",
    "client_reference": "po-0001",
    "payment_reason": "Règlement 0001",
    "status": "succeeded",
    "timestamp": "2026-01-15T10:20:30Z",
}


def without(data: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != name}


@pytest.mark.parametrize(("text", "amount"), [("2500", 2500), ("-500", -500), ("2500.00", 2500), ("0", 0)])
def test_an_amount_in_francs_is_a_whole_number(text: str, amount: int) -> None:
    assert whole_amount(text, "XOF") == amount


@pytest.mark.parametrize("value", [2500, 25.0, None, "", "25.5", "1e3", "+5", "2 500", "١٠", "NaN", "9" * 40])
def test_anything_but_a_whole_decimal_string_is_unreadable(value: object) -> None:
    with pytest.raises(Unreadable):
        whole_amount(value, "XOF")


def test_a_currency_with_decimals_is_unreadable_rather_than_a_hundred_times_wrong() -> None:
    with pytest.raises(Unreadable):
        whole_amount("100", "EUR")


def test_the_example_session_of_the_contract_reads_as_open_and_unpaid() -> None:
    session = read_session(SESSION | {"a_field_of_tomorrow": {"x": 1}})
    assert (session.amount, session.currency, session.client_reference) == (2500, "XOF", "don-0001")
    assert session.checkout_status is CheckoutStatus.OPEN
    assert session.when_expires == datetime(2026, 1, 15, 10, 50, tzinfo=UTC)
    assert not session.is_paid


def test_a_session_is_paid_only_when_the_payment_succeeded_and_has_a_number() -> None:
    assert read_session(SESSION | {"payment_status": "succeeded", "transaction_id": "T_1"}).is_paid
    assert not read_session(SESSION | {"payment_status": "succeeded"}).is_paid
    assert not read_session(SESSION | {"checkout_status": "complete", "transaction_id": "T_1"}).is_paid


def test_a_failed_try_names_its_reason_and_a_new_status_word_is_not_an_error() -> None:
    told = SESSION | {
        "payment_status": "failed",
        "last_payment_error": {"code": "insufficient-funds", "message": "No"},
    }
    session = read_session(told)
    assert session.payment_status is PaymentStatus.UNKNOWN
    assert session.last_payment_error is not None
    assert session.last_payment_error.code == "insufficient-funds"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//pay.wave.com/c/1", "ftp://x/y", "//[", "https://["]
)
def test_a_launch_address_that_is_not_a_web_address_is_unreadable(url: str) -> None:
    with pytest.raises(Unreadable):
        read_session(SESSION | {"wave_launch_url": url})


@pytest.mark.parametrize(
    "name", ["id", "amount", "currency", "checkout_status", "payment_status", "when_created", "when_expires"]
)
def test_a_session_without_what_we_act_on_is_unreadable(name: str) -> None:
    with pytest.raises(Unreadable):
        read_session(without(SESSION, name))


def test_the_example_payout_of_the_contract_books_the_fee_that_wave_names() -> None:
    payout = read_payout(PAYOUT)
    assert (payout.status, payout.receive_amount, payout.fee) == (PayoutStatus.SUCCEEDED, 2500, 25)


def test_a_succeeded_payout_without_its_fee_is_unreadable_a_failed_one_is_not() -> None:
    with pytest.raises(Unreadable):
        read_payout(without(PAYOUT, "fee"))
    failed = without(PAYOUT, "fee") | {
        "status": "failed",
        "payout_error": {"error_code": "recipient-minor", "error_message": "Too young"},
    }
    payout = read_payout(failed)
    assert payout.fee is None
    assert payout.error is not None
    assert payout.error.code == "recipient-minor"


def test_a_payout_status_nobody_knows_stays_pending_not_failed() -> None:
    assert read_payout(PAYOUT | {"status": "on_its_way"}).status is PayoutStatus.UNKNOWN


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"code": "not-found", "message": "x"}, "not-found"),
        ({"error_code": "insufficient-funds", "error_message": "x"}, "insufficient-funds"),
        ({"error": "request-validation-error", "message": "x"}, "request-validation-error"),
        ({"error": {"code": "ip-not-allowed", "message": "x", "httpcode": 403}}, "ip-not-allowed"),
        ({"unheard": "of"}, "http-418"),
        ({"code": 7}, "http-418"),
        (["a", "list"], "http-418"),
        ("text", "http-418"),
    ],
)
def test_every_shape_of_an_error_gives_its_code(body: object, code: str) -> None:
    assert read_failure(418, json.dumps(body).encode()).code == code


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"{"])
def test_an_error_that_is_not_json_is_named_by_its_status(body: bytes) -> None:
    assert read_failure(502, body).code == "http-502"


def test_a_validation_error_names_the_fields_and_not_their_values() -> None:
    details = [{"loc": ["payouts", 3, "mobile"], "msg": "bad +221770000000", "type": "value_error"}]
    failure = read_failure(400, json.dumps({"code": "c", "message": "m", "details": details}).encode())
    assert failure.message == "m [payouts.3.mobile]"


def test_another_page_that_cannot_be_reached_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        read_transaction_page({"page_info": {"has_next_page": True, "end_cursor": None}, "items": []})
    assert read_transaction_page({"items": []}).end_cursor is None


@pytest.mark.parametrize(
    "wrong",
    [{"receive_amount": 0}, {"receive_amount": -5}, {"payment_reason": "x" * 41}, {"name": "x" * 256}],
)
def test_an_order_that_wave_could_never_accept_is_refused_before_it_is_sent(wrong: dict[str, Any]) -> None:
    good: dict[str, Any] = {"receive_amount": 5, "mobile": "+221771234567", "client_reference": "po-1"}
    with pytest.raises(ValueError, match=r"payout|reason"):
        PayoutOrder(**(good | wrong))
