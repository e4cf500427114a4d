"""Payments and providers' messages; refunds and saved destinations stand beside, and are named here."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid5

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.columns import (
    Count,
    Json,
    Key,
    Minor,
    No,
    Stamped,
    Str3,
    Str50,
    Str100,
    Str255,
    Str500,
    Yes,
    one_of,
)
from portal.kernel.db import Base
from portal.kernel.money import Money
from portal.kernel.sealing import Sealed
from portal.kernel.states import Machine
from portal.payments.method_models import MethodUse, PaymentMethod, PayoutMethod
from portal.payments.refund_models import REFUND_STEPS, Refund, RefundReason, RefundStatus

__all__ = [
    "PAYMENT_STEPS",
    "REFUND_STEPS",
    "WAVE_PROVIDER_ID",
    "WEBHOOK_STEPS",
    "MethodUse",
    "PaymentMethod",
    "PaymentProvider",
    "PaymentStatus",
    "PaymentTransaction",
    "PaymentWebhookEvent",
    "PayoutMethod",
    "Refund",
    "RefundReason",
    "RefundStatus",
    "Review",
    "TransactionType",
    "WebhookStatus",
]

# A provider's key follows from its name, so that its clearing account is known before any look-up.
_PROVIDERS = UUID("0b6b7d8e-8a44-5b9b-8a58-5f2f6e6f0c11")
WAVE_PROVIDER_ID = uuid5(_PROVIDERS, "wave")


class PaymentProvider(Stamped, Base):
    """A gateway that moves money for us."""

    __tablename__ = "payment_providers"
    __table_args__ = (Index(None, "currencies", postgresql_using="gin"),)

    id: Mapped[Key]
    key: Mapped[Str50] = mapped_column(unique=True)
    name: Mapped[Str100]
    is_active: Mapped[Yes]
    currencies: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    capabilities: Mapped[Json]
    settings_encrypted: Mapped[Sealed | None]


class TransactionType(StrEnum):
    """What a payment is for (PAY-19, R-39)."""

    EVENT_TICKET = "event_ticket"
    MARKETPLACE_ORDER = "marketplace_order"
    SERVICE_BOOKING = "service_booking"
    SUBSCRIPTION = "subscription"
    DONATION = "donation"
    REFUND = "refund"
    LEAD_CREDITS = "lead_credits"
    CASE_FEE = "case_fee"
    CAMPAIGN_BUDGET = "campaign_budget"


class PaymentStatus(StrEnum):
    """How far a payment is (PAY-20)."""

    PENDING = "pending"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


PAYMENT_STEPS = Machine(
    "payment_transactions",
    {
        PaymentStatus.PENDING: {
            PaymentStatus.PROCESSING,
            PaymentStatus.SUCCEEDED,
            PaymentStatus.FAILED,
            PaymentStatus.CANCELED,
        },
        PaymentStatus.PROCESSING: {
            PaymentStatus.SUCCEEDED,
            PaymentStatus.FAILED,
            PaymentStatus.CANCELED,
        },
        PaymentStatus.FAILED: {PaymentStatus.SUCCEEDED},
        PaymentStatus.SUCCEEDED: {PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED},
        PaymentStatus.PARTIALLY_REFUNDED: {PaymentStatus.REFUNDED},
        PaymentStatus.CANCELED: set(),
        PaymentStatus.REFUNDED: set(),
    },
)


class Review(StrEnum):
    """Why a person must look at a payment; kept in `review_reason`."""

    AMOUNT_DIFFERS = "amount_differs"
    PAID_TWICE = "paid_twice"
    UNCLEAR = "unclear"
    REFUNDED_OUTSIDE = "refunded_outside"


class PaymentTransaction(Stamped, Base):
    """One payment in, or one refund movement out, at one provider (R-37, R-40)."""

    __tablename__ = "payment_transactions"
    MACHINES: ClassVar = {"status": PAYMENT_STEPS}
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint(
            "(transaction_type = 'refund') = (parent_transaction_id IS NOT NULL)", name="refund_has_parent"
        ),
        CheckConstraint("refunded_minor BETWEEN 0 AND amount_minor", name="refunds_within_amount"),
        UniqueConstraint("idempotency_key"),
        Index(
            "uq_payment_transactions_provider_reference",
            "provider_id",
            "provider_reference",
            unique=True,
            postgresql_where=text("provider_reference IS NOT NULL"),
        ),
        Index(
            "uq_payment_transactions_provider_session",
            "provider_id",
            "provider_session_id",
            unique=True,
            postgresql_where=text("provider_session_id IS NOT NULL"),
        ),
        Index(None, "status"),
        Index(None, "transaction_type"),
        Index(None, "provider_id"),
        Index(None, "created_at", "id"),
        Index(None, "source_type", "source_id"),
        Index(None, "payer_user_id"),
        Index(None, "parent_transaction_id"),
        Index(
            "ix_payment_transactions_open",
            "next_check_at",
            postgresql_where=text("status IN ('pending', 'processing')"),
        ),
    )

    id: Mapped[Key]
    transaction_type: Mapped[TransactionType] = mapped_column(one_of(TransactionType, "transaction_type"))
    status: Mapped[PaymentStatus] = mapped_column(
        one_of(PaymentStatus, "status"), default=PaymentStatus.PENDING, server_default="pending"
    )
    amount_minor: Mapped[Minor]
    currency: Mapped[Str3]
    refunded_minor: Mapped[Minor] = mapped_column(default=0, server_default=text("0"))
    payer_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("payment_providers.id"))
    # What the payer sees (Wave: transaction id), and what we ask about (Wave: checkout session id).
    provider_reference: Mapped[Str255 | None]
    provider_session_id: Mapped[Str255 | None]
    payment_url: Mapped[Str500 | None]
    session_expires_at: Mapped[datetime | None]
    source_type: Mapped[Str50]
    source_id: Mapped[UUID]
    parent_transaction_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment_transactions.id"))
    idempotency_key: Mapped[Str255]
    transfer_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_transfers.id"), index=True)
    failure_code: Mapped[Str100 | None]
    needs_review: Mapped[No]
    review_reason: Mapped[str | None]
    provider_data: Mapped[Json]
    # Until then one caller alone may be asking the provider for a checkout session.
    claimed_until: Mapped[datetime | None]
    next_check_at: Mapped[datetime | None]
    check_count: Mapped[Count]
    succeeded_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]

    @property
    def money(self) -> Money:
        """The amount with its currency."""
        return Money(self.amount_minor, self.currency)

    @property
    def left_to_refund(self) -> Money:
        """What has not gone back yet."""
        return Money(self.amount_minor - self.refunded_minor, self.currency)


class WebhookStatus(StrEnum):
    """What became of a provider's message."""

    RECEIVED = "received"
    PROCESSED = "processed"
    IGNORED = "ignored"
    FAILED = "failed"


