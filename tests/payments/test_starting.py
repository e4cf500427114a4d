"""Beginning a payment, the states it may go through, and what the database itself holds to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from itertools import product
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as DbSession

from portal.kernel.db import db, transaction
from portal.kernel.errors import InvalidInput
from portal.kernel.ids import new_id
from portal.kernel.money import Money
from portal.kernel.states import Machine
from portal.payments.models import (
    PAYMENT_STEPS,
    REFUND_STEPS,
    WAVE_PROVIDER_ID,
    WEBHOOK_STEPS,
    PaymentProvider,
    PaymentStatus,
    PaymentTransaction,
    RefundReason,
    RefundStatus,
    TransactionType,
    WebhookStatus,
)
from tests.payments.world import PHONE, begin

# Reconciliation §7, word for word.
PAYMENT = """pending -> processing, succeeded, failed, canceled; processing -> succeeded, failed, canceled;
    failed -> succeeded; succeeded -> partially_refunded, refunded; partially_refunded -> refunded"""
REFUND = "pending -> processing, canceled; processing -> completed, failed; failed -> processing"
WEBHOOK = "received -> processed, ignored, failed; failed -> processed, ignored"


def steps(told: str) -> set[tuple[str, str]]:
    """The allowed steps of a line of §7."""
    rules = (rule.split("->") for rule in told.split(";"))
    return {(start.strip(), end.strip()) for start, ends in rules for end in ends.split(",")}


@pytest.mark.covers("PAY-20", "DON-22", "DON-25")
@pytest.mark.parametrize(
    ("machine", "states", "told"),
    [
        (PAYMENT_STEPS, PaymentStatus, PAYMENT),
        (REFUND_STEPS, RefundStatus, REFUND),
        (WEBHOOK_STEPS, WebhookStatus, WEBHOOK),
    ],
    ids=["payments", "refunds", "messages"],
)
def test_every_pair_of_states_is_allowed_or_refused_as_declared(
    machine: Machine[StrEnum], states: type[StrEnum], told: str
) -> None:
    allowed = {(a.value, b.value) for a, b in product(states, states) if machine.allows(a, b)}

    assert allowed == steps(told)


@pytest.mark.covers("PAY-18", "PAY-22")
def test_a_payment_begins_pending_for_the_row_it_is_for(db_session: DbSession) -> None:
    source = ("tests", new_id())

    payment = begin(2500, source=source, payer_phone=PHONE)

    assert (payment.status, payment.money) == ("pending", Money(2500))
    assert (payment.source_type, payment.source_id) == source
    assert payment.provider_id == WAVE_PROVIDER_ID
    assert payment.next_check_at is not None


@pytest.mark.covers("PAY-22")
def test_the_same_row_has_one_payment_however_often_it_is_begun(db_session: DbSession) -> None:
    source = ("tests", new_id())

    first = begin(2500, source=source)

    assert begin(9999, source=source).id == first.id
    assert begin(2500, source=("tests", new_id())).id != first.id


@pytest.mark.covers("PAY-22")
def test_eight_at_once_begin_one_payment(committed_db: DbSession, app: Flask) -> None:
    source = ("tests", new_id())

    def click(_number: int) -> UUID:
        with app.app_context(), transaction():
            return begin(source=source).id

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(click, range(8)))) == 1


@pytest.mark.parametrize("amount", [0, -1])
def test_nobody_pays_nothing(db_session: DbSession, amount: int) -> None:
    with pytest.raises(InvalidInput):
        begin(amount)


def test_wave_takes_francs_and_a_refund_is_not_begun_like_a_payment(db_session: DbSession) -> None:
    with pytest.raises(ValueError, match="XOF"):
        begin(0, amount=Money(100, "EUR"))
    with pytest.raises(ValueError, match="request_refund"):
        begin(kind=TransactionType.REFUND)


@pytest.mark.covers("PAY-19", "PAY-20", "DON-26")
def test_the_words_for_kinds_states_and_reasons_are_the_agreed_ones() -> None:
    assert {*TransactionType} >= {
        "event_ticket",
        "marketplace_order",
        "service_booking",
        "subscription",
        "donation",
        "refund",
    }
    assert {*PaymentStatus} == {
        "pending",
        "processing",
        "succeeded",
        "failed",
        "canceled",
        "refunded",
        "partially_refunded",
    }
    assert {*RefundReason} >= {"user_request", "fraud", "failed_pot", "admin_action"}


@pytest.mark.covers("PAY-18", "PAY-19", "PAY-20")
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("amount_minor = 0", "amount_positive"),
        ("transaction_type = 'gift'", "transaction_type"),
        ("status = 'done'", "status"),
        ("refunded_minor = 2501", "refunds_within_amount"),
        ("refunded_minor = -1", "refunds_within_amount"),
    ],
)
def test_the_database_refuses_what_no_payment_can_be(
    db_session: DbSession, change: str, constraint: str
) -> None:
    payment = begin(2500)

    with pytest.raises(IntegrityError, match=f"ck_payment_transactions_{constraint}"):
        db.session.execute(
            text(f"UPDATE payment_transactions SET {change} WHERE id = :id"), {"id": payment.id}
        )


@pytest.mark.covers("PAY-22", "DON-20")
@pytest.mark.parametrize("column", ["provider_reference", "provider_session_id", "idempotency_key"])
def test_no_two_payments_share_what_the_provider_calls_them(db_session: DbSession, column: str) -> None:
    first, second = begin(), begin()
    name = text(f"UPDATE payment_transactions SET {column} = 'same' WHERE id = :id")
    db.session.execute(name, {"id": first.id})

    with pytest.raises(IntegrityError, match="uq_payment_transactions"):
        db.session.execute(name, {"id": second.id})


@pytest.mark.covers("PAY-10")
def test_wave_is_a_provider_that_takes_francs(db_session: DbSession) -> None:
    wave = db.session.get_one(PaymentProvider, WAVE_PROVIDER_ID)

    assert (wave.key, wave.is_active, wave.currencies) == ("wave", True, ["XOF"])
    assert begin().provider_id == wave.id


@pytest.mark.covers("PAY-21")
@pytest.mark.parametrize("column", ["status", "transaction_type", "provider_id", "created_at"])
def test_payments_are_indexed_by_what_they_are_looked_up_by(db_session: DbSession, column: str) -> None:
    definitions = db.session.execute(
        text("SELECT indexdef FROM pg_indexes WHERE tablename = :table"),
        {"table": PaymentTransaction.__tablename__},
    ).scalars()

    assert any(f"({column}" in definition for definition in definitions)


@pytest.mark.covers("DON-19", "DON-20")
@pytest.mark.parametrize(
    "changed", [{"event": "EV_1"}, {"key": "wave:EV_1"}], ids=["provider's id", "our key"]
)
def test_no_two_messages_share_an_id_or_a_key(db_session: DbSession, changed: dict[str, str]) -> None:
    insert = text(
        "INSERT INTO payment_webhook_events (id, provider_id, provider_event_id, idempotency_key, event_type,"
        " raw_payload, created_at, updated_at)"
        " VALUES (:id, :provider, :event, :key, 't', '{}', now(), now())"
    )
    first = {"id": new_id(), "provider": WAVE_PROVIDER_ID, "event": "EV_1", "key": "wave:EV_1"}
    db.session.execute(insert, first)

    with pytest.raises(IntegrityError, match="uq_payment_webhook_events"):
        db.session.execute(insert, first | {"id": new_id(), "event": "EV_2", "key": "k"} | changed)


@pytest.mark.covers("DON-19")
@pytest.mark.parametrize("column", ["provider_event_id", "event_type", "raw_payload"])
def test_a_message_without_id_type_or_content_is_no_message(db_session: DbSession, column: str) -> None:
    values = {"provider_event_id": "'EV_1'", "event_type": "'t'", "raw_payload": "'{}'"} | {column: "NULL"}

    with pytest.raises(IntegrityError, match=column):
        db.session.execute(
            text(
                f"INSERT INTO payment_webhook_events (id, provider_id, idempotency_key, created_at, updated_at,"
                f" {', '.join(values)}) VALUES (:id, :provider, 'k', now(), now(), {', '.join(values.values())})"
            ),
            {"id": new_id(), "provider": WAVE_PROVIDER_ID},
        )
