"""What payments hold of people: from and to which number money went (PRV-05, PRV-08)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, false, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from portal.kernel.personal import (
    ERASED,
    Blank,
    Person,
    Share,
    Stay,
    holds,
    mentions,
    nothing_personal,
    own,
)
from portal.payments.models import (
    PaymentMethod,
    PaymentProvider,
    PaymentTransaction,
    PaymentWebhookEvent,
    Refund,
)

#: What the provider and the payer told of who pays.
OF_THE_PAYER = ("paid_from", "payer_phone", "refunded_to")


def _payments(person: Person) -> ColumnElement[bool]:
    phone = PaymentTransaction.provider_data["payer_phone"].astext
    return or_(
        own(PaymentTransaction.payer_user_id)(person),
        PaymentTransaction.source_id.in_(person.gift_ids) if person.gift_ids else false(),
        phone.in_(person.phones) if person.phones else false(),
    )


def _refunds(person: Person) -> ColumnElement[bool]:
    return Refund.payment_transaction_id.in_(select(PaymentTransaction.id).where(_payments(person)))


def _of_payments(ids: Collection[UUID]) -> ColumnElement[bool]:
    return PaymentWebhookEvent.payment_transaction_id.in_(ids)


holds(
    PaymentTransaction,
    {"provider_data": "from which number money came, to give it back there"},
    Share(
        "payments",
        _payments,
        Blank(
            {
                "provider_data": lambda _person: PaymentTransaction.provider_data.op("-")(
                    literal(list(OF_THE_PAYER), ARRAY(Text))
                )
            }
        ),
        tells=(
            "id",
            "transaction_type",
            "status",
            "amount_minor",
            "currency",
            "refunded_minor",
            "provider_reference",
            "provider_data",
            "created_at",
            "succeeded_at",
        ),
        ties=True,
    ),
    plain=(
        "currency",
        "provider_reference",
        "provider_session_id",
        "payment_url",
        "source_type",
        "idempotency_key",
        "failure_code",
        "review_reason",
    ),
)
holds(
    PaymentWebhookEvent,
    {
        "raw_payload": "what the provider told of a payment, as proof of it",
        "processing_error": "why it could not be booked",
    },
    plain=("provider_event_id", "idempotency_key", "event_type"),
)
mentions(PaymentWebhookEvent, "raw_payload", "processing_error", tie=_of_payments)
holds(
    Refund,
    {
        "reason_description": "why money went back, in the words of staff",
        "last_error": "why it could not go back",
    },
    Share(
        "refunds",
        _refunds,
        Stay("a movement of money, kept for seven years; the payer stands in the payment alone"),
        tells=("amount_minor", "currency", "reason", "status", "created_at", "completed_at"),
        ties=True,
    ),
    plain=("currency", "provider_refund_id"),
)
mentions(Refund, "reason_description", "last_error", tie=lambda ids: Refund.id.in_(ids))
holds(
    PaymentMethod,
    {
        "token_encrypted": "the number that money is paid to",
        "label": "to tell destinations apart",
        "holder_name": "to check that the number is the payee's",
    },
    Share(
        "payout_destinations",
        own(PaymentMethod.user_id),
        Blank(
            {
                "token_encrypted": b"",
                "label": ERASED,
                "holder_name": None,
                "is_default": False,
                "is_active": False,
            }
        ),
        tells=(
            "use",
            "method",
            "label",
            "token_encrypted",
            "holder_name",
            "is_default",
            "is_active",
            "created_at",
        ),
        ties=True,
        traces=("holder_name",),
    ),
    plain=("verification",),
)
nothing_personal(PaymentProvider, "the houses that move money")
