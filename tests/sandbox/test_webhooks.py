"""Webhooks from the sandbox to a receiver: signed, repeated until taken, and tricky on demand."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from wave_business_api import WebhookVerifier

from portal.gateways.wave import PayoutOrder, Session, parse_event, read_session, signature_ok
from portal.kernel import clock
from tests.sandbox.running import API_KEY, NEW_SECRET, SECRET, Delivery, Receiver, RunningSandbox, eventually


def ask(sandbox: RunningSandbox, reference: str = "don-1") -> Session:
    return sandbox.wave().create_session(
        amount=2500,
        success_url="https://a.example/ok",
        error_url="https://a.example/ko",
        client_reference=reference,
    )


def pay(sandbox: RunningSandbox, reference: str = "don-1") -> Session:
    session = ask(sandbox, reference)
    sandbox.control("POST", f"/sessions/{session.id}/pay")
    return session


def is_genuine(delivery: Delivery, *secrets: str) -> bool:
    return signature_ok(
        delivery.headers.get("Wave-Signature"), delivery.body, secrets or (SECRET,), clock.now()
    )


def deliveries(sandbox: RunningSandbox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sandbox.control("GET", "/webhooks")["deliveries"]
    return found


def states(sandbox: RunningSandbox) -> list[str]:
    return [delivery["state"] for delivery in reversed(deliveries(sandbox))]


def test_a_payment_is_announced_by_a_signed_event_that_holds_the_session(
    notified: RunningSandbox, receiver: Receiver
) -> None:
    session = pay(notified)
    delivery = receiver.next()
    assert is_genuine(delivery)
    assert not is_genuine(delivery, NEW_SECRET)
    event = parse_event(delivery.body)
    assert event.type == "checkout.session.completed"
    assert event.id.startswith("EV_")
    told = read_session(dict(event.data))
    assert told == notified.wave().get_session(session.id)
    assert told.is_paid


def test_the_community_verifier_accepts_the_signature_and_refuses_another_body(
    notified: RunningSandbox, receiver: Receiver
) -> None:
    pay(notified)
    delivery = receiver.next()
    verifier = WebhookVerifier(signing_secret=SECRET)
    header = delivery.headers["Wave-Signature"]
    event = verifier.verify_and_parse(delivery.body.decode(), wave_signature=header)
    assert event == json.loads(delivery.body)
    with pytest.raises(Exception, match="mismatch"):
        verifier.verify_and_parse(delivery.body.decode().replace("2500", "9500"), wave_signature=header)


def test_the_body_is_written_with_blanks_so_that_parsing_before_verifying_is_found_out(
    notified: RunningSandbox, receiver: Receiver
) -> None:
    pay(notified)
    delivery = receiver.next()
    rewritten = json.dumps(json.loads(delivery.body), separators=(",", ":")).encode()
    assert not is_genuine(delivery._replace(body=rewritten))


def test_a_failed_try_is_announced_without_a_transaction(
    notified: RunningSandbox, receiver: Receiver
) -> None:
    session = ask(notified)
    notified.control("POST", f"/sessions/{session.id}/fail", code="blocked-account")
    event = receiver.event()
    assert event["type"] == "checkout.session.payment_failed"
    assert event["data"]["last_payment_error"]["code"] == "blocked-account"
    assert not {"transaction_id", "when_completed"} & set(event["data"])
    assert read_session(event["data"]).last_payment_error is not None


def test_refunds_expiry_payouts_and_reversals_are_announced_by_nobody(
    notified: RunningSandbox, receiver: Receiver
) -> None:
    wave = notified.wave()
    session = pay(notified)
    assert receiver.event()["data"]["id"] == session.id
    wave.refund_session(session.id)
    wave.expire_session(ask(notified, "don-2").id)
    order = PayoutOrder(receive_amount=500, mobile="+221771234567", client_reference="po-1")
    wave.reverse_payout(wave.create_payout(order, idempotency_key="k").id, idempotency_key="back")
    assert len(deliveries(notified)) == 1


def test_a_payment_at_the_till_has_an_event_of_its_own(notified: RunningSandbox, receiver: Receiver) -> None:
    notified.control("POST", "/merchant-payments", amount=2500, mobile="+221771234567")
    event = receiver.event()
    assert event["type"] == "merchant.payment_received"
    assert (event["data"]["amount"], event["data"]["fee"]) == ("2500", "25")


def test_any_event_can_be_sent_by_hand(notified: RunningSandbox, receiver: Receiver) -> None:
    sent = notified.control("POST", "/webhooks", type="test.test_event", data={"hello": "é"})
    assert receiver.event() == {"id": sent["event_id"], "type": "test.test_event", "data": {"hello": "é"}}


def test_what_is_not_taken_comes_again_with_the_same_id_and_a_fresh_signature(
    notified: RunningSandbox, receiver: Receiver
) -> None:
    for status in (500, 302, 404):
        receiver.answers.put(status)
    pay(notified)
    tries = [receiver.next()]
    for hour in (1, 2, 3):
        eventually(lambda: states(notified) == ["pending"])
        notified.control("POST", "/clock", offset_seconds=3600 * hour)
        tries.append(receiver.next())
    assert len({delivery.body for delivery in tries}) == 1
    assert len({delivery.headers["Wave-Signature"] for delivery in tries}) == 4
    assert eventually(lambda: states(notified) == ["done"])


def test_no_answer_within_five_seconds_counts_as_not_taken(
    notified: RunningSandbox, receiver: Receiver
) -> None:
    receiver.answers.put(0)
    pay(notified)
    first = receiver.next()
    second = receiver.next()
    assert first.body == second.body


def test_after_three_days_the_sandbox_gives_up(notified: RunningSandbox, receiver: Receiver) -> None:
    receiver.answers.put(500)
    receiver.answers.put(500)
    pay(notified)
    receiver.next()
    eventually(lambda: states(notified) == ["pending"])
    notified.control("POST", "/clock", offset_seconds=3 * 86_400 + 60)
    receiver.next()
    assert eventually(lambda: states(notified) == ["failed"])


def test_an_event_can_come_twice(notified: RunningSandbox, receiver: Receiver) -> None:
    notified.arm("webhook", "duplicate", copies=3)
    pay(notified)
    assert len({receiver.event()["id"] for _ in range(3)}) == 1
    assert len(deliveries(notified)) == 3


def test_an_event_can_be_lost_and_sent_again_by_hand(notified: RunningSandbox, receiver: Receiver) -> None:
    notified.arm("webhook", "drop")
    lost, kept = pay(notified), pay(notified, "don-2")
    assert receiver.event()["data"]["id"] == kept.id
    assert states(notified)[0] == "dropped"
    event_id = deliveries(notified)[-1]["event_id"]
    notified.control("POST", f"/webhooks/{event_id}/resend")
    event = receiver.event()
    assert (event["id"], event["data"]["id"]) == (event_id, lost.id)


def test_an_event_can_come_late(notified: RunningSandbox, receiver: Receiver) -> None:
    notified.arm("webhook", "delay", seconds=600)
    late, prompt = pay(notified), pay(notified, "don-2")
    assert receiver.event()["data"]["id"] == prompt.id
    assert states(notified)[0] == "pending"
    notified.clock_file.write_text("601")
    assert receiver.event()["data"]["id"] == late.id


def test_two_events_can_change_places(notified: RunningSandbox, receiver: Receiver) -> None:
    notified.arm("webhook", "reorder")
    session = ask(notified)
    notified.control("POST", f"/sessions/{session.id}/fail")
    notified.control("POST", f"/sessions/{session.id}/pay")
    assert [receiver.event()["type"] for _ in range(2)] == [
        "checkout.session.completed",
        "checkout.session.payment_failed",
    ]


def test_an_event_can_be_held_until_it_is_let_go(notified: RunningSandbox, receiver: Receiver) -> None:
    notified.arm("webhook", "hold", match={"client_reference": "don-1"})
    held = pay(notified)
    pay(notified, "don-2")
    assert receiver.event()["data"]["client_reference"] == "don-2"
    assert notified.control("POST", "/webhooks/release") == {"released": 1}
    assert receiver.event()["data"]["id"] == held.id


@pytest.mark.parametrize("trick", ["forge", "stale"])
def test_an_event_can_carry_a_proof_that_must_be_refused(
    notified: RunningSandbox, receiver: Receiver, trick: str
) -> None:
    notified.arm("webhook", trick)
    pay(notified)
    assert not is_genuine(receiver.next())
    pay(notified, "don-2")
    assert is_genuine(receiver.next())


def test_without_a_receiver_events_are_kept_and_can_be_sent_later(
    sandbox: RunningSandbox, receiver: Receiver
) -> None:
    session = pay(sandbox)
    assert states(sandbox) == ["dropped"]
    sandbox.control("PUT", "/webhooks/receiver", url=receiver.url)
    sandbox.control("POST", f"/webhooks/{deliveries(sandbox)[0]['event_id']}/resend")
    assert receiver.event()["data"]["id"] == session.id


def test_a_receiver_that_hangs_does_not_hold_up_the_others(
    notified: RunningSandbox, receiver: Receiver
) -> None:
    for _ in range(3):
        receiver.answers.put(0)
    for number in range(5):
        pay(notified, f"don-{number}")
    references = {receiver.event()["data"]["client_reference"] for _ in range(5)}
    assert references == {f"don-{number}" for number in range(5)}


@pytest.fixture
def rotating(tmp_path: Path, receiver: Receiver) -> Iterator[RunningSandbox]:
    arguments = ["--webhook-secret", NEW_SECRET, "--webhook-secret", SECRET, "--webhook-url", receiver.url]
    with RunningSandbox(tmp_path, *arguments) as running:
        running.control("PUT", "/webhooks/receiver", url=receiver.url)
        yield running


def test_while_secrets_rotate_both_open_the_message(rotating: RunningSandbox, receiver: Receiver) -> None:
    pay(rotating)
    delivery = receiver.next()
    assert delivery.headers["Wave-Signature"].count("v1=") == 2
    assert is_genuine(delivery, SECRET)
    assert is_genuine(delivery, NEW_SECRET)
    WebhookVerifier(signing_secret=SECRET).verify_and_parse(
        delivery.body.decode(), wave_signature=delivery.headers["Wave-Signature"]
    )


def test_an_event_on_its_way_when_the_process_dies_is_sent_again_by_the_next(
    rotating: RunningSandbox, receiver: Receiver
) -> None:
    receiver.answers.put(0)
    pay(rotating)
    first = receiver.next()
    rotating.stop(signal.SIGKILL)
    rotating.start()
    assert receiver.next().body == first.body


def test_a_shared_secret_travels_as_a_bearer(tmp_path: Path, receiver: Receiver) -> None:
    with RunningSandbox(tmp_path, "--webhook-strategy", "shared") as shared:
        shared.control("PUT", "/webhooks/receiver", url=receiver.url)
        pay(shared)
        delivery = receiver.next()
    assert "Wave-Signature" not in delivery.headers
    WebhookVerifier(shared_secret=SECRET).verify_and_parse(
        delivery.body.decode(), authorization=delivery.headers["Authorization"]
    )


def test_control_routes_take_json_only_so_that_no_other_site_can_use_them(sandbox: RunningSandbox) -> None:
    answer = requests.post(
        f"{sandbox.url}/_sandbox/wallet",
        data=b'{"balance": 1}',
        headers={"Content-Type": "text/plain"},
        timeout=20,
    )
    assert answer.status_code == 415
    assert sandbox.wave(api_key=API_KEY).get_balance().amount == 5_000_000
