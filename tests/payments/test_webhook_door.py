"""Wave's door: signed bytes are kept once and answered at once, everything else leaves no trace."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session as DbSession
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from portal.gateways.wave.signature import HEADER, signed_header
from portal.kernel import clock as portal_clock
from portal.kernel.db import db
from portal.kernel.models import OutboxEvent
from portal.payments.models import PaymentWebhookEvent
from tests.harness.statements import CountStatements
from tests.payments.world import Ears, World, payment, run_follow_ups, stored
from tests.sandbox.running import NEW_SECRET, SECRET, eventually

URL = "/webhooks/wave"


@pytest.fixture
def rotating(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both secrets are known while they rotate."""
    settings = dataclasses.replace(app.config["SETTINGS"], wave_webhook_secrets=(SECRET, NEW_SECRET))
    monkeypatch.setitem(app.config, "SETTINGS", settings)


def envelope(event_id: str = "EV_1", kind: str = "test.test_event", **data: Any) -> bytes:
    """A message as Wave writes it, blanks after the separators."""
    return json.dumps({"id": event_id, "type": kind, "data": data}, ensure_ascii=False).encode()


def deliver(
    client: FlaskClient, body: bytes, secrets: tuple[str, ...] = (SECRET,), age: int = 0, **headers: str
) -> TestResponse:
    """Post a message signed `age` seconds ago."""
    signature = signed_header(list(secrets), body, portal_clock.now() - timedelta(seconds=age))
    return client.post(
        URL, data=body, headers={HEADER: signature, "Content-Type": "application/json"} | headers
    )


def kept() -> int:
    """How many messages are stored."""
    return db.session.execute(select(func.count()).select_from(PaymentWebhookEvent)).scalar_one()


@pytest.mark.covers("DON-19", "DON-21", "DON-22")
def test_a_signed_message_is_kept_as_it_came_and_processed_later(client: FlaskClient) -> None:
    body = envelope("EV_kept", "test.test_event", name="Aïssatou", amount="2500")

    answer = deliver(client, body)

    assert (answer.status_code, answer.data) == (200, b"")
    event = stored("EV_kept")
    assert event.raw_payload == json.loads(body)
    assert (event.event_type, event.status, event.retry_count) == ("test.test_event", "received", 0)
    run_follow_ups()
    assert stored("EV_kept").status == "ignored"


@pytest.mark.covers("DON-21")
@pytest.mark.parametrize(
    "secrets", [(SECRET,), (NEW_SECRET,), (SECRET, NEW_SECRET), ("wave_sn_WHS_other", NEW_SECRET)]
)
def test_either_secret_is_good_while_they_rotate(
    client: FlaskClient, rotating: None, secrets: tuple[str, ...]
) -> None:
    assert deliver(client, envelope(), secrets).status_code == 200
    assert kept() == 1


@pytest.mark.covers("DON-21")
@pytest.mark.parametrize("age", [301, 86_400, -31])
def test_a_message_out_of_its_time_is_refused(client: FlaskClient, age: int) -> None:
    assert deliver(client, envelope(), age=age).status_code == 401
    assert kept() == 0


@pytest.mark.covers("DON-21")
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {HEADER: ""},
        {HEADER: "t=1,v1=00"},
        {HEADER: "v1=00"},
        {HEADER: "t=now,v1=é"},
        {"Authorization": f"Bearer {SECRET}"},
    ],
    ids=range(6),
)
def test_a_message_that_is_not_signed_leaves_no_trace(client: FlaskClient, headers: dict[str, str]) -> None:
    answer = client.post(URL, data=envelope(), headers=headers)

    assert (answer.status_code, answer.data) == (401, b"")
    assert kept() == 0


@pytest.mark.covers("DON-21")
def test_one_changed_byte_or_another_secret_breaks_the_signature(client: FlaskClient) -> None:
    body = envelope(amount="2500")
    signature = signed_header([SECRET], body, portal_clock.now())

    altered = client.post(URL, data=body.replace(b"2500", b"9500"), headers={HEADER: signature})
    other = deliver(client, body, ("wave_sn_WHS_other",))

    assert (altered.status_code, other.status_code) == (401, 401)
    assert kept() == 0


