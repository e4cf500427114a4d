"""Money out through Wave: once each, whatever is cut, killed, doubled or refused on the way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from portal import gateways
from portal.audit.models import AuditLog
from portal.kernel.db import transaction
from portal.ledger.accounts import platform, provider_clearing
from portal.ledger.models import Entry, Purpose, Transfer, TransferStatus
from portal.ledger.queries import Balance
from portal.notifications.models import Notification
from portal.payments.models import WAVE_PROVIDER_ID
from portal.payouts import outcomes, paying
from portal.payouts.destinations import change_partner_destination
from portal.payouts.jobs import pay_one, poll_payouts
from portal.payouts.models import PayoutStatus
from portal.payouts.services import PAY_JOB, ask_again, retry_payout
from tests.harness.house import acting
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
    destination,
    killed_after_asking,
    killed_before_asking,
    make_payee,
    order,
    owed,
    payout,
    run_follow_ups,
)
from tests.sandbox.running import RunningSandbox

Database = scoped_session[Session]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(clock: Clock) -> None:
    clock.travel(NOON)


@pytest.fixture
def partner_id(committed_db: Database, wave: RunningSandbox) -> UUID:
    """A house that is owed 100 000 XOF and has said where to be paid."""
    with transaction():
        return make_payee()[0].id


def sent(wave: RunningSandbox, payout_id: UUID) -> int:
    """How often Wave moved money for the payout, whichever attempt."""
    row = payout(payout_id)
    keys = [f"payout:{row.source_type}:{row.source_id}:{attempt}" for attempt in range(1, row.attempt + 1)]
    return sum(wave.payouts_for(key) for key in keys)


def later(clock: Clock, **parts: float) -> dict[str, int]:
    """Some time passes, then the timed job looks."""
    clock.advance(**(parts or {"seconds": 61}))
    return poll_payouts()


def try_again(payout_id: UUID) -> None:
    """An operator starts a new attempt."""
    operator = an_admin()
    with transaction(operator):
        retry_payout(payout_id, by=operator)


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
        .where(Transfer.kind == "payout_fee", Transfer.source_id == ordered)
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
        patch.setattr(outcomes, "_book_fee", die)
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


@pytest.mark.covers("PAY-22")
def test_a_worker_that_comes_back_after_a_new_attempt_changes_nothing_and_is_heard(
    partner_id: UUID, wave: RunningSandbox, committed_db: Database
) -> None:
    admin = an_admin()
    wave.arm("payout.create", "refuse", code="insufficient-funds")
    ordered = order(partner_id)
    first_key = payout(ordered).idempotency_key
    run_follow_ups(PAY_JOB)
    try_again(ordered)

    with transaction():
        outcomes.fail(ordered, first_key, "late", "late")
        outcomes.note_unknown(ordered, first_key, "late")
        outcomes.complete(ordered, first_key, outcomes.Paid("pt-late", 250))

    assert payout(ordered).status is PayoutStatus.PENDING
    assert owed(partner_id) == Balance(posted=100_000, pending_out=25_000)
    told = committed_db.execute(
        select(Notification.event_key).where(Notification.user_id == admin.user_id)
    ).scalars()
    assert any("paid-after-its-end:pt-late" in key for key in told)


@pytest.mark.covers("PO-12")
def test_an_operator_may_have_wave_asked_at_once(partner_id: UUID, wave: RunningSandbox) -> None:
    wave.arm("payout.create", "cut", moment="after")
    ordered = order(partner_id)
    run_follow_ups(PAY_JOB)

    operator = an_admin()
    with transaction():
        ask_again(ordered, by=operator)
    run_follow_ups(PAY_JOB)

    assert payout(ordered).status is PayoutStatus.COMPLETED
    assert sent(wave, ordered) == 1


@pytest.mark.covers("PO-12")
def test_what_wave_said_is_kept_attempt_by_attempt(
    partner_id: UUID, wave: RunningSandbox, clock: Clock
) -> None:
    wave.arm("payout.create", "refuse", code="insufficient-funds")
    ordered = order(partner_id)
    run_follow_ups(PAY_JOB)
    try_again(ordered)
    run_follow_ups(PAY_JOB)

    row = payout(ordered)
    told = [(one["attempt"], one["said"], one["reference"]) for one in row.provider_data["answers"]]
    assert told == [(1, "insufficient-funds", None), (2, "succeeded", row.transaction_reference)]


@pytest.mark.covers("PO-14")
def test_every_change_of_a_payout_is_in_the_audit_log(
    partner_id: UUID, wave: RunningSandbox, committed_db: Database
) -> None:
    wave.arm("payout.create", "refuse", code="insufficient-funds")
    ordered = order(partner_id)
    run_follow_ups(PAY_JOB)
    admin = an_admin()
    with transaction(admin):
        retry_payout(ordered, by=admin)
    run_follow_ups(PAY_JOB)

    trail = committed_db.execute(
        select(AuditLog.action, AuditLog.actor_user_id)
        .where(AuditLog.resource_type == "payouts", AuditLog.resource_id == ordered)
        .order_by(AuditLog.id)
    ).all()
    assert [tuple(line) for line in trail] == [
        ("payout_ordered", None),
        ("payout_started", None),
        ("payout_failed", None),
        ("payout_retried", admin.user_id),
        ("payout_started", None),
        ("payout_completed", None),
    ]


@pytest.mark.covers("PO-09")
def test_admins_hear_of_a_refusal_and_owners_when_their_own_account_is_the_cause(
    committed_db: Database, wave: RunningSandbox
) -> None:
    admin = an_admin()
    with transaction():
        partner, owner = make_payee()
        partner_id, owner_id = partner.id, acting(owner).user_id
    wave.arm("payout.create", "refuse", code="insufficient-funds", match={"receive_amount": "1000"})
    wave.arm("payout.create", "refuse", code="recipient-account-blocked", match={"receive_amount": "2000"})
    order(partner_id, 1000)
    order(partner_id, 2000)
    run_follow_ups(PAY_JOB)

    heard = committed_db.execute(
        select(Notification.user_id, Notification.title).where(Notification.event_key.like("payout:%:failed"))
    ).all()
    assert sum(user_id == admin.user_id for user_id, _title in heard) == 2
    told = [title for user_id, title in heard if user_id == owner_id]
    assert len(told) == 1
    assert "2\u202f000" in told[0]
