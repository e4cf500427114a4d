"""Wave's own list of transactions finds what no message and no poll ever told."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from portal.gateways.wave import PayoutOrder, Transaction, TransactionType, WaveClient
from portal.kernel import clock as portal_clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, transaction
from portal.ledger.accounts import house_money, platform, provider_clearing, unexplained
from portal.ledger.errors import InsufficientFunds
from portal.ledger.models import Purpose
from portal.ledger.queries import counted_balance
from portal.payments import booking
from portal.payments.confirmation import fail_payment
from portal.payments.events import payment_succeeded, refund_requested
from portal.payments.matching import match_transactions
from portal.payments.models import WAVE_PROVIDER_ID, PaymentWebhookEvent, RefundReason
from portal.payments.refunds import request_refund
from tests.harness.moments import Clock
from tests.payments.world import (
    PHONE,
    Ears,
    World,
    alerts_of,
    an_admin,
    apart_from,
    payment,
    refund_of,
    run_follow_ups,
)


@pytest.mark.covers("DON-23", "PAY-22")
def test_a_payment_that_failed_here_and_was_paid_there_is_found(
    db_session: DbSession, world: World, heard: Ears
) -> None:
    payment_id = world.at_wave()
    world.pay(payment_id)
    with transaction():
        fail_payment(payment_id, "expired", SYSTEM)

    assert match_transactions() == {"confirmed": 1}
    assert match_transactions() == {"known": 1}

    assert payment(payment_id).status == "succeeded"
    assert heard.names(payment_id) == ["payment_failed", "payment_succeeded"]


@pytest.mark.covers("DON-23")
def test_yesterday_is_read_too_and_a_week_after_days_away(
    db_session: DbSession, world: World, clock: Clock
) -> None:
    payment_id = world.at_wave()
    world.pay(payment_id)
    world.later(clock, days=3)

    assert match_transactions() == {}
    assert match_transactions(days=7) == {"confirmed": 1}


@pytest.mark.covers("PAY-23")
def test_the_number_that_paid_is_learned_from_the_list(db_session: DbSession, world: World) -> None:
    payment_id = world.paid()

    match_transactions()

    assert payment(payment_id).provider_data["paid_from"] == PHONE


@pytest.mark.covers("PAY-22")
def test_a_second_session_that_was_paid_is_found_and_sent_back(db_session: DbSession, world: World) -> None:
    payment_id = world.paid()
    other = world.sandbox.wave().create_session(
        amount=2500,
        success_url="http://localhost/ok",
        error_url="http://localhost/ko",
        client_reference=payment_id.hex,
    )
    world.sandbox.control("POST", f"/sessions/{other.id}/pay")

    match_transactions()
    match_transactions()
    run_follow_ups()

    [surplus] = apart_from(payment_id)
    assert payment(surplus.id).status == "refunded"
    assert match_transactions() == {"known": 3}


@pytest.mark.covers("DON-28", "PAY-23")
def test_a_refund_without_an_answer_is_ended_by_the_list(
    db_session: DbSession, world: World, heard: Ears
) -> None:
    payment_id = world.paid()
    world.sandbox.arm("checkout.refund", "cut", moment="after")
    with transaction():
        request_refund(payment_id, RefundReason.USER_REQUEST, "changed his mind", by=SYSTEM)
    run_follow_ups()
    assert refund_of(payment_id).status == "processing"

    assert match_transactions() == {"known": 1, "refunded": 1}

    refund = refund_of(payment_id)
    assert refund.status == "completed"
    assert refund.provider_refund_id is not None
    assert payment(payment_id).status == "refunded"
    assert heard.names(refund.id) == ["refund_requested", "refund_completed"]


@pytest.mark.covers("PAY-24")
def test_a_refund_gets_its_reference_from_the_list(db_session: DbSession, world: World) -> None:
    payment_id = world.paid()
    with transaction():
        request_refund(payment_id, RefundReason.USER_REQUEST, "changed his mind", by=SYSTEM)
    run_follow_ups()
    assert refund_of(payment_id).provider_refund_id is None

    match_transactions()

    refund = refund_of(payment_id)
    assert refund.provider_refund_id is not None
    assert refund.refund_transaction_id is not None
    assert payment(refund.refund_transaction_id).provider_reference == refund.provider_refund_id


@pytest.mark.covers("DON-23", "DON-28")
def test_a_refund_made_in_wave_s_own_portal_is_recorded_here(
    db_session: DbSession, world: World, heard: Ears
) -> None:
    payment_id = world.at_wave()
    session = world.pay(payment_id)
    world.sandbox.wave().refund_session(session.id)

    # The payment's own news never came: payment first, refund after it, both from the list.
    assert match_transactions() == {"confirmed": 1, "refunded": 1}
    assert match_transactions() == {"known": 2}

    assert payment(payment_id).status == "refunded"
    refund = refund_of(payment_id)
    assert (refund.status, refund.reason) == ("completed", "admin_action")
    assert heard.names(payment_id) == ["payment_succeeded"]
    assert heard.names(refund.id) == ["refund_requested", "refund_completed"]


@pytest.mark.covers("DON-27", "DON-28")
def test_a_refund_made_outside_of_money_that_is_spent_waits_for_a_person(
    db_session: DbSession, world: World
) -> None:
    admin = an_admin()
    payment_id = world.paid()
    session_id = payment(payment_id).provider_session_id
    assert session_id is not None
    world.sandbox.wave().refund_session(session_id)

    def spent(_refund: object, **_more: object) -> None:
        raise InsufficientFunds

    with refund_requested.connected_to(spent):
        assert match_transactions() == {"known": 1, "review": 1}
        assert match_transactions() == {"known": 2}

    row = payment(payment_id)
    assert (row.status, row.review_reason) == ("succeeded", "refunded_outside")
    assert alerts_of(admin) == ["refund-made-outside"]
    assert counted_balance(unexplained()).posted == -2_500

    # The operator has found the money and asks for the refund here: Wave says that it is done.
    with transaction():
        request_refund(payment_id, RefundReason.ADMIN_ACTION, "found", by=SYSTEM)
    run_follow_ups()
    for _twice in range(2):
        assert match_transactions() == {"known": 2}
    assert counted_balance(unexplained()).posted == 0


@pytest.mark.covers("DON-23")
def test_unknown_money_is_shown_to_people_once(db_session: DbSession, world: World) -> None:
    admin = an_admin()
    world.sandbox.control("POST", "/merchant-payments", amount=4000)
    session = world.sandbox.wave().create_session(
        amount=900,
        success_url="http://localhost/ok",
        error_url="http://localhost/ko",
        client_reference="other",
    )
    world.sandbox.control("POST", f"/sessions/{session.id}/pay")

    assert match_transactions() == {"unknown": 2}
    assert match_transactions() == {"known": 2}

    shown = db.session.execute(select(PaymentWebhookEvent)).scalars().all()
    assert {(event.event_type, event.status) for event in shown} == {("transaction.unknown", "failed")}
    assert alerts_of(admin) == ["money-unknown", "money-unknown"]


def test_a_payout_that_nobody_here_ordered_is_shown_to_people_once(
    db_session: DbSession, world: World
) -> None:
    admin = an_admin()
    order = PayoutOrder(receive_amount=1000, mobile=PHONE, client_reference="payout:1")
    payout = world.sandbox.wave().create_payout(order, idempotency_key="payout:1")
    world.sandbox.wave().reverse_payout(payout.id, idempotency_key="reverse:1")

    assert match_transactions() == {"unknown": 2}
    assert match_transactions() == {"known": 2}
    assert alerts_of(admin) == ["money-moved-unknown", "money-moved-unknown"]


def test_what_the_house_sweeps_to_its_bank_is_its_own_money(db_session: DbSession) -> None:
    line = Transaction(
        transaction_id="TSWEEP",
        transaction_type=TransactionType.MERCHANT_SWEEP,
        timestamp=portal_clock.now(),
        amount=-70_100,
        fee=100,
        balance=0,
        currency="XOF",
        is_reversal=False,
        client_reference=None,
        checkout_session_id=None,
        batch_id=None,
        counterparty_name=None,
        counterparty_mobile=None,
        payment_reason=None,
    )

    for _twice in range(2):
        assert booking.take_outgoing(line, booking.read_standing([line])) == "swept"

    assert counted_balance(house_money()).posted == -70_000
    assert counted_balance(platform(Purpose.FEES)).posted == -100
    assert counted_balance(provider_clearing(WAVE_PROVIDER_ID)).posted == 70_100


def test_one_line_that_cannot_be_settled_does_not_hide_the_others(
    db_session: DbSession, world: World
) -> None:
    broken, good = world.at_wave(), world.at_wave()
    for one in (broken, good):
        world.pay(one)

    def refuse(sender: Any, **_more: object) -> None:
        if sender.id == broken:
            raise RuntimeError("the ledger is away")

    with payment_succeeded.connected_to(refuse):
        assert match_transactions() == {"broken": 1, "confirmed": 1}
    assert match_transactions() == {"known": 1, "confirmed": 1}
    assert payment(broken).status == "succeeded"


def test_a_list_that_breaks_off_is_read_again_next_time(db_session: DbSession, world: World) -> None:
    payment_id = world.at_wave()
    world.pay(payment_id)
    world.sandbox.arm("transactions.list", "cut")

    with pytest.raises(Exception, match="Connection"):
        match_transactions()

    assert match_transactions() == {"confirmed": 1}
    assert payment(payment_id).status == "succeeded"


def test_no_transaction_is_open_while_the_list_is_read(
    committed_db: DbSession, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment_id = world.at_wave()
    world.pay(payment_id)
    seen = []
    real = WaveClient._call

    def watched(self: Any, *arguments: Any, **more: Any) -> Any:
        seen.append(db.session().in_transaction())
        return real(self, *arguments, **more)

    monkeypatch.setattr(WaveClient, "_call", watched)
    db.session.rollback()
    assert match_transactions() == {"confirmed": 1}
    assert seen == [False, False, False]