WEBHOOK_STEPS = Machine(
    "payment_webhook_events",
    {
        WebhookStatus.RECEIVED: {
            WebhookStatus.PROCESSED,
            WebhookStatus.IGNORED,
            WebhookStatus.FAILED,
        },
        WebhookStatus.FAILED: {WebhookStatus.PROCESSED, WebhookStatus.IGNORED},
        WebhookStatus.PROCESSED: set(),
        WebhookStatus.IGNORED: set(),
    },
)


class PaymentWebhookEvent(Stamped, Base):
    """A provider's message, stored as received before anything is believed of it (DON-19 to DON-22)."""

    __tablename__ = "payment_webhook_events"
    MACHINES: ClassVar = {"status": WEBHOOK_STEPS}
    __table_args__ = (
        UniqueConstraint("provider_id", "provider_event_id"),
        UniqueConstraint("idempotency_key"),
        CheckConstraint("retry_count >= 0", name="retry_count_not_negative"),
        Index(
            "ix_payment_webhook_events_open",
            "created_at",
            postgresql_where=text("status IN ('received', 'failed')"),
        ),
        Index(None, "created_at", "id"),
        Index(None, "payment_transaction_id"),
    )

    id: Mapped[Key]
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("payment_providers.id"))
    provider_event_id: Mapped[Str100]
    idempotency_key: Mapped[Str255]
    event_type: Mapped[Str50]
    payment_transaction_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment_transactions.id"))
    raw_payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[WebhookStatus] = mapped_column(
        one_of(WebhookStatus, "status"), default=WebhookStatus.RECEIVED, server_default="received"
    )
    processed_at: Mapped[datetime | None]
    processing_error: Mapped[str | None]
    retry_count: Mapped[Count]
