"""Payments and payers for tests: start one, play the payer at Wave, run what was left for later."""

from __future__ import annotations

from datetime import timedelta
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from sqlalchemy import select

from portal.gateways.wave import Session, WebhookEvent
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db, transaction
from portal.kernel.ids import new_id
from portal.kernel.models import OutboxEvent
from portal.kernel.money import Money
from portal.kernel.work import perform
from portal.notifications.models import Notification
from portal.payments import events
from portal.payments.checkout import CheckoutAnswer, open_checkout
from portal.payments.models import PaymentTransaction, PaymentWebhookEvent, Refund, TransactionType
from portal.payments.services import start_payment
from portal.payments.webhooks import store_event
from tests.harness.house import acting, make_admin
from tests.sandbox.running import RunningSandbox

PHONE = "+221771112233"


class World:
    """The portal's payments beside the sandbox's wallet."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self.sandbox = sandbox

    def start(self, amount: int = 2500, **changes: Any) -> UUID:
        """A pending payment for a row of its own."""
        with transaction():
            return begin(amount, **changes).id

    def open(self, payment_id: UUID) -> CheckoutAnswer:
        """Ask for the payer's way to Wave."""
        return open_checkout(payment_id, SYSTEM)

    def at_wave(self, amount: int = 2500, **changes: Any) -> UUID:
        """A payment whose payer has been sent to Wave."""
        payment_id = self.start(amount, **changes)
        assert self.open(payment_id).url is not None
        return payment_id

    def paid(self, amount: int = 2500, **changes: Any) -> UUID:
        """A payment that has arrived and was counted."""
        payment_id = self.at_wave(amount, **changes)
        self.pay(payment_id)
        self.announce(payment_id)
        assert payment(payment_id).status == "succeeded"
        return payment_id

    def pay(self, payment_id: UUID, mobile: str = PHONE) -> Session:
        """The payer confirms in the app."""
        session_id = payment(payment_id).provider_session_id
        self.sandbox.control("POST", f"/sessions/{session_id}/pay", mobile=mobile)
        assert session_id is not None
        return self.sandbox.wave().get_session(session_id)

    def sessions(self, payment_id: UUID) -> list[Session]:
        """Every session Wave made for the payment."""
        return self.sandbox.wave().search_sessions(payment_id.hex)

    def shown(self, session_id: str) -> dict[str, Any]:
        """A session as Wave writes it."""
        found: dict[str, Any] = self.sandbox.get(f"/v1/checkout/sessions/{session_id}").json()
        return found

    def announce(self, payment_id: UUID, kind: str = "checkout.session.completed") -> UUID:
        """Wave's message of the payment's session, stored and processed; the stored row's id."""
        session_id = payment(payment_id).provider_session_id
        assert session_id is not None
        stored = keep(kind, self.shown(session_id))
        run_follow_ups()
        return stored

    def later(self, clock_fixture: Any, **parts: float) -> None:
        """Let time pass for the portal and for Wave alike."""
        clock_fixture.advance(**parts)
        passed = int(self.sandbox.clock_file.read_text() or 0)
        self.sandbox.clock_file.write_text(str(passed + int(timedelta(**parts).total_seconds())))


class Ears:
    """Hears every signal of payments, as (name, id of the row)."""

    def __init__(self) -> None:
        self.all: list[tuple[str, UUID]] = []
        self._receivers: list[tuple[Any, Any]] = []

    def __enter__(self) -> Self:
        for name in events.__dict__:
            if name.startswith(("payment_", "refund_")):
                self._listen(name, getattr(events, name))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for signal, receiver in self._receivers:
            signal.disconnect(receiver)

    def names(self, row_id: UUID) -> list[str]:
        """What was said of one row, in order."""
        return [name for name, subject in self.all if subject == row_id]

    def _listen(self, name: str, signal: Any) -> None:
        def receiver(sender: Any, **_more: Any) -> None:
            self.all.append((name, sender.id))

        signal.connect(receiver, weak=False)
        self._receivers.append((signal, receiver))


def an_admin() -> Actor:
    """Somebody who steers the portal, as services see them."""
    with transaction():
        return acting(make_admin())


def alerts_of(admin: Actor) -> list[str]:
    """What an admin was alerted to, in order, by the kind of matter."""
    keys = db.session.execute(
        select(Notification.event_key).where(Notification.user_id == admin.user_id).order_by(Notification.id)
    ).scalars()
    return [key.split(":")[0] for key in keys]


def begin(francs: int = 2500, **changes: Any) -> PaymentTransaction:
    """Start a payment inside the caller's transaction."""
    told: dict[str, Any] = {
        "kind": TransactionType.DONATION,
        "amount": Money(francs),
        "source": ("tests", new_id()),
        "payer_user_id": None,
        "success_path": "/g/token/thanks",
        "error_path": "/g/token/failed",
        "by": SYSTEM,
    }
    return start_payment(**(told | changes))


def payment(payment_id: UUID) -> PaymentTransaction:
    """The payment as the database has it now."""
    return db.session.get_one(PaymentTransaction, payment_id, populate_existing=True)


def refund_of(payment_id: UUID) -> Refund:
    """The newest refund of a payment, as the database has it now."""
    return db.session.execute(
        select(Refund)
        .where(Refund.payment_transaction_id == payment_id)
        .order_by(Refund.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).scalar_one()


def apart_from(payment_id: UUID) -> list[PaymentTransaction]:
    """Money that came for a payment and was kept apart."""
    row = PaymentTransaction
    return list(
        db.session.execute(
            select(row).where(row.source_type == "payment_transactions", row.source_id == payment_id)
        ).scalars()
    )


def keep(kind: str, data: dict[str, Any], event_id: str | None = None) -> UUID:
    """Store a message of Wave; the row's id."""
    event_id = event_id or f"EV_{new_id().hex}"
    with transaction():
        store_event(WebhookEvent(id=event_id, type=kind, data=data))
    return stored(event_id).id


def stored(event_id: str) -> PaymentWebhookEvent:
    """A stored message by Wave's id, as the database has it now."""
    return db.session.execute(
        select(PaymentWebhookEvent)
        .where(PaymentWebhookEvent.provider_event_id == event_id)
        .execution_options(populate_existing=True)
    ).scalar_one()


def message(row_id: UUID) -> PaymentWebhookEvent:
    """A stored message by its row, as the database has it now."""
    return db.session.get_one(PaymentWebhookEvent, row_id, populate_existing=True)


def run_follow_ups() -> None:
    """Do what a worker would do now, once for each follow-up that is due."""
    with transaction() as session:
        due = session.execute(
            select(OutboxEvent.job, OutboxEvent.id)
            .where(
                OutboxEvent.done_at.is_(None),
                OutboxEvent.failed_at.is_(None),
                OutboxEvent.available_at <= clock.now(),
            )
            .order_by(OutboxEvent.id)
        ).all()
    for job_name, event_id in due:
        perform(job_name, event_id=str(event_id))
