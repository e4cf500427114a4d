"""What Wave refuses, what it only delays, and what says nothing of the payout."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy.orm import Session, scoped_session

from portal.kernel.db import transaction
from portal.ledger.models import Transfer, TransferStatus
from portal.ledger.queries import Balance
from portal.payouts.destinations import change_partner_destination
from portal.payouts.jobs import poll_payouts
from portal.payouts.models import PayoutStatus
from portal.payouts.services import PAY_JOB
from tests.harness.moments import Clock
from tests.payouts.world import (
    HOLDER,
    NUMBER,
    OTHER_NUMBER,
    Wire,
    an_admin,
    books_are_right,
    destination,
    later,
    make_payee,
    order,
    owed,
    payout,
    run_follow_ups,
    sent,
    try_again,
)
from tests.sandbox.running import RunningSandbox

Database = scoped_session[Session]


@pytest.mark.covers("PO-09")
@pytest.mark.parametrize(
    "code",
    ["insufficient-funds", "recipient-account-blocked", "recipient-limit-exceeded", "country-mismatch"],
)
@pytest.mark.parametrize("kind", ["refuse", "fail"])
def test_a_refusal_gives_the_amount_back(
    partner_id: UUID, wave: RunningSandbox, committed_db: Database, code: str, kind: str
) -> None:
    wave.arm("payout.create", kind, code=code)
    ordered = order(partner_id)

    run_follow_ups(PAY_JOB)

    row = payout(ordered)
    assert (row.status, row.failure_code) == (PayoutStatus.FAILED, code)
    assert committed_db.get_one(Transfer, row.transfer_id).status is TransferStatus.VOIDED
    assert owed(partner_id) == Balance(posted=100_000)
    assert sent(wave, ordered) == 0
    assert books_are_right()


@pytest.mark.covers("PO-09", "PAY-22")
def test_a_new_attempt_has_a_new_key_and_pays_once(
    partner_id: UUID, wave: RunningSandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire(monkeypatch)
    wave.control("POST", "/wallet", balance=1000)
    ordered = order(partner_id)
    run_follow_ups(PAY_JOB)
    wave.control("POST", "/wallet", balance=1_000_000)
    # The refused key stays refused: only a new attempt is a new question.
    assert later(clock) == {}

    try_again(ordered)
    run_follow_ups(PAY_JOB)

    row = payout(ordered)
    assert (row.status, row.attempt, row.failure_code) == (PayoutStatus.COMPLETED, 2, None)
    assert [key.rsplit(":", 1)[1] for key in wire.keys] == ["1", "2"]
    assert sent(wave, ordered) == 1
    assert owed(partner_id) == Balance(posted=75_000)
    assert books_are_right()


@pytest.mark.covers("PO-09")
def test_a_new_attempt_goes_to_the_destination_in_force(partner_id: UUID, wave: RunningSandbox) -> None:
    wave.control("PUT", f"/recipients/{NUMBER}", refusal="recipient-account-blocked")
    ordered = order(partner_id)
    run_follow_ups(PAY_JOB)
    chooser = an_admin()
    with transaction():
        change_partner_destination(partner_id, OTHER_NUMBER, HOLDER, by=chooser)
    try_again(ordered)
    run_follow_ups(PAY_JOB)

    assert payout(ordered).status is PayoutStatus.COMPLETED
    assert wave.wave().search_payouts(payout(ordered).idempotency_key)[0].mobile == OTHER_NUMBER


@pytest.mark.covers("PAY-22")
def test_a_payout_that_wave_is_still_working_on_is_looked_at_until_it_settles(
    partner_id: UUID, wave: RunningSandbox, clock: Clock
) -> None:
    wave.arm("payout.create", "processing", then="succeeded", after_reads=2)
    ordered = order(partner_id)
    run_follow_ups(PAY_JOB)
    assert payout(ordered).status is PayoutStatus.PROCESSING

    assert later(clock) == {"waiting": 1}
    assert later(clock, minutes=3) == {"paid": 1}

    assert payout(ordered).status is PayoutStatus.COMPLETED
    assert sent(wave, ordered) == 1
    assert owed(partner_id) == Balance(posted=75_000)


@pytest.mark.covers("PO-09", "PAY-22")
def test_a_payout_that_fails_after_a_while_is_tried_anew_and_not_mistaken_for_the_first(
    partner_id: UUID, wave: RunningSandbox, clock: Clock
) -> None:
    wave.arm("payout.create", "processing", then="failed", after_reads=1, code="recipient-account-inactive")
    ordered = order(partner_id)
    run_follow_ups(PAY_JOB)
    assert later(clock) == {"refused": 1}
    assert payout(ordered).failure_code == "recipient-account-inactive"
    assert owed(partner_id) == Balance(posted=100_000)

    try_again(ordered)
    run_follow_ups(PAY_JOB)

    assert payout(ordered).status is PayoutStatus.COMPLETED
    assert sent(wave, ordered) == 1


@pytest.mark.covers("PAY-22")
@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_question_that_wave_refuses_to_hear_ends_nothing(
    partner_id: UUID, wave: RunningSandbox, clock: Clock, status: int
) -> None:
    wave.arm("payout.create", "processing", then="succeeded", after_reads=1)
    ordered = order(partner_id)
    run_follow_ups(PAY_JOB)
    wave.arm("payout.get", "error", status=status, code="not-found")

    assert later(clock) == {"unanswered": 1}
    assert payout(ordered).status is PayoutStatus.PROCESSING
    assert later(clock, minutes=3) == {"paid": 1}

    assert sent(wave, ordered) == 1


@pytest.mark.covers("PAY-22")
def test_a_lost_key_says_nothing_of_an_earlier_try(
    partner_id: UUID, wave: RunningSandbox, clock: Clock
) -> None:
    wave.arm("payout.create", "cut", moment="after")
    ordered = order(partner_id)
    run_follow_ups(PAY_JOB)
    wave.arm("payout.create", "error", status=401, code="api-key-revoked")

    assert later(clock) == {"unanswered": 1}
    assert payout(ordered).status is PayoutStatus.PROCESSING
    assert owed(partner_id).pending_out == 25_000
    assert later(clock, minutes=3) == {"paid": 1}

    assert sent(wave, ordered) == 1


@pytest.mark.covers("PAY-22")
def test_one_key_for_two_orders_never_counts_as_a_refusal(
    partner_id: UUID, wave: RunningSandbox, clock: Clock
) -> None:
    ordered = order(partner_id)
    wave.arm("payout.create", "error", status=409, code="idempotency-mismatch")

    run_follow_ups(PAY_JOB)

    assert payout(ordered).status is PayoutStatus.PROCESSING
    assert owed(partner_id).pending_out == 25_000
    assert later(clock) == {"paid": 1}


@pytest.mark.covers("PAY-22")
def test_slowing_down_is_obeyed(partner_id: UUID, wave: RunningSandbox, clock: Clock) -> None:
    wave.arm("payout.create", "throttle", retry_after=600)
    ordered = order(partner_id)
    run_follow_ups(PAY_JOB)

    assert payout(ordered).status is PayoutStatus.PROCESSING
    assert later(clock, minutes=9) == {}
    assert later(clock, minutes=2) == {"paid": 1}

    assert sent(wave, ordered) == 1


@pytest.mark.covers("PAY-22")
def test_when_wave_is_away_the_job_stops_asking_and_comes_back(
    committed_db: Database, wave: RunningSandbox, clock: Clock
) -> None:
    with transaction():
        partners = [make_payee(name=f"House {number}")[0].id for number in range(5)]
    ordered = [order(partner_id) for partner_id in partners]
    clock.advance(minutes=6)
    wave.arm("payout.create", "error", status=503, times=3)

    assert poll_payouts() == {"unanswered": 3}
    assert later(clock, minutes=16) == {"paid": 5}

    assert all(sent(wave, one) == 1 for one in ordered)


@pytest.mark.covers("PAY-22")
def test_a_payout_that_cannot_be_asked_for_keeps_no_other_waiting(
    committed_db: Database, wave: RunningSandbox, clock: Clock
) -> None:
    with transaction() as session:
        broken, sound = make_payee(name="Broken")[0].id, make_payee(name="Sound")[0].id
        session.flush()
        destination(broken).token_encrypted = b"another key wrote this ...................."
    ordered = [order(broken), order(sound)]
    clock.advance(minutes=6)

    assert poll_payouts() == {"broken": 1, "paid": 1}

    assert [payout(one).status for one in ordered] == [PayoutStatus.PENDING, PayoutStatus.COMPLETED]
