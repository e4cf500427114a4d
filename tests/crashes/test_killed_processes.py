"""`kill -9` at the worst moment: after the restart and the sweep everything has happened, and happened once."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.crashes.portal import WORKERS, Gift, Phone, RunningPortal

pytestmark = pytest.mark.xdist_group("browser")

_PAYOUT = """
    SELECT payouts.id, payouts.status, payouts.attempt, partner_settlements.status, idempotency_key
    FROM partner_settlements JOIN payouts ON payouts.id = partner_settlements.payout_id
    WHERE partner_settlements.id = %s
"""


def approve(portal: RunningPortal, settlement: str) -> None:
    """An admin releases the settlement on its page."""
    admin = Phone(portal, portal.town["admin"])
    page = f"/admin/settlements/{settlement}"
    answer = admin.post(f"{page}/approval", admin.form(page))
    assert answer.status_code == 303, answer.text


@pytest.mark.covers("PAY-22")
def test_a_worker_killed_after_wave_has_paid_pays_nobody_twice(portal: RunningPortal) -> None:
    settlement = portal.town["settlement"]
    portal.arm("payout.create", "timeout", moment="after", seconds=600)

    approve(portal, settlement)
    portal.until(lambda: portal.outside.sandbox("/moved")["payouts"], "the money on its way")
    portal.kill(portal.until(portal.busy_worker, "the worker that asks Wave"))

    ((payout_id, status, attempt, outcome, key),) = portal.rows(_PAYOUT, settlement)
    assert (status, attempt, outcome) == ("processing", 1, "approved")
    assert portal.is_in_balance()

    portal.mend()
    portal.let_pass(minutes=10)
    portal.wake("kernel.sweep")
    portal.wake("payouts.poll")

    def is_paid() -> bool:
        return bool(portal.rows(_PAYOUT, settlement)[0][3] == "paid")

    portal.until(is_paid, "the settlement as paid")
    assert portal.rows(_PAYOUT, settlement) == [(payout_id, "completed", 1, "paid", key)]
    (moved,) = portal.outside.sandbox("/moved")["payouts"]
    assert (moved["client_reference"], moved["payouts"], moved["receive_amount"]) == (key, 1, 16_000)
    steps = portal.rows(
        "SELECT to_status FROM status_history WHERE entity_id = %s ORDER BY occurred_at", settlement
    )
    assert Counter(steps)[("paid",)] == 1
    assert (
        portal.one("SELECT count(*) FROM ledger_transfers WHERE kind = 'payout' AND status = 'posted'") == 1
    )
    assert portal.is_in_balance()


@pytest.mark.covers("PAY-22", "DON-20", "DON-23")
def test_a_web_server_killed_after_wave_took_the_money_counts_each_gift_once(portal: RunningPortal) -> None:
    pot: dict[str, Any] = portal.town["pots"][0]
    gifts = [
        Phone(portal).give(pot["slug"], 2_500 + number, f"b{number}@crash.example") for number in range(2)
    ]
    dropped, knocking = gifts

    portal.kill("web")
    portal.arm("webhook", "drop")
    portal.order(f"/sessions/{dropped.session_id}/pay")
    portal.order(f"/sessions/{knocking.session_id}/pay")
    portal.until(lambda: knocks(portal, knocking), "Wave before a closed door")
    assert portal.raised(pot) == (0, 0)

    portal.mend()
    portal.let_pass(minutes=10)
    portal.wake("payments.poll_open")

    def are_counted() -> bool:
        return portal.raised(pot) == (5_001, 2)

    portal.until(are_counted, "both gifts in the pot")
    portal.until(lambda: delivered(portal, knocking), "Wave's message taken in the end")
    portal.until(portal.is_done, "everything done")
    assert portal.raised(pot) == (5_001, 2)
    assert portal.rows(_GIFTS, pot["id"]) == [("succeeded", 2_500, 1), ("succeeded", 2_501, 1)]
    assert portal.receipts(gifts) == [1, 1]
    assert portal.is_in_balance()


@pytest.mark.covers("NTF-39")
def test_workers_killed_in_the_middle_of_a_mailing_lose_nothing_and_repeat_one_batch(
    portal: RunningPortal,
) -> None:
    portal.arm("mail.send", "timeout", seconds=600, match={"at": "data", "to": "guest30@crash.example"})

    addresses: list[str] = portal.set_scene("mailing")
    portal.until(lambda: portal.mails_to("guest30@crash.example"), "the mailing half way")
    portal.kill(*WORKERS)
    before = {address: len(portal.mails_to(address)) for address in addresses}
    assert set(before.values()) == {0, 1}

    portal.mend()
    portal.let_pass(minutes=6)
    portal.wake("notifications.deliver")
    portal.until(portal.is_done, "every message handed over")

    for address in addresses:
        mails = portal.mails_to(address)
        assert 1 <= len(mails) <= before[address] + 1
        assert len({mail["message_id"] for mail in mails}) == 1


_GIFTS = """
    SELECT donations.status, amount_minor, (SELECT count(*) FROM ledger_transfers WHERE source_id = donations.id)
    FROM donations WHERE pot_id = %s ORDER BY amount_minor
"""


def knocks(portal: RunningPortal, gift: Gift) -> bool:
    """Whether Wave has tried to tell of a payment and found nobody."""
    return any(one["attempts"] and one["state"] != "done" for one in portal.messages_about(gift.session_id))


def delivered(portal: RunningPortal, gift: Gift) -> bool:
    """Whether Wave's message of a payment was taken."""
    return any(one["state"] == "done" for one in portal.messages_about(gift.session_id))
