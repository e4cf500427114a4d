"""What a worker makes of Wave's messages: doubled, late, out of order, wrong, or about nothing of ours."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict
from portal.kernel.models import OutboxEvent
from portal.payments import webhooks
from portal.payments.confirmation import close_review, confirm_payment, fail_payment, take_session
from portal.payments.events import payment_succeeded
from portal.payments.webhooks import Contradiction, process_event
from tests.harness.moments import Clock
from tests.payments.world import (
    Ears,
    World,
    alerts_of,
    an_admin,
    apart_from,
    keep,
    message,
    payment,
    refund_of,
    run_follow_ups,
)

COMPLETED = "checkout.session.completed"
FAILED = "checkout.session.payment_failed"


@pytest.mark.covers("DON-18", "DON-22", "PAY-18", "PAY-20")
def test_a_completed_session_makes_the_payment_succeed(
    db_session: DbSession, world: World, heard: Ears
) -> None:
    payment_id = world.at_wave()
    session = world.pay(payment_id)

    event_id = world.announce(payment_id)

    row = payment(payment_id)
    assert (row.status, row.provider_reference) == ("succeeded", session.transaction_id)
    assert row.succeeded_at is not None
    assert row.next_check_at is None
    event = message(event_id)
    assert (event.status, event.payment_transaction_id) == ("processed", payment_id)
    assert event.processed_at is not None
    assert heard.names(payment_id) == ["payment_succeeded"]


@pytest.mark.covers("DON-20", "DON-23", "PAY-22")
def test_the_same_news_from_every_side_counts_once(db_session: DbSession, world: World, heard: Ears) -> None:
    payment_id = world.at_wave()
    session = world.pay(payment_id)

    world.announce(payment_id)
    world.announce(payment_id)
    with transaction():
        take_session(payment_id, session, by=SYSTEM)
        confirm_payment(payment_id, session, SYSTEM)

    assert heard.names(payment_id) == ["payment_succeeded"]
    assert apart_from(payment_id) == []


@pytest.mark.covers("DON-22", "DON-23")
def test_a_failed_try_leaves_the_payment_open_with_wave_s_reason(
    db_session: DbSession, world: World, heard: Ears
) -> None:
    payment_id = world.at_wave()
    world.sandbox.control(
        "POST", f"/sessions/{payment(payment_id).provider_session_id}/fail", code="insufficient-funds"
    )

    event_id = world.announce(payment_id, FAILED)

    row = payment(payment_id)
    assert (row.status, row.failure_code) == ("processing", "insufficient-funds")
    assert message(event_id).status == "processed"
    assert heard.names(payment_id) == []


@pytest.mark.covers("DON-23")
def test_a_failed_try_told_after_the_success_changes_nothing(
    db_session: DbSession, world: World, heard: Ears
) -> None:
    payment_id = world.at_wave()
    session_id = payment(payment_id).provider_session_id
    assert session_id is not None
    world.sandbox.control("POST", f"/sessions/{session_id}/fail", code="insufficient-funds")
    old_news = world.shown(session_id)
    world.pay(payment_id)
    world.announce(payment_id)

    keep(FAILED, old_news)
    run_follow_ups()

    row = payment(payment_id)
    assert (row.status, row.failure_code) == ("succeeded", None)
    assert heard.names(payment_id) == ["payment_succeeded"]


@pytest.mark.covers("DON-23", "PAY-20")
def test_proof_that_comes_late_turns_a_failed_payment_to_succeeded(
    db_session: DbSession, world: World, heard: Ears
) -> None:
    payment_id = world.at_wave()
    world.pay(payment_id)
    with transaction():
        fail_payment(payment_id, "expired", SYSTEM)

    world.announce(payment_id)

    assert payment(payment_id).status == "succeeded"
    assert heard.names(payment_id) == ["payment_failed", "payment_succeeded"]


@pytest.mark.covers("DON-23", "PAY-22")
def test_an_older_session_that_was_paid_counts_for_its_payment(
    db_session: DbSession, world: World, clock: Clock
) -> None:
    payment_id = world.at_wave()
    older = world.pay(payment_id)
    with transaction():
        row = payment(payment_id)
        row.session_expires_at = clock.now()
        row.provider_session_id, row.payment_url = "cos-newer", "https://pay.wave.com/c/cos-newer"

    keep(COMPLETED, world.shown(older.id))
    run_follow_ups()

    row = payment(payment_id)
    assert (row.status, row.provider_session_id) == ("succeeded", older.id)


@pytest.mark.covers("DON-21", "PAY-22")
def test_another_amount_is_not_counted_and_waits_for_a_person(
    db_session: DbSession, world: World, heard: Ears
) -> None:
    admin = an_admin()
    payment_id = world.at_wave(2500)
    with transaction():
        payment(payment_id).amount_minor = 2600

    world.pay(payment_id)
    world.announce(payment_id)

    row = payment(payment_id)
    assert (row.status, row.needs_review, row.review_reason) == ("processing", True, "amount_differs")
    assert row.next_check_at is None
    [apart] = apart_from(payment_id)
    assert (apart.amount_minor, apart.needs_review) == (2500, True)
    assert heard.names(payment_id) == ["payment_review_requested"]
    assert heard.names(apart.id) == []
    assert alerts_of(admin) == ["payment-amount-differs"]


@pytest.mark.covers("PAY-22")
def test_closing_the_check_of_an_open_payment_ends_it_as_not_paid(
    db_session: DbSession, world: World, heard: Ears
) -> None:
    admin = an_admin()
    payment_id = world.at_wave(2500)
    with transaction():
        payment(payment_id).amount_minor = 2600
    world.pay(payment_id)
    world.announce(payment_id)

    with transaction():
        close_review(payment_id, "refunded in Wave's portal", by=admin)

    row = payment(payment_id)
    assert (row.status, row.failure_code, row.needs_review) == ("failed", "not_counted", False)
    with pytest.raises(Conflict), transaction():
        close_review(payment_id, "again", by=admin)


@pytest.mark.covers("PAY-22", "DON-23", "DON-27")
def test_a_payment_paid_twice_is_counted_once_and_the_surplus_is_sent_back(
    db_session: DbSession, world: World, heard: Ears, clock: Clock
) -> None:
    admin = an_admin()
    payment_id = world.at_wave()
    first = payment(payment_id)
    other = world.sandbox.wave().create_session(
        amount=2500,
        success_url="http://localhost/ok",
        error_url="http://localhost/ko",
        client_reference=first.id.hex,
    )
    world.pay(payment_id)
    world.announce(payment_id)
    world.sandbox.control("POST", f"/sessions/{other.id}/pay")

    keep(COMPLETED, world.shown(other.id))
    keep(COMPLETED, world.shown(other.id), "EV_doubled")
    run_follow_ups()
    run_follow_ups()

    [surplus] = apart_from(payment_id)
    assert (surplus.provider_session_id, surplus.review_reason) == (other.id, "paid_twice")
    assert payment(surplus.id).status == "refunded"
    assert refund_of(surplus.id).status == "completed"
    assert payment(payment_id).status == "succeeded"
    assert heard.names(payment_id) == ["payment_succeeded", "payment_review_requested"]
    assert "payment_succeeded" not in heard.names(surplus.id)
    [moved] = world.sandbox.control("GET", "/moved")["payments"]
    assert (moved["payments"], moved["refunded"]) == (2, 1)
    assert alerts_of(admin) == ["payment-paid-twice"]


@pytest.mark.covers("DON-22")
@pytest.mark.parametrize("kind", ["merchant.payment_received", "test.test_event", "payout.teleported"])
def test_a_type_that_is_not_about_sessions_is_ignored(db_session: DbSession, world: World, kind: str) -> None:
    event_id = keep(kind, {"id": "T_1", "amount": "2500"})

    run_follow_ups()

    assert message(event_id).status == "ignored"


@pytest.mark.covers("DON-21", "DON-23")
def test_a_paid_session_of_nobody_is_ignored_and_told_once(db_session: DbSession, world: World) -> None:
    admin = an_admin()
    session = world.sandbox.wave().create_session(
        amount=900,
        success_url="http://localhost/ok",
        error_url="http://localhost/ko",
        client_reference="other",
    )
    world.sandbox.control("POST", f"/sessions/{session.id}/pay")

    first = keep(COMPLETED, world.shown(session.id))
    second = keep(COMPLETED, world.shown(session.id))
    run_follow_ups()

    assert (message(first).status, message(second).status) == ("ignored", "ignored")
    assert alerts_of(admin) == ["money-unknown"]


@pytest.mark.covers("DON-21")
def test_a_message_that_wave_itself_contradicts_counts_nothing_until_wave_agrees(
    db_session: DbSession, world: World, clock: Clock
) -> None:
    payment_id = world.at_wave()
    session_id = payment(payment_id).provider_session_id
    assert session_id is not None
    lie = world.shown(session_id) | {
        "payment_status": "succeeded",
        "checkout_status": "complete",
        "transaction_id": "TLIE",
    }
    event_id = keep(COMPLETED, lie)

    run_follow_ups()

    event = message(event_id)
    assert (event.status, event.retry_count) == ("failed", 1)
    assert "does not show" in (event.processing_error or "")
    assert payment(payment_id).status == "processing"

    world.pay(payment_id)
    world.later(clock, seconds=11)
    run_follow_ups()
    assert message(event_id).status == "processed"
    assert payment(payment_id).status == "succeeded"


@pytest.mark.covers("DON-21", "DON-22")
@pytest.mark.parametrize(
    "ending",
    [
        {"kind": "cut"},
        {"kind": "throttle"},
        {"kind": "error", "status": 401},
        {"kind": "error", "status": 503},
    ],
    ids=range(4),
)
def test_a_signed_message_is_proof_enough_when_wave_cannot_be_asked(
    db_session: DbSession, world: World, ending: dict[str, Any]
) -> None:
    payment_id = world.at_wave()
    session = world.pay(payment_id)
    told_of = world.shown(session.id)
    world.sandbox.arm("checkout.get", **ending)

    keep(COMPLETED, told_of)
    run_follow_ups()

    assert payment(payment_id).status == "succeeded"


@pytest.mark.covers("DON-22", "DON-24", "PAY-22")
def test_a_message_whose_money_cannot_be_posted_stays_and_is_tried_again(
    db_session: DbSession, world: World, clock: Clock
) -> None:
    payment_id = world.at_wave()
    session = world.pay(payment_id)
    event_id = keep(COMPLETED, world.shown(session.id))

    def broken(_sender: object, **_more: object) -> None:
        raise RuntimeError("the ledger is away")

    with payment_succeeded.connected_to(broken):
        run_follow_ups()
    event = message(event_id)
    assert (event.status, event.retry_count) == ("failed", 1)
    assert event.processing_error == "RuntimeError: the ledger is away"
    assert payment(payment_id).status == "processing"

    world.later(clock, seconds=11)
    run_follow_ups()
    assert message(event_id).status == "processed"
    assert payment(payment_id).status == "succeeded"


@pytest.mark.covers("DON-24")
def test_a_failed_message_is_processed_again_when_a_person_asks(db_session: DbSession, world: World) -> None:
    admin = an_admin()
    payment_id = world.at_wave()
    world.pay(payment_id)
    event_id = _failed_message(world, payment_id)

    with transaction():
        webhooks.retry_event(event_id, by=admin)
    run_follow_ups()

    assert message(event_id).status == "processed"
    assert payment(payment_id).status == "succeeded"
    with pytest.raises(Conflict), transaction():
        webhooks.retry_event(event_id, by=admin)


@pytest.mark.covers("DON-24")
def test_a_failed_message_can_be_set_aside_with_a_note(db_session: DbSession, world: World) -> None:
    admin = an_admin()
    event_id = _failed_message(world, world.at_wave())

    with transaction():
        webhooks.dismiss_event(event_id, "settled by telephone", by=admin)

    assert message(event_id).status == "ignored"
    with pytest.raises(Conflict), transaction():
        webhooks.dismiss_event(event_id, "again", by=admin)


@pytest.mark.covers("DON-22")
def test_a_known_type_with_unreadable_content_fails_and_is_kept(db_session: DbSession, world: World) -> None:
    event_id = keep(COMPLETED, {"id": "cos-1", "amount": 2500})

    run_follow_ups()

    assert message(event_id).status == "failed"
    assert (message(event_id).processing_error or "").startswith("Unreadable")


def _failed_message(world: World, payment_id: Any) -> Any:
    """A message that failed for good, as far as the queue is concerned."""
    session_id = payment(payment_id).provider_session_id
    event_id = keep(
        COMPLETED, {**world.shown(session_id), "transaction_id": "T1", "payment_status": "succeeded"}
    )
    world.sandbox.arm("checkout.get", "error", status=404, code="checkout-session-not-found")
    with pytest.raises(Contradiction):
        process_event(event_id)
    with transaction() as session:
        for follow_up in session.execute(select(OutboxEvent)).scalars():
            follow_up.done_at = follow_up.created_at
    return event_id
