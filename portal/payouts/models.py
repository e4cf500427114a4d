"""Payouts to people and partners."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.columns import Amount, Count, Json, Key, Minor, Stamped, Str3, Str100, Str255, one_of
from portal.kernel.db import Base
from portal.kernel.states import Machine
from portal.payments.models import PayoutMethod


class PayoutStatus(StrEnum):
    """How far a payout is (R-42)."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


PAYOUT_STEPS = Machine(
    "payouts",
    {
        PayoutStatus.PENDING: {PayoutStatus.PROCESSING, PayoutStatus.CANCELED},
        PayoutStatus.PROCESSING: {PayoutStatus.COMPLETED, PayoutStatus.FAILED},
        PayoutStatus.FAILED: {PayoutStatus.PENDING},
        # Only by the provider's own word that it took the money back (docs/decisions).
        PayoutStatus.COMPLETED: {PayoutStatus.FAILED},
        PayoutStatus.CANCELED: set(),
    },
)


class Payout(Stamped, Base):
    """One amount to one person or partner, ordered once by the row that `source` names.

    `idempotency_key` is what the provider sees; it changes only when a failed payout is tried anew, never while
    the outcome of a try is unknown. All that is sent (amount, destination, reason) stays with it. A canceled
    payout stays canceled: its source may order another, which goes on counting the attempts.
    """

    __tablename__ = "payouts"
    MACHINES: ClassVar = {"status": PAYOUT_STEPS}
    __table_args__ = (
        CheckConstraint("num_nonnulls(user_id, partner_id) = 1", name="one_owner"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("fee_minor >= 0", name="fee_not_negative"),
        CheckConstraint(
            "status <> 'completed' OR (completed_at IS NOT NULL AND transaction_reference IS NOT NULL)",
            name="completed_has_proof",
        ),
        UniqueConstraint("idempotency_key"),
        Index(
            "uq_payouts_transaction_reference",
            "transaction_reference",
            unique=True,
            postgresql_where=text("transaction_reference IS NOT NULL"),
        ),
        Index(None, "source_type", "source_id"),
        Index(
            "uq_payouts_source_live",
            "source_type",
            "source_id",
            unique=True,
            postgresql_where=text("status <> 'canceled'"),
        ),
        Index(None, "user_id", "status"),
        Index(None, "partner_id"),
        Index(None, "status", "created_at"),
        Index(None, "payment_method_id"),
        Index(None, "transfer_id"),
    )

    id: Mapped[Key]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partners.id"))
    amount_minor: Mapped[Minor]
    currency: Mapped[Str3]
    fee_minor: Mapped[Amount]
    method: Mapped[PayoutMethod] = mapped_column(one_of(PayoutMethod, "method"))
    payment_method_id: Mapped[UUID] = mapped_column(ForeignKey("payment_methods.id"))
    status: Mapped[PayoutStatus] = mapped_column(
        one_of(PayoutStatus, "status"), default=PayoutStatus.PENDING, server_default="pending"
    )
    idempotency_key: Mapped[Str255]
    attempt: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    transaction_reference: Mapped[Str255 | None]
    transfer_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_transfers.id"))
    source_type: Mapped[Str100]
    source_id: Mapped[UUID]
    # What the recipient reads in Wave (at most 40 characters).
    payment_reason: Mapped[str] = mapped_column(String(40))
    provider_data: Mapped[Json]
    failure_code: Mapped[Str100 | None]
    last_error: Mapped[str | None]
    check_count: Mapped[Count]
    next_check_at: Mapped[datetime | None]
    processing_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
