"""Money out, through the portal's own client: once per key, whatever happens on the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from portal.gateways.wave import (
    BatchStatus,
    IdMatch,
    NameMatch,
    Payout,
    PayoutOrder,
    PayoutStatus,
    WaveRefused,
    WaveThrottled,
)
from tests.sandbox.running import RunningSandbox, eventually

AWA = "+221771234567"


def order(amount: int = 2500, reference: str = "po-1", mobile: str = AWA, **more: Any) -> PayoutOrder:
    return PayoutOrder(receive_amount=amount, mobile=mobile, client_reference=reference, **more)


def pay(sandbox: RunningSandbox, amount: int = 2500, reference: str = "po-1", key: str = "key-1") -> Payout:
    return sandbox.wave().create_payout(order(amount, reference), idempotency_key=key)


@pytest.mark.parametrize(
    ("amount", "fee"), [(500, 5), (1200, 10), (15_000, 150), (16_000, 160), (499, 0), (2500, 25)]
)
def test_the_fee_is_charged_on_top_of_what_the_recipient_gets(
    sandbox: RunningSandbox, amount: int, fee: int
) -> None:
    before = sandbox.wave().get_balance().amount
    payout = pay(sandbox, amount)
    assert (payout.status, payout.receive_amount, payout.fee) == (PayoutStatus.SUCCEEDED, amount, fee)
    assert sandbox.wave().get_balance().amount == before - amount - fee


def test_a_payout_is_found_by_its_id_and_by_our_reference(sandbox: RunningSandbox) -> None:
    made = sandbox.wave().create_payout(
        order(name="Awa Ndiaye", payment_reason="Règlement 0001", national_id="1 234"), idempotency_key="k"
    )
    assert sandbox.wave().get_payout(made.id) == made
    assert sandbox.wave().search_payouts("po-1") == [made]
    assert sandbox.wave().search_payouts("po-2") == []
    assert (made.name, made.payment_reason) == ("Awa Ndiaye", "Règlement 0001")


def test_the_same_key_and_order_pay_once_and_answer_the_same(sandbox: RunningSandbox) -> None:
    first = pay(sandbox)
    assert [pay(sandbox) for _ in range(3)] == [first] * 3
    assert sandbox.payouts_for("po-1") == 1


def test_fifty_callers_with_one_key_make_one_payout(sandbox: RunningSandbox) -> None:
    with ThreadPoolExecutor(50) as callers:
        payouts = list(callers.map(lambda _: pay(sandbox), range(50)))
    assert {payout.id for payout in payouts} == {payouts[0].id}
    assert sandbox.payouts_for("po-1") == 1


def test_fifty_callers_with_their_own_keys_make_fifty_and_the_balance_is_exact(
    sandbox: RunningSandbox,
) -> None:
    before = sandbox.wave().get_balance().amount
    with ThreadPoolExecutor(50) as callers:
        list(callers.map(lambda n: pay(sandbox, 1000, f"po-{n}", f"key-{n}"), range(50)))
    assert sandbox.wave().get_balance().amount == before - 50 * 1010


def test_the_same_key_with_another_order_is_a_programming_error(sandbox: RunningSandbox) -> None:
    pay(sandbox)
    with pytest.raises(WaveRefused) as refused:
        pay(sandbox, amount=2501)
    assert (refused.value.code, refused.value.status) == ("idempotency-mismatch", 409)
    assert sandbox.payouts_for("po-1") == 1


def test_the_same_order_written_differently_is_the_same_order(sandbox: RunningSandbox) -> None:
    one = b'{"currency":"XOF","receive_amount":"500","mobile":"+221771234567"}'
    other = b'{ "mobile": "+221771234567", "receive_amount": "500", "currency": "XOF" }'
    answers = [sandbox.post("/v1/payout", body, **{"idempotency-key": "k"}).json() for body in (one, other)]
    assert answers[0] == answers[1]


def test_another_key_with_the_same_order_pays_again(sandbox: RunningSandbox) -> None:
    pay(sandbox, key="one")
    pay(sandbox, key="two")
    assert sandbox.payouts_for("po-1") == 2


def test_money_out_without_a_key_is_refused(sandbox: RunningSandbox) -> None:
    for path, body in (
        ("/v1/payout", {"currency": "XOF", "receive_amount": "500", "mobile": AWA}),
        ("/v1/payout-batch", {"payouts": [{"currency": "XOF", "receive_amount": "500", "mobile": AWA}]}),
    ):
        answer = sandbox.post(path, body)
        assert (answer.status_code, answer.json()["code"]) == (400, "request-validation-error")


@pytest.mark.parametrize("key", ["", "x" * 256, "two\nlines", "é"])
def test_a_key_that_could_not_be_sent_is_refused_by_the_client(sandbox: RunningSandbox, key: str) -> None:
    with pytest.raises(ValueError, match="idempotency key"):
        pay(sandbox, key=key)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"receive_amount": 500}, "receive_amount"),
        ({"receive_amount": "500.5"}, "receive_amount"),
        ({"receive_amount": "0"}, "receive_amount"),
        ({"mobile": "771234567"}, "mobile"),
        ({"mobile": None}, "mobile"),
        ({"currency": "xof"}, "currency"),
        ({"payment_reason": "x" * 41}, "payment_reason"),
        ({"name": "x" * 256}, "name"),
        ({"amount": "500"}, "amount"),
    ],
    ids=str,
)
def test_a_malformed_order_is_refused_and_the_field_is_named(
    sandbox: RunningSandbox, changes: dict[str, Any], field: str
) -> None:
    good = {"currency": "XOF", "receive_amount": "500", "mobile": AWA}
    answer = sandbox.post("/v1/payout", good | changes, **{"Idempotency-Key": "k"})
    assert answer.status_code == 400
    assert [detail["loc"] for detail in answer.json()["details"]] == [[field]]


def test_an_empty_wallet_refuses_and_the_same_key_keeps_refusing_after_a_top_up(
    sandbox: RunningSandbox,
) -> None:
    sandbox.control("POST", "/wallet", balance=2524)
    for _ in range(2):
        with pytest.raises(WaveRefused) as refused:
            pay(sandbox)
        assert (refused.value.code, refused.value.status) == ("insufficient-funds", 422)
        sandbox.control("POST", "/wallet", balance=2525)
    assert pay(sandbox, key="a new attempt").status is PayoutStatus.SUCCEEDED
    assert sandbox.wave().get_balance().amount == 0


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({"mobile": "+33612345678"}, "country-mismatch", 400),
        ({"currency": "GNF"}, "currency-mismatch", 400),
        ({"amount": 2_000_001}, "recipient-limit-exceeded", 422),
    ],
)
def test_what_wave_itself_would_refuse_is_refused(
    sandbox: RunningSandbox, changes: dict[str, Any], code: str, status: int
) -> None:
    with pytest.raises(WaveRefused) as refused:
        sandbox.wave().create_payout(order(**changes), idempotency_key="k")
    assert (refused.value.code, refused.value.status) == (code, status)


@pytest.mark.parametrize(
    "code", ["recipient-account-blocked", "recipient-account-inactive", "recipient-minor"]
)
def test_a_recipient_can_be_one_who_cannot_be_paid(sandbox: RunningSandbox, code: str) -> None:
    sandbox.control("PUT", f"/recipients/{AWA}", name="Awa Ndiaye", refusal=code)
    with pytest.raises(WaveRefused) as refused:
        pay(sandbox)
    assert (refused.value.code, refused.value.status) == (code, 422)
    assert sandbox.wave().search_payouts("po-1") == []


def test_a_reversal_gives_amount_and_fee_back_once(sandbox: RunningSandbox) -> None:
    before = sandbox.wave().get_balance().amount
    payout = pay(sandbox)
    for _ in range(2):
        sandbox.wave().reverse_payout(payout.id, idempotency_key="back")
    assert sandbox.wave().get_payout(payout.id).status is PayoutStatus.REVERSED
    assert sandbox.wave().get_balance().amount == before


def test_after_three_days_a_payout_stays_where_it_is(sandbox: RunningSandbox) -> None:
    payout = pay(sandbox)
    sandbox.clock_file.write_text(str(3 * 86_400 + 5))
    with pytest.raises(WaveRefused) as refused:
        sandbox.wave().reverse_payout(payout.id, idempotency_key="back")
    assert refused.value.code == "payout-reversal-time-limit-exceeded"


def test_a_batch_is_worked_off_by_itself_and_each_item_has_its_own_end(sandbox: RunningSandbox) -> None:
    sandbox.control("PUT", "/recipients/+221770000002", refusal="recipient-account-blocked")
    orders = [order(500), order(700, "po-2", "+221770000002"), order(900, "po-3")]
    batch_id = sandbox.wave().create_payout_batch(orders, idempotency_key="b")
    done = eventually(
        lambda: (
            batch
            if (batch := sandbox.wave().get_payout_batch(batch_id)).status is BatchStatus.COMPLETE
            else None
        )
    )
    assert [payout.client_reference for payout in done.payouts] == ["po-1", "po-2", "po-3"]
    assert [payout.status.value for payout in done.payouts] == ["succeeded", "failed", "succeeded"]
    assert done.payouts[1].error is not None
    assert done.payouts[1].error.code == "recipient-account-blocked"
    assert {line.batch_id for line in sandbox.wave().transactions(done.payouts[0].timestamp.date())} == {
        batch_id
    }


def test_until_it_is_run_a_batch_is_processing_and_nothing_has_moved(sandbox: RunningSandbox) -> None:
    sandbox.control("POST", "/batches", delay_seconds=3600)
    before = sandbox.wave().get_balance()
    batch_id = sandbox.wave().create_payout_batch([order()], idempotency_key="b")
    batch = sandbox.wave().get_payout_batch(batch_id)
    assert batch.status is BatchStatus.PROCESSING
    assert [payout.status for payout in batch.payouts] == [PayoutStatus.PROCESSING]
    assert sandbox.wave().get_balance() == before
    sandbox.control("POST", "/batches/run")
    assert sandbox.wave().get_payout_batch(batch_id).status is BatchStatus.COMPLETE


def test_the_same_batch_with_the_same_key_is_one_batch(sandbox: RunningSandbox) -> None:
    ids = {sandbox.wave().create_payout_batch([order()], idempotency_key="b") for _ in range(3)}
    sandbox.control("POST", "/batches/run")
    assert len(ids) == 1
    assert sandbox.payouts_for("po-1") == 1


def test_both_spellings_of_the_batch_addresses_are_understood(sandbox: RunningSandbox) -> None:
    body = {"payouts": [{"currency": "XOF", "receive_amount": "500", "mobile": AWA}]}
    made = sandbox.post("/v1/payout-batch/", body, **{"Idempotency-Key": "b"})
    assert made.status_code == 200
    assert sandbox.get(f"/v1/payouts-batch/{made.json()['id']}").json()["id"] == made.json()["id"]


def test_one_malformed_item_refuses_the_whole_batch_and_says_which(sandbox: RunningSandbox) -> None:
    items = [{"currency": "XOF", "receive_amount": "500", "mobile": AWA}, {"currency": "XOF", "mobile": AWA}]
    answer = sandbox.post("/v1/payout-batch", {"payouts": items}, **{"Idempotency-Key": "b"})
    assert answer.status_code == 400
    assert [detail["loc"] for detail in answer.json()["details"]] == [["payouts", 1, "receive_amount"]]


def test_a_batch_has_one_to_a_hundred_orders(sandbox: RunningSandbox) -> None:
    for orders in ([], [order()] * 101):
        with pytest.raises(ValueError, match="1 to 100"):
            sandbox.wave().create_payout_batch(orders, idempotency_key="b")


def test_a_recipient_is_compared_with_what_wave_knows(sandbox: RunningSandbox) -> None:
    sandbox.control("PUT", f"/recipients/{AWA}", name="Awa Ndiaye", national_id="1234", payment_limit=10_000)
    wave = sandbox.wave()
    good = wave.verify_recipient(AWA, name="NDIAYE Awa", national_id="1234", amount=10_000)
    assert (good.within_limits, good.name_match, good.national_id_match) == (
        True,
        NameMatch.MATCH,
        IdMatch.MATCH,
    )
    bad = wave.verify_recipient(AWA, name="Moussa Fall", national_id="9999", amount=10_001)
    assert (bad.within_limits, bad.name_match, bad.national_id_match) == (
        False,
        NameMatch.NO_MATCH,
        IdMatch.NO_MATCH,
    )
    unknown = wave.verify_recipient("+221770000009", name="Moussa Fall")
    assert (unknown.within_limits, unknown.name_match, unknown.national_id_match) == (
        None,
        NameMatch.NAME_NOT_KNOWN,
        None,
    )


def test_a_number_checked_too_often_is_blocked_for_an_hour(sandbox: RunningSandbox) -> None:
    wave = sandbox.wave()
    for _ in range(30):
        wave.verify_recipient(AWA)
    with pytest.raises(WaveThrottled):
        wave.verify_recipient(AWA)
    assert wave.verify_recipient("+221770000009").within_limits is None
    sandbox.clock_file.write_text("600")
    with pytest.raises(WaveThrottled):
        wave.verify_recipient(AWA)
    sandbox.clock_file.write_text("3700")
    assert wave.verify_recipient(AWA).within_limits is None
