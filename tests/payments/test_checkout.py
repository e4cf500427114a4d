"""Sending the payer to Wave: one session, whatever is clicked, doubled or crashes."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session as DbSession

from portal.gateways.wave import CheckoutStatus
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import NotFound
from portal.kernel.ids import new_id
from portal.payments import checkout
from portal.payments.checkout import CheckoutAnswer, open_checkout
from portal.payments.polling import poll_open
from tests.harness.moments import Clock
from tests.harness.together import at_once
from tests.payments.world import Ears, World, payment


@pytest.mark.covers("DON-18", "PAY-18")
def test_the_payer_is_sent_to_a_session_of_exactly_this_payment(db_session: DbSession, world: World) -> None:
    payment_id = world.start(2500)

    answer = world.open(payment_id)

    [session] = world.sessions(payment_id)
    assert answer == CheckoutAnswer(session.wave_launch_url, payment(payment_id).status)
    assert (session.amount, session.currency) == (2500, "XOF")
    row = payment(payment_id)
    assert row.status == "processing"
    assert row.provider_session_id == session.id
    assert row.provider_data["sessions"] == [session.id]
    shown = world.shown(session.id)
    assert shown["success_url"] == "http://localhost/g/token/thanks"
    assert shown["error_url"] == "http://localhost/g/token/failed"


@pytest.mark.covers("DON-18", "PAY-22")
def test_asking_again_gives_the_same_open_session(db_session: DbSession, world: World) -> None:
    payment_id = world.start()
    first = world.open(payment_id)

    assert world.open(payment_id) == first
    assert len(world.sessions(payment_id)) == 1


@pytest.mark.covers("DON-18", "PAY-22")
def test_eight_clicks_at_once_make_one_session_and_lead_there(
    committed_db: DbSession, app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkout, "_PATIENCE_SECONDS", 120.0)
    payment_id = world.start()
    together = threading.Barrier(8)

    def click(_number: int) -> CheckoutAnswer:
        with app.app_context():
            together.wait()
            return open_checkout(payment_id, SYSTEM)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(click, range(8)))

    [session] = world.sessions(payment_id)
    assert {answer.url for answer in answers} == {session.wave_launch_url}


@pytest.mark.covers("DON-16", "DON-18")
@pytest.mark.parametrize("ending", [None, "cut"])
def test_a_second_click_waits_for_the_first_and_goes_where_it_goes(
    committed_db: DbSession,
    app: Flask,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    ending: str | None,
) -> None:
    payment_id = world.start()
    if ending is not None:
        world.sandbox.arm("checkout.create", ending, moment="after")
    asking, has_looked = threading.Event(), threading.Event()
    really = checkout._find_or_create

    def ask_slowly(*arguments: Any) -> Any:
        asking.set()
        assert has_looked.wait(60)
        return really(*arguments)

    def second_click() -> CheckoutAnswer:
        assert asking.wait(60)
        return open_checkout(payment_id, SYSTEM)

    monkeypatch.setattr(checkout, "_PATIENCE_SECONDS", 120.0)
    monkeypatch.setattr(checkout, "_find_or_create", ask_slowly)
    monkeypatch.setattr(checkout, "_let_the_other_go_on", has_looked.set)
    answers = at_once(app, [lambda: open_checkout(payment_id, SYSTEM), second_click])

    [session] = world.sessions(payment_id)
    expected = {session.wave_launch_url} if ending is None else {session.wave_launch_url, None}
    assert {answer.url for answer in answers} == expected


def test_a_second_click_does_not_wait_for_ever(
    db_session: DbSession, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment_id = world.start()
    _crash_before_storing(payment_id, monkeypatch)
    looks: list[None] = []
    monkeypatch.setattr(checkout, "_PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(checkout, "_let_the_other_go_on", lambda: looks.append(None))

    assert world.open(payment_id) == CheckoutAnswer(None, payment(payment_id).status)
    assert looks == []


@pytest.mark.covers("DON-18", "PAY-22")
def test_a_crash_after_wave_made_the_session_finds_that_session_again(
    db_session: DbSession, world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment_id = world.start()
    _crash_before_storing(payment_id, monkeypatch)
    assert payment(payment_id).provider_session_id is None
    monkeypatch.setattr(checkout, "_PATIENCE_SECONDS", 0.0)

    assert world.open(payment_id).url is None  # the crashed claim still holds
    world.later(clock, seconds=91)
    answer = world.open(payment_id)

    [session] = world.sessions(payment_id)
    assert answer.url == session.wave_launch_url


@pytest.mark.covers("DON-18", "DON-23")
def test_the_poll_confirms_a_payment_whose_session_was_never_written_down(
    db_session: DbSession, world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment_id = world.start()
    _crash_before_storing(payment_id, monkeypatch)
    [session] = world.sessions(payment_id)
    world.sandbox.control("POST", f"/sessions/{session.id}/pay")

    world.later(clock, seconds=91)
    assert poll_open() == {"succeeded": 1}

    assert payment(payment_id).provider_session_id == session.id


@pytest.mark.covers("DON-18", "PAY-22")
@pytest.mark.parametrize(
    "ending",
    [{"kind": "cut"}, {"kind": "error", "status": 503}, {"kind": "garbage"}],
    ids=lambda one: one["kind"],
)
def test_an_unknown_outcome_is_found_by_our_reference(
    db_session: DbSession, world: World, ending: dict[str, object]
) -> None:
    payment_id = world.start()
    world.sandbox.arm("checkout.create", moment="after", **ending)  # type: ignore[arg-type]

    answer = world.open(payment_id)
    assert answer == CheckoutAnswer(None, payment(payment_id).status)
    assert answer.state == "processing"

    [session] = world.sessions(payment_id)
    assert world.open(payment_id).url == session.wave_launch_url
    assert len(world.sessions(payment_id)) == 1


@pytest.mark.covers("DON-18")
def test_a_wave_that_asks_to_slow_down_only_delays_the_payer(db_session: DbSession, world: World) -> None:
    payment_id = world.start()
    world.sandbox.arm("checkout.create", "throttle", retry_after=3)

    assert world.open(payment_id).url is None
    assert world.open(payment_id).url is not None


@pytest.mark.covers("DON-18", "PAY-20")
def test_a_refused_session_fails_the_payment_with_its_reason(
    db_session: DbSession, world: World, heard: Ears
) -> None:
    payment_id = world.start()
    world.sandbox.arm("checkout.create", "error", status=400, code="request-validation-error")

    assert world.open(payment_id) == CheckoutAnswer(None, payment(payment_id).status)

    row = payment(payment_id)
    assert (row.status, row.failure_code) == ("failed", "request-validation-error")
    assert heard.names(payment_id) == ["payment_failed"]


def test_a_refusal_of_our_key_is_not_the_payers_failure(db_session: DbSession, world: World) -> None:
    payment_id = world.start()
    world.sandbox.arm("checkout.create", "error", status=401, code="api-key-revoked")

    assert world.open(payment_id).state == "processing"
    assert world.open(payment_id).url is not None


@pytest.mark.covers("DON-18")
def test_an_expired_session_is_replaced_and_stays_known(
    db_session: DbSession, world: World, clock: Clock
) -> None:
    payment_id = world.at_wave()
    first = payment(payment_id).provider_session_id
    world.later(clock, minutes=31)

    answer = world.open(payment_id)

    old, new = world.sessions(payment_id)
    assert (old.id, old.checkout_status) == (first, CheckoutStatus.EXPIRED)
    assert answer.url == new.wave_launch_url
    row = payment(payment_id)
    assert row.provider_session_id == new.id
    assert row.provider_data["sessions"] == [old.id, new.id]


@pytest.mark.covers("DON-18", "PAY-22")
def test_who_comes_back_after_paying_is_not_sent_to_wave_again(
    db_session: DbSession, world: World, clock: Clock
) -> None:
    payment_id = world.at_wave()
    world.pay(payment_id)
    world.later(clock, minutes=31)

    assert world.open(payment_id) == CheckoutAnswer(None, payment(payment_id).status)
    assert payment(payment_id).status == "succeeded"
    assert len(world.sessions(payment_id)) == 1


def test_no_transaction_is_open_while_wave_is_asked(
    committed_db: DbSession, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment_id = world.start()
    real = checkout._find_or_create
    seen = []

    def watched(*arguments: object) -> object:
        seen.append(committed_db().in_transaction())  # type: ignore[operator]
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(checkout, "_find_or_create", watched)
    world.open(payment_id)
    assert seen == [False]


def test_a_payment_that_does_not_exist_is_not_found(db_session: DbSession, world: World) -> None:
    with pytest.raises(NotFound):
        world.open(new_id())


def _crash_before_storing(payment_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends between Wave's answer and our row."""

    def crash(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkout, "_record_session", crash)
        with pytest.raises(KeyboardInterrupt):
            open_checkout(payment_id, SYSTEM)
    with transaction():
        pass
