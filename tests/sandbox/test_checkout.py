"""Money in, through the portal's own client: asked for, paid, failed, expired, refunded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests

from portal.gateways.wave import CheckoutStatus, PaymentStatus, Session, WaveRefused
from tests.sandbox.running import RunningSandbox

ASKED = {
    "amount": "2500",
    "currency": "XOF",
    "success_url": "https://portal.example.org/pay/ok",
    "error_url": "https://portal.example.org/pay/ko",
}


def ask(sandbox: RunningSandbox, amount: int = 2500, reference: str = "don-1", **more: Any) -> Session:
    return sandbox.wave().create_session(
        amount=amount,
        success_url="http://127.0.0.1:8000/donations/1/thanks",
        error_url="http://127.0.0.1:8000/donations/1/failed",
        client_reference=reference,
        **more,
    )


def test_a_new_session_is_open_for_half_an_hour_and_unpaid(sandbox: RunningSandbox) -> None:
    session = ask(sandbox)
    assert session.checkout_status is CheckoutStatus.OPEN
    assert session.payment_status is PaymentStatus.PROCESSING
    assert session.when_expires - session.when_created == timedelta(minutes=30)
    assert session.wave_launch_url == f"{sandbox.url}/c/{session.id}?a=2500&c=XOF&m=Teranga"
    assert len(session.id) <= 20


def test_a_session_is_found_by_its_id_its_reference_and_its_transaction(sandbox: RunningSandbox) -> None:
    wave = sandbox.wave()
    session, other = ask(sandbox), ask(sandbox, reference="don-2")
    sandbox.control("POST", f"/sessions/{session.id}/pay")
    paid = wave.get_session(session.id)
    assert paid.transaction_id is not None
    assert wave.get_session_by_transaction(paid.transaction_id) == paid
    assert wave.search_sessions("don-1") == [paid]
    assert wave.search_sessions("don-2") == [other]
    assert wave.search_sessions("don-3") == []


def test_a_payer_who_pays_makes_the_session_complete_and_fills_the_wallet(sandbox: RunningSandbox) -> None:
    session = ask(sandbox)
    before = sandbox.wave().get_balance().amount
    sandbox.control("POST", f"/sessions/{session.id}/pay", mobile="+221771234567")
    paid = sandbox.wave().get_session(session.id)
    assert paid.is_paid
    assert paid.checkout_status is CheckoutStatus.COMPLETE
    assert paid.when_completed is not None
    assert sandbox.wave().get_balance().amount == before + 2500 - 25


def test_a_paid_session_cannot_be_paid_again(sandbox: RunningSandbox) -> None:
    session = ask(sandbox)
    sandbox.control("POST", f"/sessions/{session.id}/pay")
    again = requests.post(f"{sandbox.url}/_sandbox/sessions/{session.id}/pay", timeout=20)
    assert again.status_code == 409
    assert sandbox.control("GET", "/moved")["payments"] == [
        {"client_reference": "don-1", "payments": 1, "amount": 2500, "refunded": 0}
    ]


def test_a_failed_try_leaves_the_session_open_with_the_reason_and_can_be_repeated(
    sandbox: RunningSandbox,
) -> None:
    session = ask(sandbox)
    sandbox.control("POST", f"/sessions/{session.id}/fail", code="insufficient-funds")
    failed = sandbox.wave().get_session(session.id)
    assert failed.checkout_status is CheckoutStatus.OPEN
    assert failed.last_payment_error is not None
    assert failed.last_payment_error.code == "insufficient-funds"
    sandbox.control("POST", f"/sessions/{session.id}/pay")
    paid = sandbox.wave().get_session(session.id)
    assert paid.is_paid
    assert paid.last_payment_error is None


def test_only_the_named_payer_can_pay_a_restricted_session(sandbox: RunningSandbox) -> None:
    session = ask(sandbox, restrict_payer_mobile="+221771234567")
    sandbox.control("POST", f"/sessions/{session.id}/pay", mobile="+221770000001")
    failed = sandbox.wave().get_session(session.id)
    assert not failed.is_paid
    assert failed.last_payment_error is not None
    assert failed.last_payment_error.code == "payer-mobile-mismatch"
    sandbox.control("POST", f"/sessions/{session.id}/pay", mobile="+221771234567")
    assert sandbox.wave().get_session(session.id).is_paid


def test_a_session_ends_when_its_time_is_over(sandbox: RunningSandbox) -> None:
    session = ask(sandbox)
    sandbox.clock_file.write_text("1799")
    assert sandbox.wave().get_session(session.id).checkout_status is CheckoutStatus.OPEN
    sandbox.clock_file.write_text("1801")
    expired = sandbox.wave().get_session(session.id)
    assert expired.checkout_status is CheckoutStatus.EXPIRED
    assert expired.payment_status is PaymentStatus.CANCELLED
    assert expired.when_completed == expired.when_expires
    late = requests.post(f"{sandbox.url}/_sandbox/sessions/{session.id}/pay", timeout=20)
    assert late.status_code == 409


def test_the_sandbox_can_have_a_time_of_its_own(sandbox: RunningSandbox) -> None:
    session = ask(sandbox)
    sandbox.control("POST", "/clock", offset_seconds=7200)
    assert sandbox.wave().get_session(session.id).checkout_status is CheckoutStatus.EXPIRED


def test_an_open_session_can_be_expired_once(sandbox: RunningSandbox) -> None:
    session = ask(sandbox)
    sandbox.wave().expire_session(session.id)
    assert sandbox.wave().get_session(session.id).checkout_status is CheckoutStatus.EXPIRED
    with pytest.raises(WaveRefused) as refused:
        sandbox.wave().expire_session(session.id)
    assert refused.value.status == 409


def test_a_refund_gives_everything_back_once_however_often_it_is_asked(sandbox: RunningSandbox) -> None:
    session = ask(sandbox, amount=15_000)
    before = sandbox.wave().get_balance().amount
    sandbox.control("POST", f"/sessions/{session.id}/pay")
    for _ in range(3):
        sandbox.wave().refund_session(session.id)
    assert sandbox.wave().get_balance().amount == before


def test_what_was_not_paid_or_cannot_be_afforded_is_not_refunded(sandbox: RunningSandbox) -> None:
    unpaid, paid = ask(sandbox), ask(sandbox, reference="don-2")
    sandbox.control("POST", f"/sessions/{paid.id}/pay")
    sandbox.control("POST", "/wallet", balance=10)
    for session in (unpaid, paid):
        with pytest.raises(WaveRefused) as refused:
            sandbox.wave().refund_session(session.id)
        assert refused.value.code == "checkout-refund-failed"


@pytest.mark.parametrize(
    "call", ["get_session", "get_session_by_transaction", "expire_session", "refund_session"]
)
def test_an_unknown_session_is_refused_with_404(sandbox: RunningSandbox, call: str) -> None:
    with pytest.raises(WaveRefused) as refused:
        getattr(sandbox.wave(), call)("cos-nobody")
    assert (refused.value.code, refused.value.status) == ("checkout-session-not-found", 404)
    assert not refused.value.is_about_access


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": 2500}, "amount"),
        ({"amount": "2500.00"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"amount": "007"}, "amount"),
        ({"amount": "+5"}, "amount"),
        ({"amount": "2 500"}, "amount"),
        ({"amount": None}, "amount"),
        ({"currency": "CFA francs"}, "currency"),
        ({"currency": None}, "currency"),
        ({"success_url": "http://portal.example.org/ok"}, "success_url"),
        ({"success_url": "javascript:alert(1)"}, "success_url"),
        ({"error_url": "/relative"}, "error_url"),
        ({"error_url": None}, "error_url"),
        ({"client_reference": "x" * 256}, "client_reference"),
        ({"restrict_payer_mobile": "771234567"}, "restrict_payer_mobile"),
        ({"override_business_name": "Other"}, "override_business_name"),
    ],
    ids=str,
)
def test_a_malformed_request_is_refused_and_the_field_is_named(
    sandbox: RunningSandbox, changes: dict[str, Any], field: str
) -> None:
    answer = sandbox.post("/v1/checkout/sessions", ASKED | changes)
    assert answer.status_code == 400
    assert answer.json()["code"] == "request-validation-error"
    assert [detail["loc"] for detail in answer.json()["details"]] == [[field]]


def test_what_is_not_a_json_object_is_refused_by_its_own_code(sandbox: RunningSandbox) -> None:
    path = "/v1/checkout/sessions"
    as_form = sandbox.post(path, b"amount=1", **{"Content-Type": "application/x-www-form-urlencoded"})
    assert (as_form.status_code, as_form.json()["code"]) == (400, "request-not-json")
    assert sandbox.post(path, b"{").json()["code"] == "request-parsing-error"
    assert sandbox.post(path, []).json()["code"] == "request-validation-error"


def test_plain_http_back_to_this_machine_can_be_switched_off(tmp_path: Any) -> None:
    local = ASKED | {"success_url": "http://127.0.0.1:8000/ok", "error_url": "http://localhost:8000/ko"}
    with RunningSandbox(tmp_path, "--https-only") as strict:
        assert strict.post("/v1/checkout/sessions", local).status_code == 400
        assert strict.post("/v1/checkout/sessions", ASKED).status_code == 200
