"""The published community package as an independent client: what it expects, the sandbox does (contract §12)."""

from __future__ import annotations

from typing import Any

import pytest
from wave_business_api import WaveClient
from wave_business_api.exceptions import (
    WaveAuthError,
    WaveIdempotencyError,
    WaveNotFoundError,
    WaveRateLimitError,
    WaveServerError,
    WaveValidationError,
)

from portal.kernel import clock
from tests.sandbox.running import API_KEY, RunningSandbox

AWA = "+221771234567"


@pytest.fixture
def community(sandbox: RunningSandbox) -> Any:
    return WaveClient(api_key=API_KEY, base_url=sandbox.url)


def ask(community: Any, reference: str = "don-1") -> dict[str, Any]:
    session: dict[str, Any] = community.checkout.create_session(
        amount="2500",
        currency="XOF",
        success_url="https://portal.example.org/ok",
        error_url="https://portal.example.org/ko",
        client_reference=reference,
    )
    return session


def test_it_takes_money_in(sandbox: RunningSandbox, community: Any) -> None:
    session = ask(community)
    assert community.checkout.get_session(session["id"]) == session
    sandbox.control("POST", f"/sessions/{session['id']}/pay")
    paid = community.checkout.search_sessions("don-1")[0]
    assert (paid["checkout_status"], paid["payment_status"]) == ("complete", "succeeded")
    assert community.checkout.get_session_by_transaction(paid["transaction_id"]) == paid
    assert community.checkout.refund_session(session["id"]) is None


def test_it_closes_a_session(community: Any) -> None:
    session = ask(community)
    assert community.checkout.expire_session(session["id"]) is None
    with pytest.raises(WaveIdempotencyError):
        community.checkout.expire_session(session["id"])
    with pytest.raises(WaveNotFoundError):
        community.checkout.get_session("cos-nobody")


def test_it_sends_money_out_once_per_key(community: Any) -> None:
    order = {"currency": "XOF", "receive_amount": "5000", "mobile": AWA, "client_reference": "po-1"}
    made = community.payout.create(**order, idempotency_key="k")
    assert (made["status"], made["fee"]) == ("succeeded", "50")
    assert community.payout.create(**order, idempotency_key="k") == made
    assert community.payout.get(made["id"]) == made
    assert community.payout.search("po-1") == [made]
    with pytest.raises(WaveIdempotencyError):
        community.payout.create(**(order | {"receive_amount": "5001"}), idempotency_key="k")
    assert community.payout.reverse(made["id"]) is None
    assert community.payout.get(made["id"])["status"] == "reversed"


def test_it_sends_a_batch(sandbox: RunningSandbox, community: Any) -> None:
    orders = [{"currency": "XOF", "receive_amount": str(amount), "mobile": AWA} for amount in (5000, 8000)]
    batch = community.payout.create_batch(orders)
    sandbox.control("POST", "/batches/run")
    done = community.payout.get_batch(batch["id"])
    assert done["status"] == "complete"
    assert [payout["status"] for payout in done["payouts"]] == ["succeeded", "succeeded"]


def test_it_checks_a_recipient(sandbox: RunningSandbox, community: Any) -> None:
    sandbox.control("PUT", f"/recipients/{AWA}", name="Fatou Ndiaye")
    found = community.payout.verify_recipient(mobile=AWA, name="Fatou Ndiaye", amount="5000", currency="XOF")
    assert found == {"within_limits": True, "name_match": "MATCH", "national_id_match": None}


def test_it_reads_the_balance_and_every_transaction(sandbox: RunningSandbox, community: Any) -> None:
    paid = sandbox.control("POST", "/merchant-payments", amount=1000)
    community.payout.create(currency="XOF", receive_amount="500", mobile=AWA)
    assert community.balance.get() == {"amount": str(5_000_000 + 990 - 505), "currency": "XOF"}
    day = clock.now().date().isoformat()
    kinds = [line["transaction_type"] for line in community.balance.get_all_transactions(date=day)]
    assert kinds == ["merchant_payment", "api_payout"]
    assert len(community.balance.get_transactions(date=day, first=1)["items"]) == 1
    assert community.balance.refund_transaction(paid["id"]) is None


def test_it_understands_every_refusal(sandbox: RunningSandbox, community: Any) -> None:
    with pytest.raises(WaveAuthError):
        WaveClient(api_key="wave_sn_prod_wrong", base_url=sandbox.url).balance.get()
    with pytest.raises(WaveValidationError):
        community.payout.create(currency="XOF", receive_amount="5.5", mobile=AWA)
    sandbox.control("POST", "/wallet", balance=0)
    with pytest.raises(WaveValidationError, match="insufficient"):
        community.payout.create(currency="XOF", receive_amount="500", mobile=AWA)
    sandbox.arm("balance.get", "throttle")
    with pytest.raises(WaveRateLimitError):
        community.balance.get()
    sandbox.arm("balance.get", "error", status=503)
    with pytest.raises(WaveServerError):
        community.balance.get()
    with pytest.raises(WaveAuthError):
        community.aggregated_merchants.list()
