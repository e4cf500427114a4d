"""Receipts of the text message provider: signed, forward only, never an error for what is unknown."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session
from werkzeug.test import TestResponse

from portal.gateways.sms import SIGNATURE_HEADER, signature
from portal.kernel import clock as portal_clock
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.notifications.jobs import deliver
from portal.notifications.models import Channel, DeliveryStatus, NotificationDelivery
from tests.notifications.test_delivering import send_code
from tests.sandbox.running import AUTH_TOKEN, RunningSandbox, eventually

SID = "SM00000000000000000000000000000001"


@pytest.fixture
def delivery(db_session: Session, world: RunningSandbox) -> NotificationDelivery:
    """A text message that the provider has taken."""
    send_code()
    row = db_session.scalars(select(NotificationDelivery)).one()
    row.status, row.provider, row.provider_message_id = DeliveryStatus.SENT, "twilio", SID
    row.sent_at = portal_clock.now()
    db_session.commit()
    return row


def tell(
    client: FlaskClient, status: str, *, query: str = "", signed: bool = True, **fields: Any
) -> TestResponse:
    form = {"MessageSid": SID, "MessageStatus": status} | fields
    url = f"/webhooks/sms{query}"
    proof = signature(AUTH_TOKEN if signed else "another", f"http://localhost{url}", form.items())
    return client.post(url, data=form, headers={SIGNATURE_HEADER: proof})


def state(delivery_id: Any) -> NotificationDelivery:
    db.session.expire_all()
    return db.session.get_one(NotificationDelivery, delivery_id)


@pytest.mark.covers("NTF-29", "NTF-31")
def test_a_delivered_message_is_delivered(client: FlaskClient, delivery: NotificationDelivery) -> None:
    assert tell(client, "delivered", query=f"?delivery={delivery.id}").status_code == 204

    now = state(delivery.id)
    assert now.status is DeliveryStatus.DELIVERED
    assert now.delivered_at is not None


def test_a_receipt_is_matched_by_the_providers_id_too(
    client: FlaskClient, delivery: NotificationDelivery
) -> None:
    assert tell(client, "delivered").status_code == 204

    assert state(delivery.id).status is DeliveryStatus.DELIVERED


@pytest.mark.covers("NTF-35")
def test_an_undelivered_message_says_why_and_waits_for_an_operator(
    client: FlaskClient, delivery: NotificationDelivery
) -> None:
    tell(client, "undelivered", ErrorCode="30003")

    now = state(delivery.id)
    assert (now.status, now.error_code, now.is_dead) == (DeliveryStatus.FAILED, "30003", True)


@pytest.mark.parametrize(
    ("first", "later", "end"),
    [
        ("delivered", "failed", DeliveryStatus.DELIVERED),
        ("delivered", "sent", DeliveryStatus.DELIVERED),
        ("failed", "delivered", DeliveryStatus.FAILED),
        ("sent", "queued", DeliveryStatus.SENT),
        ("beamed", "sent", DeliveryStatus.SENT),
    ],
)
def test_states_only_move_forward(
    client: FlaskClient, delivery: NotificationDelivery, first: str, later: str, end: DeliveryStatus
) -> None:
    for status in (first, first, later):
        assert tell(client, status).status_code == 204

    assert state(delivery.id).status is end


def test_a_receipt_that_comes_before_the_answer_was_written_down_counts(
    client: FlaskClient, delivery: NotificationDelivery
) -> None:
    delivery.status, delivery.provider_message_id, delivery.sent_at = DeliveryStatus.PENDING, None, None
    db.session.commit()

    assert tell(client, "delivered", query=f"?delivery={delivery.id}").status_code == 204

    now = state(delivery.id)
    assert (now.status, now.provider_message_id) == (DeliveryStatus.DELIVERED, SID)


@pytest.mark.parametrize("query", ["", f"?delivery={new_id()}", "?delivery=x"])
def test_an_unknown_message_is_answered_all_the_same(client: FlaskClient, query: str) -> None:
    assert tell(client, "delivered", query=query).status_code == 204


def test_a_receipt_that_is_not_signed_changes_nothing(
    client: FlaskClient, delivery: NotificationDelivery
) -> None:
    assert tell(client, "delivered", signed=False).status_code == 403
    assert client.post("/webhooks/sms", data={"MessageSid": SID}).status_code == 403

    assert state(delivery.id).status is DeliveryStatus.SENT


def test_the_receipt_of_another_message_does_not_move_this_one(
    client: FlaskClient, delivery: NotificationDelivery
) -> None:
    tell(client, "delivered", query=f"?delivery={delivery.id}", MessageSid="SM9")

    assert state(delivery.id).status is DeliveryStatus.SENT


def test_the_address_in_the_call_leads_back_to_the_delivery(
    committed_db: scoped_session[Session], world: RunningSandbox
) -> None:
    send_code()
    deliver()
    db.session.rollback()
    row = db.session.scalars(select(NotificationDelivery)).one()
    assert row.channel is Channel.SMS

    def promised() -> list[Any]:
        found = world.control("GET", "/webhooks")
        return [one for one in found.get("deliveries", []) if str(row.id) in str(one)]

    assert eventually(promised)