@pytest.mark.covers("DON-21")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"[]",
        b'{"id": "EV_1"}',
        b'{"id": "", "type": "t", "data": {}}',
        b'{"id":"e","type":"t","data":{"a":"\\u0000"}}',
    ],
    ids=range(6),
)
def test_a_signed_message_that_cannot_be_read_is_refused(client: FlaskClient, body: bytes) -> None:
    answer = deliver(client, body)

    assert (answer.status_code, answer.data) == (400, b"")
    assert kept() == 0


def test_a_body_larger_than_any_message_is_not_even_read(client: FlaskClient) -> None:
    assert deliver(client, envelope(padding="x" * 65_536)).status_code == 413
    assert kept() == 0


def test_the_door_takes_nothing_but_posts(client: FlaskClient) -> None:
    assert client.get(URL).status_code == 405


@pytest.mark.covers("DON-22")
def test_a_message_costs_the_database_two_statements(
    client: FlaskClient, count_statements: CountStatements
) -> None:
    deliver(client, envelope("EV_warm"))

    with count_statements() as asked:
        deliver(client, envelope("EV_counted"))

    assert len(asked) == 2, asked


@pytest.mark.covers("DON-19", "DON-20", "PAY-22")
def test_the_same_message_twenty_times_at_once_is_one_row_and_one_effect(
    committed_db: DbSession, app: Flask, world: World, heard: Ears
) -> None:
    payment_id = world.at_wave()
    session = world.pay(payment_id)
    body = envelope("EV_twenty", "checkout.session.completed", **world.shown(session.id))
    together = threading.Barrier(20)

    def post(_number: int) -> int:
        together.wait()
        return deliver(app.test_client(), body).status_code

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(post, range(20)))

    assert answers == [200] * 20
    assert kept() == 1
    follow_ups = select(func.count()).where(OutboxEvent.job == "payments.process_event")
    assert db.session.execute(follow_ups).scalar_one() == 1
    db.session.rollback()
    run_follow_ups()
    assert payment(payment_id).status == "succeeded"
    assert heard.names(payment_id) == ["payment_succeeded"]


@pytest.fixture
def listening(app: Flask) -> Iterator[str]:
    """The portal on a real port, for a Wave that really calls."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{URL}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.covers("DON-18", "DON-19", "DON-20", "DON-21", "DON-22")
def test_wave_itself_calls_twice_and_the_payment_counts_once(
    committed_db: DbSession, world: World, heard: Ears, listening: str
) -> None:
    world.sandbox.control("PUT", "/webhooks/receiver", url=listening)
    world.sandbox.arm("webhook", "duplicate", copies=2)
    payment_id = world.at_wave()
    world.pay(payment_id)

    deliveries = eventually(lambda: _done(world, 2))

    assert len({one["event_id"] for one in deliveries}) == 1
    assert kept() == 1
    db.session.rollback()
    run_follow_ups()
    assert payment(payment_id).status == "succeeded"
    assert heard.names(payment_id) == ["payment_succeeded"]


@pytest.mark.covers("DON-21")
def test_a_forged_call_is_refused_and_nothing_counts(
    committed_db: DbSession, world: World, listening: str
) -> None:
    world.sandbox.control("PUT", "/webhooks/receiver", url=listening)
    world.sandbox.arm("webhook", "forge")
    payment_id = world.at_wave()
    world.pay(payment_id)

    eventually(lambda: [one for one in _deliveries(world) if one["last_answer"] == "401"])

    assert kept() == 0
    assert payment(payment_id).status == "processing"


def _deliveries(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.sandbox.control("GET", "/webhooks")["deliveries"]
    return found


def _done(world: World, count: int) -> list[dict[str, Any]] | None:
    done = [one for one in _deliveries(world) if one["state"] == "done"]
    return done if len(done) == count else None
