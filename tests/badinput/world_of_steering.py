"""What only admins look at: accounts of the ledger, messages of Wave, work that was given up."""

from __future__ import annotations

from sqlalchemy import select

from portal.gateways.wave import WebhookEvent
from portal.identity.administration import suspend_user
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.models import OutboxEvent
from portal.ledger.models import Account, Transfer
from portal.payments.models import PaymentWebhookEvent, WebhookStatus
from portal.payments.webhooks import store_event
from tests.harness.house import acting, make_person


def make_work(people: dict[str, User]) -> dict[str, str]:
    """One of each."""
    people["suspended"] = make_person("Mor Thiam")
    suspend_user(people["suspended"].id, reason="=1+1;=2+2", by=acting(people["admin"]))
    store_event(WebhookEvent(id="EV_badinput", type="checkout.session.completed", data={"id": "cos-1"}))
    event = db.session.scalars(select(PaymentWebhookEvent)).one()
    event.status, event.processing_error = WebhookStatus.FAILED, "unknown session"
    given_up = OutboxEvent(
        job="kernel.sweep", dedupe_key="badinput", payload={}, attempts=9, failed_at=clock.now()
    )
    db.session.add(given_up)
    db.session.flush()
    return {
        "event": str(event.id),
        "follow_up": str(given_up.id),
        "account": str(db.session.scalars(select(Account.id).limit(1)).one()),
        "transfer": str(db.session.scalars(select(Transfer.id).limit(1)).one()),
    }
