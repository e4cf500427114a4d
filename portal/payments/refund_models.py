"""Money that goes back to who paid it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.columns import Count, Key, Minor, Stamped, Str3, Str100, one_of
from portal.kernel.db import Base
from portal.kernel.money import Money
from portal.kernel.states import Machine


class RefundReason(StrEnum):
    """Why money goes back (DON-26, R-40)."""

    USER_REQUEST = "user_request"
    FRAUD = "fraud"
    FAILED_POT = "failed_pot"
    ADMIN_ACTION = "admin_action"
    DISPUTE = "dispute"
    CANCELED = "canceled"


class RefundStatus(StrEnum):
    """How far a refund is."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


REFUND_STEPS = Machine(
    "refunds",
    {
        RefundStatus.PENDING: {RefundStatus.PROCESSING, RefundStatus.CANCELED},
        RefundStatus.PROCESSING: {RefundStatus.COMPLETED, RefundStatus.FAILED},
        RefundStatus.FAILED: {RefundStatus.PROCESSING},
        RefundStatus.COMPLETED: set(),
        RefundStatus.CANCELED: set(),
    },
)


class Refund(Stamped, Base):
    """Why and how much goes back; the money's own movement is a payment of type refund."""

    __tablename__ = "refunds"
    MACHINES: ClassVar = {"status": REFUND_STEPS}
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index(
            "uq_refunds_provider_refund_id",
            "provider_refund_id",
            unique=True,
            postgresql_where=text("provider_refund_id IS NOT NULL"),
        ),
        Index(
            "uq_refunds_running",
            "payment_transaction_id",
            unique=True,
            postgresql_where=text("status IN ('pending', 'processing')"),
        ),
        Index(None, "status"),
        Index(None, "payment_transaction_id"),
        Index(None, "donation_id"),
        Index(None, "refunded_by"),
        Index(None, "transfer_id"),
        Index(None, "refund_transaction_id"),
    )

    id: Mapped[Key]
    payment_transaction_id: Mapped[UUID] = mapped_column(ForeignKey("payment_transactions.id"))
    refund_transaction_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment_transactions.id"))
    donation_id: Mapped[UUID | None] = mapped_column(ForeignKey("donations.id"))
    refunded_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    amount_minor: Mapped[Minor]
    currency: Mapped[Str3]
    reason: Mapped[RefundReason] = mapped_column(one_of(RefundReason, "reason"))
    reason_description: Mapped[str | None]
    status: Mapped[RefundStatus] = mapped_column(
        one_of(RefundStatus, "status"), default=RefundStatus.PENDING, server_default="pending"
    )
    provider_refund_id: Mapped[Str100 | None]
    transfer_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_transfers.id"))
    # One for each fresh start after a final refusal; part of the key the provider sees.
    attempts: Mapped[Count]
    last_error: Mapped[str | None]
    processed_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]

    @property
    def money(self) -> Money:
        """The amount with its currency."""
        return Money(self.amount_minor, self.currency)
