"""Everything that can go wrong on the way, armed one by one, and what the client makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from portal.gateways.wave import (
    BatchStatus,
    NameMatch,
    Payout,
    PayoutOrder,
    PayoutStatus,
    WaveRefused,
    WaveThrottled,
    WaveUnknownOutcome,
)
from portal.sandbox.wave.answers import STATUS_BY_CODE
from tests.sandbox.running import RunningSandbox

AWA = "+221771234567"
LOST_ANSWERS: list[tuple[str, dict[str, Any]]] = [
    ("error", {"status": 500}),
    ("error", {"status": 503}),
    ("error", {"status": 504, "shape": "text"}),
    ("error", {"status": 502, "shape": "none"}),
    ("error", {"status": 408}),
    ("timeout", {"seconds": 30}),
    ("cut", {}),
    ("garbage", {}),
    ("empty", {}),
]
_REFUSALS_OF_PAYOUTS = (
    "insufficient-funds",
    "recipient-account-blocked",
    "recipient-account-inactive",
    "recipient-limit-exceeded",
    "recipient-minor",
    "country-mismatch",
    "currency-mismatch",
)


def pay(sandbox: RunningSandbox, reference: str = "po-1", key: str = "key-1") -> Payout:
    order = PayoutOrder(receive_amount=2500, mobile=AWA, client_reference=reference)
    return sandbox.wave(read=0.5).create_payout(order, idempotency_key=key)


@pytest.mark.parametrize(("kind", "details"), LOST_ANSWERS, ids=str)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_answer_that_is_lost_leaves_the_outcome_unknown_and_the_same_key_pays_once(
    sandbox: RunningSandbox, kind: str, details: dict[str, Any], moment: str
) -> None:
    sandbox.arm("payout.create", kind, moment=moment, **details)
    with pytest.raises(WaveUnknownOutcome):
        pay(sandbox)
    assert sandbox.payouts_for("po-1") == (1 if moment == "after" else 0)
    payout = pay(sandbox)
    assert payout.status is PayoutStatus.SUCCEEDED
    assert sandbox.payouts_for("po-1") == 1
    assert sandbox.wave().search_payouts("po-1") == [payout]


def test_a_payout_whose_answer_was_lost_is_found_by_our_reference(sandbox: RunningSandbox) -> None:
    sandbox.arm("payout.create", "cut", moment="after")
    with pytest.raises(WaveUnknownOutcome):
        pay(sandbox)
    assert [payout.status for payout in sandbox.wave().search_payouts("po-1")] == [PayoutStatus.SUCCEEDED]


def test_nobody_listening_leaves_the_outcome_unknown(sandbox: RunningSandbox) -> None:
    wave = sandbox.wave()
    wave._base_url = "http://127.0.0.1:1"
    with pytest.raises(WaveUnknownOutcome):
        wave.get_balance()


@pytest.mark.parametrize(
    ("told", "understood"), [({"retry_after": 7}, 7), ({}, None), ({"retry_after": "soon"}, None)]
)
def test_too_many_calls_is_a_wish_to_slow_down(
    sandbox: RunningSandbox, told: dict[str, Any], understood: int | None
) -> None:
    sandbox.arm("payout.create", "throttle", **told)
    with pytest.raises(WaveThrottled) as throttled:
        pay(sandbox)
    assert throttled.value.retry_after == understood
    assert sandbox.payouts_for("po-1") == 0


@pytest.mark.parametrize("shape", ["general", "payout", "string", "nested"])
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("request-validation-error", 400),
        ("api-key-revoked", 401),
        ("ip-not-allowed", 403),
        ("disabled-wallet", 403),
        ("a-code-of-tomorrow", 418),
    ],
)
def test_a_final_refusal_reads_the_same_in_every_shape(
    sandbox: RunningSandbox, shape: str, code: str, status: int
) -> None:
    sandbox.arm("payout.create", "error", code=code, status=status, shape=shape)
    with pytest.raises(WaveRefused) as refused:
        pay(sandbox)
    assert (refused.value.code, refused.value.status) == (code, status)


@pytest.mark.parametrize("shape", ["text", "none"])
def test_a_refusal_without_readable_body_is_named_by_its_status(sandbox: RunningSandbox, shape: str) -> None:
    sandbox.arm("payout.create", "error", status=403, shape=shape)
    with pytest.raises(WaveRefused) as refused:
        pay(sandbox)
    assert refused.value.code == "http-403"


@pytest.mark.parametrize("code", _REFUSALS_OF_PAYOUTS)
def test_a_refused_payout_reads_the_same_as_an_error_and_as_a_failed_payout(
    sandbox: RunningSandbox, code: str
) -> None:
    sandbox.arm("payout.create", "refuse", code=code)
    sandbox.arm("payout.create", "fail", code=code)
    with pytest.raises(WaveRefused) as as_error:
        pay(sandbox, key="one")
    with pytest.raises(WaveRefused) as as_payout:
        pay(sandbox, key="two")
    assert as_error.value.code == as_payout.value.code == code
    assert as_error.value.status == STATUS_BY_CODE[code]
    assert as_payout.value.status == 200
    assert as_payout.value.reference is not None
    assert sandbox.wave().get_payout(as_payout.value.reference).status is PayoutStatus.FAILED
    assert sandbox.payouts_for("po-1") == 0


def test_a_processing_payout_settles_while_it_is_looked_at(sandbox: RunningSandbox) -> None:
    sandbox.arm("payout.create", "processing", after_reads=3)
    payout = pay(sandbox)
    assert payout.status is PayoutStatus.PROCESSING
    statuses = [sandbox.wave().get_payout(payout.id).status.value for _ in range(4)]
    assert statuses == ["processing", "processing", "succeeded", "succeeded"]


def test_a_processing_payout_can_fail_and_gives_the_money_back(sandbox: RunningSandbox) -> None:
    before = sandbox.wave().get_balance()
    sandbox.arm("payout.create", "processing", then="failed", code="recipient-limit-exceeded", after_reads=1)
    payout = pay(sandbox)
    settled = sandbox.wave().get_payout(payout.id)
    assert settled.error is not None
    assert settled.error.code == "recipient-limit-exceeded"
    assert sandbox.wave().get_balance() == before
    assert sandbox.payouts_for("po-1") == 0


def test_a_processing_payout_can_be_settled_by_hand(sandbox: RunningSandbox) -> None:
    sandbox.arm("payout.create", "processing", after_reads=0)
    payout = pay(sandbox)
    assert sandbox.wave().get_payout(payout.id).status is PayoutStatus.PROCESSING
    sandbox.control("POST", f"/payouts/{payout.id}/settle", status="succeeded")
    assert sandbox.wave().get_payout(payout.id).status is PayoutStatus.SUCCEEDED


def test_single_items_of_a_batch_can_fail_or_linger(sandbox: RunningSandbox) -> None:
    sandbox.arm("batch.item", "fail", code="recipient-account-inactive", match={"client_reference": "po-2"})
    sandbox.arm("batch.item", "processing", match={"client_reference": "po-3"}, after_reads=0)
    orders = [
        PayoutOrder(receive_amount=500, mobile=AWA, client_reference=f"po-{number}") for number in (1, 2, 3)
    ]
    batch_id = sandbox.wave().create_payout_batch(orders, idempotency_key="b")
    sandbox.control("POST", "/batches/run")
    batch = sandbox.wave().get_payout_batch(batch_id)
    assert batch.status is BatchStatus.COMPLETE
    assert [payout.status.value for payout in batch.payouts] == ["succeeded", "failed", "processing"]


def test_a_lost_answer_to_a_batch_does_not_pay_it_twice(sandbox: RunningSandbox) -> None:
    orders = [PayoutOrder(receive_amount=500, mobile=AWA, client_reference="po-1")]
    sandbox.arm("batch.create", "error", status=500, moment="after")
    with pytest.raises(WaveUnknownOutcome):
        sandbox.wave().create_payout_batch(orders, idempotency_key="b")
    sandbox.wave().create_payout_batch(orders, idempotency_key="b")
    sandbox.control("POST", "/batches/run")
    assert sandbox.payouts_for("po-1") == 1


@pytest.mark.parametrize("moment", ["before", "after"])
def test_refund_and_reversal_can_be_repeated_after_a_lost_answer(
    sandbox: RunningSandbox, moment: str
) -> None:
    wave = sandbox.wave()
    session = wave.create_session(
        amount=2500, success_url="https://a.example", error_url="https://a.example", client_reference="don-1"
    )
    before = wave.get_balance()
    sandbox.control("POST", f"/sessions/{session.id}/pay")
    payout = pay(sandbox)
    sandbox.arm("checkout.refund", "cut", moment=moment)
    sandbox.arm("payout.reverse", "cut", moment=moment)
    with pytest.raises(WaveUnknownOutcome):
        wave.refund_session(session.id)
    with pytest.raises(WaveUnknownOutcome):
        wave.reverse_payout(payout.id, idempotency_key="back")
    wave.refund_session(session.id)
    wave.reverse_payout(payout.id, idempotency_key="back")
    assert wave.get_balance() == before


@pytest.mark.parametrize(
    ("code", "status"),
    [("insufficient-funds", 422), ("payout-reversal-account-terminated", 422), ("not-found", 404)],
)
def test_a_reversal_can_be_refused(sandbox: RunningSandbox, code: str, status: int) -> None:
    payout = pay(sandbox)
    sandbox.arm("payout.reverse", "error", code=code, status=status, shape="payout")
    with pytest.raises(WaveRefused) as refused:
        sandbox.wave().reverse_payout(payout.id, idempotency_key="back")
    assert (refused.value.code, refused.value.status) == (code, status)
    assert sandbox.wave().get_payout(payout.id).status is PayoutStatus.SUCCEEDED


def test_a_session_made_although_the_answer_was_lost_is_found_by_our_reference(
    sandbox: RunningSandbox,
) -> None:
    sandbox.arm("checkout.create", "cut", moment="after")
    with pytest.raises(WaveUnknownOutcome):
        sandbox.wave().create_session(
            amount=500,
            success_url="https://a.example",
            error_url="https://a.example",
            client_reference="don-9",
        )
    assert [session.amount for session in sandbox.wave().search_sessions("don-9")] == [500]


def test_the_outcome_of_a_check_can_be_dictated(sandbox: RunningSandbox) -> None:
    sandbox.arm("recipient.verify", "answer", fields={"name_match": "NO_MATCH", "within_limits": False})
    found = sandbox.wave().verify_recipient(AWA, name="Awa", amount=5)
    assert (found.name_match, found.within_limits) == (NameMatch.NO_MATCH, False)


def test_a_fault_strikes_as_often_as_armed_and_only_where_it_matches(sandbox: RunningSandbox) -> None:
    sandbox.arm("payout.create", "error", status=500, times=2, match={"client_reference": "po-2"})
    assert pay(sandbox, "po-1", "a").status is PayoutStatus.SUCCEEDED
    for _ in range(2):
        with pytest.raises(WaveUnknownOutcome):
            pay(sandbox, "po-2", "b")
    assert pay(sandbox, "po-2", "b").status is PayoutStatus.SUCCEEDED
    assert sandbox.control("GET", "/faults")["armed"] == []


@pytest.mark.parametrize(
    "order",
    [
        {"operation": "payout.sing", "kind": "error"},
        {"operation": "payout.create", "kind": "explode"},
        {"operation": "balance.get", "kind": "refuse"},
        {"operation": "payout.create", "kind": "error", "times": 0},
        {"operation": "payout.create", "kind": "error", "moment": "during"},
        {"operation": "payout.create", "kind": "error", "shape": "round"},
        {"operation": "payout.create", "kind": "error", "staus": 500},
    ],
    ids=str,
)
def test_arming_what_does_not_exist_says_what_does(sandbox: RunningSandbox, order: dict[str, Any]) -> None:
    answer = sandbox.post("/_sandbox/faults", order)
    assert answer.status_code == 400
    assert answer.json()["message"]
