"""Open payments are looked at again, so that a message that never came costs a delay and nothing else."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

import pytest
from sqlalchemy.orm import Session as DbSession

from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.payments.confirmation import fail_payment
from portal.payments.events import payment_succeeded
from portal.payments.polling import poll_open
from tests.harness.moments import Clock
from tests.payments.world import Ears, World, alerts_of, an_admin, payment


@pytest.mark.covers("DON-22", "DON-23")
def test_a_payment_whose_message_was_lost_is_confirmed(
    db_session: DbSession, world: World, clock: Clock, heard: Ears
) -> None:
    payment_id = world.at_wave()
    world.pay(payment_id)
    assert poll_open() == {}

    world.later(clock, seconds=16)

    assert poll_open() == {"succeeded": 1}
    assert poll_open() == {}
    assert heard.names(payment_id) == ["payment_succeeded"]


def test_an_open_payment_is_looked_at_ever_later_and_again_when_its_session_is_over(
    db_session: DbSession, world: World, clock: Clock
) -> None:
    clock.travel(clock.now())
    payment_id = world.at_wave()
    expiry = payment(payment_id).session_expires_at
    assert expiry is not None
    waits = []
    for _look in range(20):
        due = payment(payment_id).next_check_at
        if due is None:
            break
        waits.append(ceil((due - clock.now()).total_seconds()))
        world.later(clock, seconds=waits[-1])
        poll_open()

    assert waits[:6] == [15, 30, 60, 120, 300, 600]
    assert timedelta(0) < clock.now() - expiry <= timedelta(seconds=31)
    assert payment(payment_id).failure_code == "expired"


@pytest.mark.covers("DON-23", "PAY-20")
def test_a_session_that_closes_unpaid_fails_the_payment_once(
    db_session: DbSession, world: World, clock: Clock, heard: Ears
) -> None:
    payment_id = world.at_wave()
    world.sandbox.control(
        "POST", f"/sessions/{payment(payment_id).provider_session_id}/fail", code="blocked-account"
    )
    world.later(clock, minutes=31)

    assert poll_open() == {"failed": 1}
    assert poll_open() == {}

    row = payment(payment_id)
    assert (row.failure_code, row.next_check_at) == ("blocked-account", None)
    assert heard.names(payment_id) == ["payment_failed"]


@pytest.mark.covers("DON-23")
def test_after_three_days_away_everything_that_was_paid_counts(
    db_session: DbSession, world: World, clock: Clock
) -> None:
    paid, unpaid, never_opened = world.at_wave(), world.at_wave(), world.start()
    world.pay(paid)
    world.later(clock, days=3)

    assert poll_open() == {"succeeded": 1, "failed": 2}

    assert payment(paid).status == "succeeded"
    assert payment(unpaid).failure_code == "expired"
    assert payment(never_opened).failure_code == "abandoned"


def test_an_older_session_that_was_paid_is_found_before_a_payment_fails(
    db_session: DbSession, world: World, clock: Clock
) -> None:
    payment_id = world.at_wave()
    first = payment(payment_id).provider_session_id
    newer = world.sandbox.wave().create_session(
        amount=2500,
        success_url="http://localhost/ok",
        error_url="http://localhost/ko",
        client_reference=payment_id.hex,
    )
    world.pay(payment_id)
    with transaction():
        payment(payment_id).provider_session_id = newer.id
    world.later(clock, minutes=31)

    assert poll_open() == {"succeeded": 1}
    assert payment(payment_id).provider_session_id == first


def test_a_payment_just_begun_is_not_given_up(db_session: DbSession, world: World, clock: Clock) -> None:
    payment_id = world.start()
    world.later(clock, minutes=59)

    assert poll_open() == {}
    assert payment(payment_id).status == "pending"


def test_a_wave_that_is_away_stops_the_round_and_nothing_is_concluded(
    db_session: DbSession, world: World, clock: Clock
) -> None:
    payments = [world.at_wave() for _ in range(4)]
    world.sandbox.arm("checkout.get", "error", status=503, times=9)
    world.sandbox.arm("checkout.search", "error", status=503, times=9)
    world.later(clock, seconds=16)

    assert poll_open() == {"unanswered": 3}
    assert {payment(one).status for one in payments} == {"processing"}


def test_a_wave_that_asks_to_slow_down_ends_the_round(
    db_session: DbSession, world: World, clock: Clock
) -> None:
    world.at_wave()
    world.sandbox.arm("checkout.get", "throttle")
    world.later(clock, seconds=16)

    assert poll_open() == {"throttled": 1}


def test_one_payment_that_cannot_be_posted_does_not_stop_the_others(
    db_session: DbSession, world: World, clock: Clock
) -> None:
    broken, good = world.at_wave(), world.at_wave()
    for one in (broken, good):
        world.pay(one)
    world.later(clock, seconds=16)

    def refuse(sender: object, **_more: object) -> None:
        if getattr(sender, "id", None) == broken:
            raise RuntimeError("the ledger is away")

    with payment_succeeded.connected_to(refuse):
        assert poll_open() == {"broken": 1, "succeeded": 1}

    world.later(clock, minutes=3)
    assert poll_open() == {"succeeded": 1}
    assert payment(broken).status == "succeeded"


def test_a_session_that_stays_unclear_long_after_its_time_waits_for_a_person(
    db_session: DbSession, world: World, clock: Clock, heard: Ears
) -> None:
    admin = an_admin()
    payment_id = world.at_wave()
    clock.advance(hours=2)  # for the portal alone: Wave still shows the session as open

    assert poll_open() == {"processing": 1}
    assert poll_open() == {}

    row = payment(payment_id)
    assert (row.needs_review, row.review_reason) == (True, "unclear")
    assert heard.names(payment_id) == ["payment_review_requested"]
    assert alerts_of(admin) == ["payment-unclear"]

    world.pay(payment_id)
    world.announce(payment_id)
    row = payment(payment_id)
    assert (row.status, row.needs_review) == ("succeeded", False)


@pytest.mark.covers("DON-23")
def test_a_payment_that_failed_is_not_asked_about_any_more(
    db_session: DbSession, world: World, clock: Clock
) -> None:
    payment_id = world.at_wave()
    with transaction():
        fail_payment(payment_id, "expired", SYSTEM)
    world.later(clock, hours=1)

    assert poll_open() == {}
