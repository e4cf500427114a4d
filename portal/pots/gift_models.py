"""Gifts of money to a pot, and their sums by period."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import clock
from portal.kernel.columns import (
    Amount,
    Count,
    Json,
    Key,
    Minor,
    No,
    Ratio,
    Stamped,
    Str3,
    Str20,
    Str50,
    Str100,
    Str255,
    Yes,
    one_of,
)
from portal.kernel.db import Base
from portal.kernel.states import Machine


class DonationStatus(StrEnum):
    """How far a gift is (DON-03)."""

    PENDING = "pending"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUNDED = "refunded"


DONATION_STEPS = Machine(
    "donations",
    {
        DonationStatus.PENDING: {
            DonationStatus.PROCESSING,
            DonationStatus.SUCCEEDED,
            DonationStatus.FAILED,
        },
        DonationStatus.PROCESSING: {DonationStatus.SUCCEEDED, DonationStatus.FAILED},
        DonationStatus.FAILED: {DonationStatus.SUCCEEDED},
        DonationStatus.SUCCEEDED: {DonationStatus.REFUNDED},
        DonationStatus.REFUNDED: set(),
    },
)


class Donation(Stamped, Base):
    """A gift to a pot; its money is a payment transaction (R-37)."""

    __tablename__ = "donations"
    MACHINES: ClassVar = {"status": DONATION_STEPS}
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("currency = 'XOF'", name="currency_xof"),
        CheckConstraint("risk_score BETWEEN 0 AND 100", name="risk_score_range"),
        UniqueConstraint("payment_transaction_id"),
        UniqueConstraint("receipt_token"),
        UniqueConstraint("submission_key"),
        Index(None, "pot_id"),
        Index(None, "status"),
        Index(
            "ix_donations_donor_user_id",
            "donor_user_id",
            postgresql_where=text("donor_user_id IS NOT NULL"),
        ),
        Index(
            "uq_donations_wave_transaction_id",
            "wave_transaction_id",
            unique=True,
            postgresql_where=text("wave_transaction_id IS NOT NULL"),
        ),
        Index(None, "pot_id", "confirmed_at"),
        Index(None, "transfer_id"),
        Index("ix_donations_held", "initiated_at", postgresql_where=text("is_held")),
        Index(None, "initiated_at", "id"),
    )

    id: Mapped[Key]
    pot_id: Mapped[UUID] = mapped_column(ForeignKey("pots.id"))
    donor_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    donor_name: Mapped[Str255 | None]
    donor_phone: Mapped[Str20 | None]
    donor_email: Mapped[Str255 | None]
    donor_region: Mapped[Str100 | None]
    amount_minor: Mapped[Minor]
    currency: Mapped[Str3] = mapped_column(default="XOF", server_default="XOF")
    donation_message: Mapped[str | None]
    is_anonymous: Mapped[No]
    show_amount: Mapped[Yes]
    status: Mapped[DonationStatus] = mapped_column(
        one_of(DonationStatus, "status"), default=DonationStatus.PENDING, server_default="pending"
    )
    payment_transaction_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment_transactions.id"))
    wave_transaction_id: Mapped[Str100 | None]
    wave_webhook_data: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    transfer_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_transfers.id"))
    # Opens the receipt without an account; unguessable.
    receipt_token: Mapped[Str50]
    # One per form shown, so a double click or a second tab finds the first gift (DON-16).
    submission_key: Mapped[Str100]
    ip_address: Mapped[Any | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
    risk_score: Mapped[Count]
    risk_signals: Mapped[Json]
    # Paid, but not counted until an admin has looked (DON-11, G-16).
    is_held: Mapped[No]
    locale: Mapped[Str20] = mapped_column(default="fr", server_default="fr")
    initiated_at: Mapped[datetime] = mapped_column(default=clock.now)
    wave_notified_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    refunded_at: Mapped[datetime | None]


class PeriodType(StrEnum):
    """How long a counted period is."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class DonationAnalytics(Stamped, Base):
    """Donations summed over a period."""

    __tablename__ = "donation_analytics"
    __table_args__ = (
        UniqueConstraint("period_type", "period_start", "period_end"),
        CheckConstraint("period_end >= period_start", name="period_forward"),
        CheckConstraint(
            "total_amount_minor >= 0 AND transaction_count >= 0 AND unique_donors >= 0",
            name="counts_not_negative",
        ),
    )

    id: Mapped[Key]
    period_type: Mapped[PeriodType] = mapped_column(one_of(PeriodType, "period_type"))
    period_start: Mapped[date]
    period_end: Mapped[date]
    total_amount_minor: Mapped[Amount]
    transaction_count: Mapped[Count]
    unique_donors: Mapped[Count]
    average_donation_minor: Mapped[Amount]
    success_rate: Mapped[Ratio] = mapped_column(default=Decimal(0), server_default=text("0"))
    region_breakdown: Mapped[Json]
