"""A payout that Wave takes back after it arrived: no message tells of it, the list of transactions does."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from portal.kernel.actor import Actor
from portal.kernel.db import db, transaction
from portal.ledger.accounts import provider_clearing, unexplained
from portal.ledger.models import Transfer
from portal.ledger.queries import Balance, counted_balance
from portal.notifications.models import Notification
from portal.payments.matching import match_transactions
from portal.payments.models import WAVE_PROVIDER_ID
from portal.payments.wallet import compare_wallet
from portal.payouts import outcomes
from portal.payouts.models import PayoutStatus
from portal.settlements import deciding
from portal.settlements.jobs import file_paper
from portal.settlements.models import SettlementStatus
from portal.settlements.papers import Paper
from tests.harness.together import at_once
from tests.payouts.world import an_admin, books_are_right, destination, pay_anew, run_follow_ups
from tests.sandbox.running import RunningSandbox
from tests.settlements.world import (
    approved,
    ledger_agrees,
    make_house,
    owed,
    payout_of,
    settled,
    settlement,
)

Database = scoped_session[Session]
S = SettlementStatus


@pytest.fixture
def paid(committed_db: Database, wave: RunningSandbox) -> UUID:
    """A settlement of 16 000 XOF that Wave has paid, in books that know the wallet."""
    january = settled(make_house()[0])
    db.session.commit()
    compare_wallet()
    approved(january, an_admin())
    pay_and_write()
    assert settlement(january).status is S.PAID
    return january


def pay_and_write() -> None:
    """What workers do: the payment, and then the paper that follows from it."""
    for _wave_then_paper in range(2):
        run_follow_ups()


def take_back(wave: RunningSandbox, settlement_id: UUID) -> None:
    reference = payout_of(settlement_id).transaction_reference
    assert reference is not None
    wave.wave().reverse_payout(reference, idempotency_key=f"reverse:{reference}")


def told(user_id: UUID | None, pattern: str) -> int:
    return db.session.execute(
        select(func.count())
        .select_from(Notification)
        .where(Notification.user_id == user_id, Notification.event_key.like(pattern))
    ).scalar_one()


@pytest.mark.covers("STL-11", "PO-03", "PO-09", "PAY-02")
def test_what_wave_took_back_is_owed_again_and_people_are_told_once(paid: UUID, wave: RunningSandbox) -> None:
    admin = an_admin()
    owner = destination(settlement(paid).partner_id).changed_by
    take_back(wave, paid)

    for _again in range(3):
        assert match_transactions()["returned"] == 1
        run_follow_ups()

    payout, row = payout_of(paid), settlement(paid)
    assert (payout.status, payout.failure_code) == (PayoutStatus.FAILED, "payout-reversed")
    assert (payout.completed_at, payout.transaction_reference) == (None, None)
    assert (row.status, row.paid_at, row.payment_reference) == (S.APPROVED, None, None)
    assert row.receipt_file_id is None
    assert owed(paid) == Balance(posted=16_000)
    assert ledger_agrees(row.partner_id)
    undoing = db.session.scalars(select(Transfer).where(Transfer.reverses_id == payout.transfer_id)).one()
    assert (undoing.kind, undoing.source_id) == ("payout_taken_back", payout.id)
    assert counted_balance(unexplained()).posted == 0
    assert compare_wallet()["difference"] == 0
    assert told(admin.user_id, "payout:%:taken-back") == 1
    assert told(owner, f"settlement:{paid}:settlement_unpaid:%") == 1
    assert books_are_right()


@pytest.mark.covers("STL-11", "PO-12", "PAY-22")
def test_it_is_paid_anew_by_a_person_and_the_old_line_does_nothing_to_the_new_attempt(
    paid: UUID, wave: RunningSandbox
) -> None:
    owner = destination(settlement(paid).partner_id).changed_by
    first_receipt = settlement(paid).receipt_file_id
    assert first_receipt is not None
    take_back(wave, paid)
    match_transactions()

    second = an_admin()
    with transaction(second):
        pay_anew(payout_of(paid).id, by=second)
    match_transactions()
    pay_and_write()
    match_transactions()

    payout, row = payout_of(paid), settlement(paid)
    assert (payout.status, payout.attempt) == (PayoutStatus.COMPLETED, 2)
    assert (row.status, row.payment_reference) == (S.PAID, payout.transaction_reference)
    assert row.receipt_file_id not in (None, first_receipt)
    assert told(owner, f"settlement:{paid}:settlement_paid:%") == 2
    assert owed(paid) == Balance()
    assert compare_wallet()["difference"] == 0
    assert books_are_right()


@pytest.mark.covers("STL-10")
def test_a_partner_may_object_to_what_is_owed_again(paid: UUID, wave: RunningSandbox) -> None:
    take_back(wave, paid)
    match_transactions()
    row = settlement(paid)

    with transaction():
        owner = Actor(user_id=destination(row.partner_id).changed_by)
        deciding.dispute(paid, row.partner_id, "You took my money back", by=owner)

    assert settlement(paid).status is S.DISPUTED


@pytest.mark.covers("PAY-22")
def test_four_looks_at_once_book_it_once(app: Flask, paid: UUID, wave: RunningSandbox) -> None:
    take_back(wave, paid)

    at_once(app, [match_transactions for _ in range(4)])

    assert owed(paid) == Balance(posted=16_000)
    assert counted_balance(unexplained()).posted == 0
    assert compare_wallet()["difference"] == 0
    assert books_are_right()


def test_another_amount_or_an_unknown_name_is_not_taken_for_the_payout(paid: UUID) -> None:
    key = payout_of(paid).idempotency_key
    before = counted_balance(provider_clearing(WAVE_PROVIDER_ID))

    with transaction():
        assert not outcomes.take_back(key, 15_999, "T1")
        assert not outcomes.take_back("payout:nobody:1", 16_000, "T2")

    assert payout_of(paid).status is PayoutStatus.COMPLETED
    assert counted_balance(provider_clearing(WAVE_PROVIDER_ID)) == before


def test_a_receipt_of_what_came_back_is_not_written_again_by_a_late_worker(
    paid: UUID, wave: RunningSandbox
) -> None:
    take_back(wave, paid)
    match_transactions()

    file_paper(settlement_id=str(paid), paper=Paper.RECEIPT.value)

    assert settlement(paid).receipt_file_id is None
