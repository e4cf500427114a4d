"""The wallet's record: every change of the balance, page by page."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal.gateways.wave import PayoutOrder, TransactionType, WaveRefused
from portal.kernel import clock
from tests.sandbox.running import RunningSandbox

AWA = "+221771234567"


def today() -> date:
    return clock.now().date()


def test_the_record_explains_every_franc_of_the_balance(sandbox: RunningSandbox) -> None:
    wave = sandbox.wave()
    opening = wave.get_balance().amount
    session = wave.create_session(
        amount=15_000,
        success_url="https://a.example",
        error_url="https://a.example",
        client_reference="don-1",
    )
    sandbox.control("POST", f"/sessions/{session.id}/pay", mobile=AWA)
    order = PayoutOrder(receive_amount=2500, mobile=AWA, client_reference="po-1", payment_reason="Part")
    payout = wave.create_payout(order, idempotency_key="k")
    wave.reverse_payout(payout.id, idempotency_key="back")
    wave.refund_session(session.id)
    lines = list(wave.transactions(today()))
    assert [(line.transaction_type, line.amount, line.fee, line.is_reversal) for line in lines] == [
        (TransactionType.API_CHECKOUT, 14_850, 150, False),
        (TransactionType.API_PAYOUT, -2525, 25, False),
        (TransactionType.API_PAYOUT_REVERSAL, 2525, -25, True),
        (TransactionType.API_CHECKOUT_REFUND, -14_850, -150, True),
    ]
    assert opening + sum(line.amount for line in lines) == wave.get_balance().amount
    assert [line.balance for line in lines][-1] == wave.get_balance().amount
    assert (lines[0].checkout_session_id, lines[0].client_reference) == (session.id, "don-1")
    assert (lines[1].client_reference, lines[1].payment_reason) == ("po-1", "Part")


def test_a_long_day_is_read_to_its_end_page_after_page(sandbox: RunningSandbox) -> None:
    for number in range(7):
        sandbox.control("POST", "/merchant-payments", amount=1000 + number)
    pages = []
    query = f"/v1/transactions?date={today().isoformat()}&first=3"
    page = sandbox.get(query).json()
    pages.append(page)
    while page["page_info"]["has_next_page"]:
        page = sandbox.get(f"{query}&after={page['page_info']['end_cursor']}").json()
        pages.append(page)
    assert [len(page["items"]) for page in pages] == [3, 3, 1]
    ids = [line["transaction_id"] for page in pages for line in page["items"]]
    assert ids == [line.transaction_id for line in sandbox.wave().transactions(today())]


def test_the_client_follows_the_cursor_when_wave_hands_out_pages(sandbox: RunningSandbox) -> None:
    for _ in range(1001):
        sandbox.control("POST", "/merchant-payments", amount=1000)
    first = sandbox.get("/v1/transactions").json()
    assert (len(first["items"]), first["page_info"]["has_next_page"]) == (1000, True)
    assert len(list(sandbox.wave().transactions(today()))) == 1001


def test_each_day_has_its_own_record(sandbox: RunningSandbox) -> None:
    sandbox.control("POST", "/merchant-payments", amount=1000)
    sandbox.clock_file.write_text("86400")
    sandbox.control("POST", "/merchant-payments", amount=2000)
    days = [today(), today() + timedelta(days=1)]
    assert [[line.amount for line in sandbox.wave().transactions(day)] for day in days] == [[990], [1980]]


def test_a_till_payment_is_refunded_once_and_only_by_its_own_number(sandbox: RunningSandbox) -> None:
    wave = sandbox.wave()
    before = wave.get_balance()
    paid = sandbox.control("POST", "/merchant-payments", amount=1000)
    for _ in range(2):
        wave.refund_transaction(paid["id"])
    assert wave.get_balance() == before
    with pytest.raises(WaveRefused) as refused:
        wave.refund_transaction("T_NOBODY")
    assert refused.value.status == 404


@pytest.mark.parametrize("query", ["date=yesterday", "after=xyz", "after=YWZ0ZXI6eHl6"])
def test_a_day_or_cursor_that_is_none_is_refused(sandbox: RunningSandbox, query: str) -> None:
    assert sandbox.get(f"/v1/transactions?{query}").json()["code"] == "request-validation-error"
