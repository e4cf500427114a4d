"""Money out through Wave: once each, whatever is cut, killed or doubled on the way."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from portal import gateways
from portal.kernel.db import transaction
from portal.ledger.accounts import platform, provider_clearing
from portal.ledger.models import Entry, Purpose, Transfer
from portal.ledger.queries import Balance
from portal.payments.models import WAVE_PROVIDER_ID
from portal.payouts import outcomes, paying
from portal.payouts.destinations import change_partner_destination
from portal.payouts.jobs import pay_one
from portal.payouts.models import PayoutStatus
from portal.payouts.services import PAY_JOB
from tests.harness.moments import Clock
from tests.harness.together import at_once
from tests.payouts.world import (
    HOLDER,
    NUMBER,
    OTHER_NUMBER,
    Killed,
    Wire,
    an_admin,
    books_are_right,
    killed_after_asking,
    killed_before_asking,
    later,
    order,
    owed,
    payout,
    run_follow_ups,
    sent,
)
from tests.sandbox.running import RunningSandbox

Database = scoped_session[Session]


@pytest.mark.covers("PO-06", "PAY-08")
def test_a_payout_is_set_aside_paid_and_booked_with_its_fee(partner_id: UUID, wave: RunningSandbox) -> None:
    ordered = order(partner_id, 25_000)
    assert owed(partner_id) == Balance(posted=100_000, pending_out=25_000)

    run_follow_ups(PAY_JOB)

    row = payout(ordered)
    assert row.status is PayoutStatus.COMPLETED
    assert (row.amount_minor, row.fee_minor) == (25_000, 250)
    assert row.transaction_reference == wave.wave().search_payouts(row.idempotency_key)[0].id
    assert owed(partner_id) == Balance(posted=75_000)
    assert sent(wave, ordered) == 1
    assert books_are_right()


@pytest.mark.covers("PAY-02")
def test_the_fee_that_wave_names_is_ours_and_not_the_payees(
    partner_id: UUID, wave: RunningSandbox, committed_db: Database
) -> None:
    ordered = order(partner_id, 16_000)
    run_follow_ups(PAY_JOB)

    legs = committed_db.execute(
        select(Entry.account_id, Entry.amount_minor)
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .where(Transfer.kind == "provider_fee", Transfer.source_id == ordered)
    ).all()
    assert set(legs) == {(platform(Purpose.FEES).id, -160), (provider_clearing(WAVE_PROVIDER_ID).id, 160)}


@pytest.mark.covers("PO-02", "PAY-10")
def test_wave_hears_who_is_paid_how_much_and_for_what(
    partner_id: UUID, wave: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered = order(partner_id, 25_000)
    run_follow_ups(PAY_JOB)

    seen = wave.wave().search_payouts(payout(ordered).idempotency_key)[0]
    assert (seen.mobile, seen.name, seen.receive_amount) == (NUMBER, HOLDER, 25_000)
    assert seen.payment_reason == "Teranga T-1"


@pytest.mark.covers("PAY-22")
@pytest.mark.parametrize("kind", ["timeout", "cut", "error", "garbage", "empty"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_answer_that_never_comes_is_asked_for_again_with_the_same_words(
    partner_id: UUID,
    wave: RunningSandbox,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    moment: str,
) -> None:
    monkeypatch.setattr(gateways, "wave", lambda _settings: wave.wave(read=0.5))
    wire = Wire(monkeypatch)
    details = {"timeout": {"seconds": 5}, "error": {"status": 503}}.get(kind, {})
    wave.arm("payout.create", kind, moment=moment, **details)
    ordered = order(partner_id)

    run_follow_ups(PAY_JOB)
    waiting = payout(ordered)
    assert waiting.status is PayoutStatus.PROCESSING
    assert owed(partner_id).pending_out == 25_000
    assert later(clock) == {"paid": 1}

    assert payout(ordered).status is PayoutStatus.COMPLETED
    assert sent(wave, ordered) == 1
    assert len(wire.keys) == 2
    assert len(set(wire.keys)) == len(set(wire.bodies)) == 1
    assert books_are_right()


@pytest.mark.covers("PAY-22", "PAY-08")
def test_a_worker_killed_before_it_asked_is_followed_by_one_that_asks(
    partner_id: UUID, wave: RunningSandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered = order(partner_id)
    with killed_before_asking(monkeypatch), pytest.raises(Killed):
        pay_one(str(ordered))
    assert (payout(ordered).status, sent(wave, ordered)) == (PayoutStatus.PROCESSING, 0)

    assert later(clock) == {"paid": 1}

    assert payout(ordered).status is PayoutStatus.COMPLETED
    assert sent(wave, ordered) == 1


@pytest.mark.covers("PAY-22", "PAY-08")
def test_a_worker_killed_after_wave_paid_is_followed_by_one_that_learns_it(
    partner_id: UUID, wave: RunningSandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire(monkeypatch)
    ordered = order(partner_id)
    with killed_after_asking(monkeypatch), pytest.raises(Killed):
        pay_one(str(ordered))
    assert (payout(ordered).status, sent(wave, ordered)) == (PayoutStatus.PROCESSING, 1)

    assert later(clock) == {"paid": 1}

    assert payout(ordered).status is PayoutStatus.COMPLETED
    assert sent(wave, ordered) == 1
    assert len(set(wire.keys)) == len(set(wire.bodies)) == 1
    assert owed(partner_id) == Balance(posted=75_000)


@pytest.mark.covers("PAY-22", "PAY-08")
def test_a_worker_killed_while_writing_the_answer_leaves_nothing_half_written(
    partner_id: UUID, wave: RunningSandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_args: Any, **_named: Any) -> None:
        raise Killed

    ordered = order(partner_id)
    with monkeypatch.context() as patch:
        patch.setattr(outcomes, "book_fee", die)
        with pytest.raises(Killed):
            pay_one(str(ordered))
    assert payout(ordered).status is PayoutStatus.PROCESSING
    assert owed(partner_id) == Balance(posted=100_000, pending_out=25_000)

    later(clock)

    assert payout(ordered).status is PayoutStatus.COMPLETED
    assert sent(wave, ordered) == 1
    assert books_are_right()


@pytest.mark.covers("PAY-22")
def test_a_lost_follow_up_is_found_by_the_timed_job(
    partner_id: UUID, wave: RunningSandbox, clock: Clock
) -> None:
    ordered = order(partner_id)

    assert later(clock, minutes=1) == {}
    assert later(clock, minutes=5) == {"paid": 1}

    assert sent(wave, ordered) == 1


@pytest.mark.covers("PAY-22")
def test_changing_the_destination_meanwhile_changes_nothing_of_what_is_asked(
    partner_id: UUID, wave: RunningSandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire(monkeypatch)
    wave.arm("payout.create", "cut", moment="after")
    ordered = order(partner_id)
    run_follow_ups(PAY_JOB)
    admin = an_admin()
    with transaction():
        change_partner_destination(partner_id, NUMBER, "Another Holder", by=admin)
        change_partner_destination(partner_id, OTHER_NUMBER, HOLDER, by=admin)

    assert later(clock) == {"paid": 1}

    assert len(wire.bodies) == 2
    assert len(set(wire.bodies)) == 1
    assert sent(wave, ordered) == 1
    assert wave.wave().search_payouts(payout(ordered).idempotency_key)[0].mobile == NUMBER


@pytest.mark.covers("PAY-22")
def test_a_job_run_three_times_makes_one_payout(
    partner_id: UUID, wave: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire(monkeypatch)
    ordered = order(partner_id)

    for _ in range(3):
        pay_one(str(ordered))

    assert len(wire.keys) == 1
    assert sent(wave, ordered) == 1
    assert owed(partner_id) == Balance(posted=75_000)


@pytest.mark.covers("PAY-22")
def test_eight_workers_at_once_ask_once(
    partner_id: UUID, wave: RunningSandbox, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire(monkeypatch)
    ordered = order(partner_id)

    at_once(app, [lambda: pay_one(str(ordered))] * 8)

    assert len(wire.keys) == 1
    assert sent(wave, ordered) == 1
    assert payout(ordered).status is PayoutStatus.COMPLETED
    assert books_are_right()


@pytest.mark.covers("PAY-22")
def test_two_workers_that_both_ask_write_one_result(
    partner_id: UUID, wave: RunningSandbox, app: Flask, clock: Clock
) -> None:
    ordered = order(partner_id)
    errand = paying.in_transaction(lambda: paying._claimed(ordered))
    assert errand is not None
    clock.advance(seconds=61)
    again = paying.in_transaction(lambda: paying._claimed(ordered))
    assert again is not None
    gateway = wave.wave()
    answers = [paying._ask(gateway, one) for one in (errand, again)]

    at_once(
        app, [lambda: paying._take_answer(errand, answers[0]), lambda: paying._take_answer(again, answers[1])]
    )

    assert answers[0].id == answers[1].id
    assert payout(ordered).status is PayoutStatus.COMPLETED
    assert sent(wave, ordered) == 1
    assert books_are_right()
