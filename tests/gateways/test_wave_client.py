"""What leaves the client, byte for byte, and what it makes of answers no sandbox gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import requests

from portal.gateways.wave import PayoutOrder, WaveClient, WaveRefused, WaveUnknownOutcome
from portal.gateways.wave.signature import signed_header
from portal.kernel import clock

SECRET = "wave_sn_AKS_sandbox2222222222222222222222222222222222222222222222"
NOW = datetime.fromtimestamp(1768472430, UTC)
ORDER = PayoutOrder(receive_amount=2500, mobile="+221771234567", client_reference="po-0001")
PAYOUT = {
    "id": "pt-1",
    "currency": "XOF",
    "receive_amount": "2500",
    "fee": "25",
    "mobile": "+221771234567",
    "status": "succeeded",
    "timestamp": "2026-01-15T10:20:30Z",
}


class Wire(requests.Session):
    """A session that sends nothing, remembers what it would have sent, and answers as told."""

    def __init__(self, status: int = 200, answer: object = PAYOUT) -> None:
        super().__init__()
        self.sent: list[tuple[requests.PreparedRequest, dict[str, Any]]] = []
        self._status = status
        self._answer = answer

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        self.sent.append((request, kwargs))
        answer = requests.Response()
        answer.status_code = self._status
        answer.headers["Location"] = "https://elsewhere.example/"
        answer._content = (
            self._answer if isinstance(self._answer, bytes) else json.dumps(self._answer).encode()
        )
        return answer


def client(wire: Wire, secret: str | None = None) -> WaveClient:
    return WaveClient("https://api.wave.com/", "wave_sn_prod_key", secret, lambda: wire)


def test_the_bytes_that_are_signed_are_the_bytes_that_are_sent() -> None:
    wire = Wire()
    with clock.travel(NOW):
        client(wire, SECRET).create_payout(ORDER, idempotency_key="po-0001")
    ((request, _),) = wire.sent
    assert request.body == (
        b'{"currency":"XOF","receive_amount":"2500","mobile":"+221771234567","client_reference":"po-0001"}'
    )
    assert request.headers["Wave-Signature"] == (
        "t=1768472430,v1=99e5032a177e255671f7c508d8ede426da6761af2a63afc74f5c56e2c5480d9c"
    )


def test_a_call_without_a_body_signs_its_time_alone() -> None:
    wire = Wire(answer=b"")
    with clock.travel(NOW):
        client(wire, SECRET).refund_session("cos-1")
    request = wire.sent[0][0]
    assert request.body is None
    assert request.headers["Wave-Signature"] == signed_header([SECRET], b"", NOW)


def test_the_same_order_gives_the_same_bytes_and_key_each_time() -> None:
    wire = Wire()
    for _ in range(2):
        client(wire).create_payout(ORDER, idempotency_key="po-0001")
    first, second = (request for request, _ in wire.sent)
    assert first.body == second.body
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == "po-0001"


def test_a_call_is_patient_for_five_and_thirty_seconds_and_goes_to_nobody_else() -> None:
    wire = Wire()
    client(wire).get_payout("pt-1")
    request, how = wire.sent[0]
    assert how["timeout"] == (5.0, 30.0)
    assert how["allow_redirects"] is False
    assert request.headers["Authorization"] == "Bearer wave_sn_prod_key"
    assert request.url == "https://api.wave.com/v1/payout/pt-1"


def test_an_id_cannot_lead_to_another_address() -> None:
    wire = Wire()
    client(wire).get_payout("pt-1/reverse?x=1")
    assert wire.sent[0][0].url == "https://api.wave.com/v1/payout/pt-1%2Freverse%3Fx%3D1"


def test_fields_without_a_value_are_left_out_also_inside_a_batch() -> None:
    wire = Wire(answer={"id": "pb-1"})
    client(wire).create_payout_batch([ORDER], idempotency_key="b")
    (sent,) = json.loads(wire.sent[0][0].body or b"")["payouts"]
    assert set(sent) == {"currency", "receive_amount", "mobile", "client_reference"}


@pytest.mark.parametrize("status", [100, 301, 302, 307, 408, 500, 502, 599])
def test_any_other_status_leaves_the_outcome_unknown(status: int) -> None:
    with pytest.raises(WaveUnknownOutcome):
        client(Wire(status, {"code": "whatever"})).create_payout(ORDER, idempotency_key="k")


@pytest.mark.parametrize(
    "answer", [b"", b"[]", b"null", {"id": "pt-1"}, PAYOUT | {"fee": 25}, PAYOUT | {"receive_amount": "1.5"}]
)
def test_a_success_that_cannot_be_read_leaves_the_outcome_unknown(answer: object) -> None:
    with pytest.raises(WaveUnknownOutcome):
        client(Wire(200, answer)).create_payout(ORDER, idempotency_key="k")


def test_a_failed_payout_without_a_reason_is_still_a_refusal() -> None:
    with pytest.raises(WaveRefused) as refused:
        client(Wire(200, PAYOUT | {"status": "failed"})).create_payout(ORDER, idempotency_key="k")
    assert (refused.value.code, refused.value.reference) == ("payout-failed", "pt-1")


def test_a_list_of_transactions_that_runs_in_circles_is_left() -> None:
    page = {"items": [], "page_info": {"has_next_page": True, "end_cursor": "again"}}
    wire = Wire(200, page)
    with pytest.raises(WaveUnknownOutcome, match="does not end"):
        list(client(wire).transactions(date(2026, 1, 15)))
    assert len(wire.sent) == 2


@pytest.mark.parametrize(
    "call",
    [
        lambda wave: wave.get_session("cos-1"),
        lambda wave: wave.search_payouts("po-1"),
        lambda wave: wave.get_payout_batch("pb-1"),
        lambda wave: wave.get_balance(),
        lambda wave: wave.verify_recipient("+221771234567"),
        lambda wave: list(wave.transactions(date(2026, 1, 15))),
    ],
)
def test_no_call_believes_an_answer_that_is_not_an_object(call: Callable[[WaveClient], object]) -> None:
    with pytest.raises(WaveUnknownOutcome):
        call(client(Wire(200, ["surprise"])))
