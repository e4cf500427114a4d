"""A refund that several workers take at once, or that one dies over, happens once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session as DbSession

from portal.gateways.wave import WaveClient
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, transaction
from portal.kernel.money import Money
from portal.ledger.queries import disagreements, trial_balance
from portal.payments import refunding
from portal.payments.models import PaymentTransaction, Refund, RefundReason, TransactionType
from portal.payments.refunds import request_refund
from portal.payments.wallet import compare_wallet
from tests.harness.together import at_once
from tests.payments.movements import Flows
from tests.payments.world import World, payment
from tests.payouts.world import Killed

pytestmark = pytest.mark.covers("DON-27", "DON-28", "PAY-22")
WHOLE, PART = None, 3_000


@pytest.fixture
def flows(committed_db: DbSession, world: World) -> Flows:
    """A pot with a gift of 8 000, in books that agree with the wallet."""
    made = Flows(world)
    compare_wallet()
    return made


def asked_back(flows: Flows, amount: int | None) -> tuple[UUID, UUID]:
    """A gift and the refund that was asked for, which no worker has taken."""
    payment_id = flows.give(8_000)
    gift = payment(payment_id).source_id
    with transaction():
        return payment_id, request_refund(
            payment_id,
            RefundReason.USER_REQUEST,
            "asked",
            Money(amount) if amount else None,
            donation_id=gift,
            by=SYSTEM,
        ).id


def happened_once(payment_id: UUID, refund_id: UUID, amount: int | None) -> bool:
    """Whether the money is back once: in the row, in its movement, in the books, and at Wave."""
    db.session.expire_all()
    movements = db.session.execute(
        select(func.count())
        .select_from(PaymentTransaction)
        .where(PaymentTransaction.transaction_type == TransactionType.REFUND)
    ).scalar_one()
    return (
        db.session.get_one(Refund, refund_id).status == "completed"
        and payment(payment_id).refunded_minor == (amount or 8_000)
        and movements == 1
        and compare_wallet()["difference"] == 0
        and set(trial_balance().values()) == {0}
        and disagreements() == []
    )


@pytest.mark.parametrize("amount", [WHOLE, PART])
def test_eight_workers_at_once_give_it_back_once(app: Flask, flows: Flows, amount: int | None) -> None:
    payment_id, refund_id = asked_back(flows, amount)

    def work() -> None:
        refunding.refund(refund_id)

    at_once(app, [work] * 8)

    assert happened_once(payment_id, refund_id, amount)


@pytest.mark.parametrize("amount", [WHOLE, PART])
@pytest.mark.parametrize("after", [False, True])
def test_a_worker_that_dies_over_it_is_followed_by_one_that_ends_it(
    flows: Flows, amount: int | None, after: bool
) -> None:
    payment_id, refund_id = asked_back(flows, amount)
    method = "create_payout" if amount else "refund_session"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WaveClient, method, _deadly(getattr(WaveClient, method), after))
        with pytest.raises(Killed):
            refunding.refund(refund_id)
    assert db.session.get_one(Refund, refund_id, populate_existing=True).status == "processing"
    db.session.rollback()

    for _twice in range(2):
        refunding.refund(refund_id)

    assert happened_once(payment_id, refund_id, amount)


@pytest.mark.parametrize("amount", [WHOLE, PART])
def test_a_worker_that_dies_while_it_writes_leaves_nothing_half_written(
    flows: Flows, amount: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment_id, refund_id = asked_back(flows, amount)

    def die(*_args: Any, **_named: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("portal.payments.refunds._movement", die)
        with pytest.raises(Killed):
            refunding.refund(refund_id)
    assert payment(payment_id).refunded_minor == 0
    db.session.rollback()

    refunding.refund(refund_id)

    assert happened_once(payment_id, refund_id, amount)


def _deadly(really: Callable[..., Any], after: bool) -> Callable[..., Any]:
    """A call during which the worker dies, before or after Wave has done what was asked."""

    def die(self: WaveClient, *args: Any, **named: Any) -> None:
        if after:
            really(self, *args, **named)
        raise Killed

    return die
