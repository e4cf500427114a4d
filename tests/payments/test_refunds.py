"""Giving money back: whole or in part, once, whatever Wave answers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as DbSession

from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, transaction
from portal.kernel.errors import Conflict, DomainError, InvalidInput, NotFound
from portal.kernel.ids import new_id
from portal.kernel.money import Money
from portal.kernel.work import MAX_ATTEMPTS
from portal.ledger.errors import InsufficientFunds
from portal.ledger.queries import totals_by_purpose, trial_balance
from portal.payments import refunding
from portal.payments.events import refund_requested
from portal.payments.jobs import ask_refunds
from portal.payments.matching import match_transactions
from portal.payments.models import Refund, RefundReason
from portal.payments.refunds import request_refund, retry_refund
from tests.harness.moments import Clock
from tests.payments.world import PHONE, Ears, World, alerts_of, an_admin, payment, run_follow_ups

FRIEND = "+221772223344"


def ask(payment_id: UUID, amount: int | None = None) -> UUID:
    """Request a refund; its id."""
    with transaction():
        asked = request_refund(
            payment_id,
            RefundReason.USER_REQUEST,
            "changed his mind",
            Money(amount) if amount is not None else None,
            by=SYSTEM,
        )
        return asked.id


def refund(refund_id: UUID) -> Refund:
    """The refund as the database has it now."""
    return db.session.get_one(Refund, refund_id, populate_existing=True)


def at_wave(world: World) -> dict[str, Any]:
    """What moved in the wallet."""
    return world.sandbox.control("GET", "/moved")


@pytest.mark.covers("DON-25", "DON-26", "DON-28", "PAY-20", "PAY-23")
def test_a_whole_refund_goes_back_through_its_session(
    db_session: DbSession, world: World, heard: Ears
) -> None:
    payment_id = world.paid(2500)
    refund_id = ask(payment_id)
    asked = refund(refund_id)
    assert (asked.status, asked.amount_minor, asked.reason) == ("pending", 2500, "user_request")

    run_follow_ups()

    done = refund(refund_id)
    assert done.status == "completed"
    assert done.processed_at is not None
    assert done.completed_at is not None
    row = payment(payment_id)
    assert (row.status, row.refunded_minor) == ("refunded", 2500)
    assert done.refund_transaction_id is not None
    movement = payment(done.refund_transaction_id)
    assert (movement.transaction_type, movement.status) == ("refund", "succeeded")
    assert movement.parent_transaction_id == payment_id
    assert at_wave(world)["payments"][0]["refunded"] == 1
    assert heard.names(refund_id) == ["refund_requested", "refund_completed"]


@pytest.mark.covers("DON-27", "PAY-22")
def test_a_second_refund_of_the_same_payment_is_refused(db_session: DbSession, world: World) -> None:
    payment_id = world.paid()
    ask(payment_id)
    with pytest.raises(Conflict):
        ask(payment_id)
    run_follow_ups()
    with pytest.raises(Conflict):
        ask(payment_id)

    run_follow_ups()
    assert at_wave(world)["payments"][0]["refunded"] == 1


@pytest.mark.covers("DON-27")
def test_eight_requests_at_once_make_one_refund(committed_db: DbSession, app: Flask, world: World) -> None:
    payment_id = world.paid()
    db.session.rollback()

    def click(_number: int) -> str:
        with app.app_context():
            try:
                ask(payment_id)
            except DomainError as refused:
                return type(refused).__name__
            return "asked"

    with ThreadPoolExecutor(8) as threads:
        answers = sorted(threads.map(click, range(8)))

    assert answers == ["Conflict"] * 7 + ["asked"]


@pytest.mark.covers("DON-27")
@pytest.mark.parametrize("amount", [0, -5, 2501])
def test_nothing_beyond_what_was_paid_can_be_asked_for(
    db_session: DbSession, world: World, amount: int
) -> None:
    payment_id = world.paid(2500)

    with pytest.raises(InvalidInput):
        ask(payment_id, amount)


@pytest.mark.covers("DON-27")
def test_the_database_itself_refuses_refunds_beyond_the_payment(db_session: DbSession, world: World) -> None:
    payment_id = world.paid(2500)
    insert = text(
        "INSERT INTO refunds (id, payment_transaction_id, amount_minor, currency, reason, status,"
        " created_at, updated_at) VALUES (:id, :payment, :amount, 'XOF', 'fraud', :status, now(), now())"
    )
    db.session.execute(insert, {"id": new_id(), "payment": payment_id, "amount": 2000, "status": "completed"})

    with pytest.raises(IntegrityError, match="exceed the payment"):
        db.session.execute(
            insert, {"id": new_id(), "payment": payment_id, "amount": 501, "status": "pending"}
        )


@pytest.mark.covers("DON-26")
def test_a_reason_outside_the_list_is_refused_by_the_database(db_session: DbSession, world: World) -> None:
    payment_id = world.paid(2500)

    with pytest.raises(IntegrityError, match="ck_refunds_reason"):
        db.session.execute(
            text(
                "INSERT INTO refunds (id, payment_transaction_id, amount_minor, currency, reason,"
                " created_at, updated_at) VALUES (:id, :payment, 5, 'XOF', 'whim', now(), now())"
            ),
            {"id": new_id(), "payment": payment_id},
        )


@pytest.mark.parametrize("state", ["pending", "processing"])
def test_only_a_payment_that_has_arrived_can_be_refunded(
    db_session: DbSession, world: World, state: str
) -> None:
    payment_id = world.start() if state == "pending" else world.at_wave()

    with pytest.raises(Conflict):
        ask(payment_id)
    with pytest.raises(NotFound):
        ask(new_id())


@pytest.mark.covers("DON-27", "DON-28")
def test_money_that_is_spent_is_not_requested_back(db_session: DbSession, world: World, heard: Ears) -> None:
    payment_id = world.paid()

    def spent(_refund: object, **_more: object) -> None:
        raise InsufficientFunds

    with refund_requested.connected_to(spent), pytest.raises(InsufficientFunds):
        ask(payment_id)

    run_follow_ups()
    assert payment(payment_id).status == "succeeded"
    assert at_wave(world)["payments"][0]["refunded"] == 0


@pytest.mark.covers("DON-28", "PAY-22")
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_refund_without_an_answer_is_asked_for_again_and_happens_once(
    db_session: DbSession, world: World, clock: Clock, heard: Ears, moment: str
) -> None:
    payment_id = world.paid()
    world.sandbox.arm("checkout.refund", "cut", moment=moment)
    refund_id = ask(payment_id)

    run_follow_ups()
    assert refund(refund_id).status == "processing"
    assert payment(payment_id).status == "succeeded"

    world.later(clock, seconds=11)
    run_follow_ups()
    assert refund(refund_id).status == "completed"
    assert at_wave(world)["payments"][0]["refunded"] == 1
    assert heard.names(refund_id) == ["refund_requested", "refund_completed"]


@pytest.mark.covers("DON-28", "DON-29")
def test_a_refused_refund_is_told_and_can_be_started_anew(
    db_session: DbSession, world: World, heard: Ears
) -> None:
    admin = an_admin()
    payment_id = world.paid()
    world.sandbox.control("POST", "/wallet", balance=0)
    refund_id = ask(payment_id)

    run_follow_ups()

    failed = refund(refund_id)
    assert (failed.status, failed.last_error) == ("failed", "checkout-refund-failed")
    assert payment(payment_id).status == "succeeded"
    assert alerts_of(admin) == ["refund-refused"]

    world.sandbox.control("POST", "/wallet", balance=1_000_000)
    asked_first = failed.processed_at
    with transaction():
        retry_refund(refund_id, by=admin)
    asked_last = refund(refund_id).processed_at
    assert asked_first is not None
    assert asked_last is not None
    assert asked_last > asked_first
    run_follow_ups()

    assert refund(refund_id).status == "completed"
    assert heard.names(refund_id) == [
        "refund_requested",
        "refund_failed",
        "refund_requested",
        "refund_completed",
    ]
    with pytest.raises(Conflict), transaction():
        retry_refund(refund_id, by=admin)


def test_a_refusal_of_our_key_does_not_end_a_refund(
    db_session: DbSession, world: World, clock: Clock
) -> None:
    payment_id = world.paid()
    world.sandbox.arm("checkout.refund", "error", status=401, code="api-key-revoked")
    refund_id = ask(payment_id)

    run_follow_ups()
    assert refund(refund_id).status == "processing"

    with transaction():
        retry_refund(refund_id, by=SYSTEM)
    run_follow_ups()
    assert refund(refund_id).status == "completed"


@pytest.mark.covers("PAY-20", "PAY-23", "DON-27")
def test_parts_go_back_to_the_payers_number_until_nothing_is_left(
    db_session: DbSession, world: World, heard: Ears
) -> None:
    payment_id = world.paid(2500, payer_phone=PHONE)

    first = ask(payment_id, 1000)
    run_follow_ups()
    row = payment(payment_id)
    assert (row.status, row.refunded_minor) == ("partially_refunded", 1000)
    with pytest.raises(InvalidInput):
        ask(payment_id, 1501)

    second = ask(payment_id)
    run_follow_ups()
    row = payment(payment_id)
    assert (row.status, row.refunded_minor) == ("refunded", 2500)
    sent = world.sandbox.control("GET", "/payouts")["payouts"]
    assert [(one["receive_amount"], one["mobile"]) for one in sent] == [("1500", PHONE), ("1000", PHONE)]
    assert refund(second).provider_refund_id == sent[0]["id"]
    assert refund(first).provider_refund_id == sent[1]["id"]
    assert at_wave(world)["payments"][0]["refunded"] == 0


@pytest.mark.covers("PAY-23")
def test_what_wave_takes_for_sending_a_part_is_booked_as_our_fee(db_session: DbSession, world: World) -> None:
    payment_id = world.paid(2500, payer_phone=PHONE)
    ask(payment_id, 1000)
    run_follow_ups()

    totals = {(row[0], row[1]): int(row[3]) for row in totals_by_purpose()}
    assert totals[("platform", "fees")] == -10
    assert trial_balance() == {"XOF": 0}


@pytest.mark.covers("PAY-23")
def test_the_number_that_paid_wins_over_the_one_that_was_typed(db_session: DbSession, world: World) -> None:
    payment_id = world.at_wave(2500, payer_phone=FRIEND)
    world.pay(payment_id, PHONE)
    world.announce(payment_id)
    with transaction():
        row = payment(payment_id)
        row.provider_data = row.provider_data | {"paid_from": PHONE}

    ask(payment_id, 500)
    run_follow_ups()

    [sent] = world.sandbox.control("GET", "/payouts")["payouts"]
    assert sent["mobile"] == PHONE


@pytest.mark.covers("PAY-23")
def test_a_part_needs_a_number_to_go_to(db_session: DbSession, world: World) -> None:
    payment_id = world.paid(2500)

    with pytest.raises(InvalidInput) as refused:
        ask(payment_id, 1000)

    assert refused.value.field == "amount"
    assert refused.value.message


@pytest.mark.covers("PAY-22", "PAY-23")
def test_what_we_learn_of_the_payer_does_not_change_the_words_of_a_part_under_way(
    db_session: DbSession, world: World, clock: Clock
) -> None:
    payment_id = world.paid(2500, payer_phone=FRIEND)
    world.sandbox.arm("payout.create", "cut", moment="after")
    refund_id = ask(payment_id, 1000)
    run_follow_ups()
    match_transactions()
    assert payment(payment_id).provider_data["paid_from"] == PHONE

    world.later(clock, seconds=11)
    run_follow_ups()

    assert refund(refund_id).status == "completed"
    [sent] = world.sandbox.control("GET", "/payouts")["payouts"]
    assert sent["mobile"] == FRIEND


@pytest.mark.covers("PAY-22", "PAY-23")
def test_a_part_without_an_answer_is_sent_once(db_session: DbSession, world: World, clock: Clock) -> None:
    payment_id = world.paid(2500, payer_phone=PHONE)
    world.sandbox.arm("payout.create", "cut", moment="after")
    refund_id = ask(payment_id, 1000)

    run_follow_ups()
    assert refund(refund_id).status == "processing"
    world.later(clock, seconds=11)
    run_follow_ups()

    assert refund(refund_id).status == "completed"
    assert len(world.sandbox.control("GET", "/payouts")["payouts"]) == 1


@pytest.mark.covers("PAY-23")
def test_a_part_that_wave_is_still_sending_is_waited_for(
    db_session: DbSession, world: World, clock: Clock
) -> None:
    payment_id = world.paid(2500, payer_phone=PHONE)
    world.sandbox.arm("payout.create", "processing", after_reads=1)
    refund_id = ask(payment_id, 1000)

    run_follow_ups()
    assert refund(refund_id).status == "processing"
    assert refund(refund_id).provider_refund_id is not None
    world.later(clock, seconds=11)
    run_follow_ups()

    assert refund(refund_id).status == "completed"
    assert len(world.sandbox.control("GET", "/payouts")["payouts"]) == 1


@pytest.mark.covers("PAY-23")
def test_a_part_that_wave_sends_for_longer_than_a_follow_up_has_patience_still_ends(
    db_session: DbSession, world: World, clock: Clock
) -> None:
    payment_id = world.paid(2500, payer_phone=PHONE)
    world.sandbox.arm("payout.create", "processing", after_reads=MAX_ATTEMPTS)
    refund_id = ask(payment_id, 1000)
    for _attempt in range(MAX_ATTEMPTS):
        run_follow_ups()
        world.later(clock, hours=1, seconds=1)
    assert refund(refund_id).status == "processing"
    run_follow_ups()
    assert refund(refund_id).status == "processing"

    ask_refunds()

    assert refund(refund_id).status == "completed"
    assert len(world.sandbox.control("GET", "/payouts")["payouts"]) == 1


@pytest.mark.covers("DON-28", "PAY-22")
def test_a_refund_asked_for_while_wave_was_away_for_days_happens_once_it_is_back(
    db_session: DbSession, world: World, clock: Clock, heard: Ears
) -> None:
    payment_id = world.paid()
    refund_id = ask(payment_id)
    for _attempt in range(MAX_ATTEMPTS):
        world.sandbox.arm("checkout.refund", "cut", moment="before")
        run_follow_ups()
        world.later(clock, hours=9, seconds=1)

    assert ask_refunds() == {"settled": 1}
    assert ask_refunds() == {}

    assert refund(refund_id).status == "completed"
    assert at_wave(world)["payments"][0]["refunded"] == 1
    assert heard.names(refund_id) == ["refund_requested", "refund_completed"]


@pytest.mark.covers("DON-28")
def test_a_refund_that_was_just_asked_for_is_left_to_its_follow_up(
    db_session: DbSession, world: World
) -> None:
    ask(world.paid())

    assert ask_refunds() == {}


@pytest.mark.covers("PAY-22", "PAY-23")
def test_a_part_that_was_refused_starts_anew_under_a_new_key(db_session: DbSession, world: World) -> None:
    payment_id = world.paid(2500, payer_phone=PHONE)
    world.sandbox.arm("payout.create", "refuse", code="insufficient-funds")
    refund_id = ask(payment_id, 1000)
    run_follow_ups()
    assert refund(refund_id).status == "failed"

    with transaction():
        retry_refund(refund_id, by=SYSTEM)
    run_follow_ups()

    assert refund(refund_id).status == "completed"
    [sent] = world.sandbox.control("GET", "/payouts")["payouts"]
    assert sent["client_reference"] == f"refund-{refund_id.hex}-2"


@pytest.mark.covers("DON-25", "PAY-19")
def test_a_refund_movement_has_a_parent_and_nothing_else_has(db_session: DbSession, world: World) -> None:
    payment_id = world.paid()
    with pytest.raises(IntegrityError, match="refund_has_parent"), db.session.begin_nested():
        db.session.execute(
            text("UPDATE payment_transactions SET transaction_type = 'refund' WHERE id = :id"),
            {"id": payment_id},
        )
    with pytest.raises(IntegrityError, match="refund_has_parent"), db.session.begin_nested():
        db.session.execute(
            text("UPDATE payment_transactions SET parent_transaction_id = id WHERE id = :id"),
            {"id": payment_id},
        )


def test_the_worker_asks_nothing_for_a_refund_that_has_ended(db_session: DbSession, world: World) -> None:
    payment_id = world.paid()
    refund_id = ask(payment_id)
    run_follow_ups()
    world.sandbox.arm("checkout.refund", "error", status=503)

    refunding.refund(refund_id)

    assert refund(refund_id).status == "completed"
    assert len(world.sandbox.control("GET", "/faults")["armed"]) == 1
