"""Settlements: one a partner and period."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Sequence, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.columns import (
    Amount,
    Count,
    Key,
    Minor,
    No,
    Percent,
    Stamped,
    Str3,
    Str20,
    Str100,
    Str500,
    one_of,
)
from portal.kernel.db import Base
from portal.kernel.states import Machine

# Invoices are numbered by the database, so that two workers never give one number twice.
INVOICE_NUMBERS = Sequence("settlement_invoice_numbers", metadata=Base.metadata)


class SettlementStatus(StrEnum):
    """How far a settlement is (STL-04)."""

    PENDING = "pending"
    APPROVED = "approved"
    PAID = "paid"
    DISPUTED = "disputed"


SETTLEMENT_STEPS = Machine(
    "partner_settlements",
    {
        SettlementStatus.PENDING: {SettlementStatus.APPROVED, SettlementStatus.DISPUTED},
        SettlementStatus.APPROVED: {SettlementStatus.PAID, SettlementStatus.DISPUTED},
        SettlementStatus.DISPUTED: {SettlementStatus.PENDING, SettlementStatus.APPROVED},
        # Only when the provider took the payout back after it had arrived (docs/decisions).
        SettlementStatus.PAID: {SettlementStatus.APPROVED},
    },
)


class PartnerSettlement(Stamped, Base):
    """The sum of a partner's period, equal to the ledger entries it sums (M-12).

    Carry: `carried_in_minor` came from earlier periods (negative when the partner owes us);
    `payable_minor` = share + adjustment + carried in, and is paid when it reaches the minimum,
    else it is `carried_out_minor`.
    """

    __tablename__ = "partner_settlements"
    MACHINES: ClassVar = {"status": SETTLEMENT_STEPS}
    __table_args__ = (
        UniqueConstraint("partner_id", "period_start", "period_end"),
        UniqueConstraint("invoice_number"),
        CheckConstraint("period_end >= period_start", name="period_forward"),
        CheckConstraint(
            "partner_share_minor + platform_commission_minor = total_revenue_minor",
            name="shares_are_the_revenue",
        ),
        CheckConstraint("total_redemptions_count >= 0", name="count_not_negative"),
        CheckConstraint(
            "payable_minor = partner_share_minor + adjustment_minor + carried_in_minor - carried_out_minor",
            name="carry_adds_up",
        ),
        CheckConstraint("payable_minor >= 0", name="payable_not_negative"),
        CheckConstraint(
            "is_carried = (payable_minor = 0) AND (is_carried OR carried_out_minor = 0)",
            name="pays_all_or_carries_all",
        ),
        CheckConstraint("currency = 'XOF'", name="currency_xof"),
        CheckConstraint(
            "status NOT IN ('approved', 'paid') OR (approved_by IS NOT NULL AND approved_at IS NOT NULL)",
            name="approved_has_hand",
        ),
        CheckConstraint("status <> 'paid' OR paid_at IS NOT NULL", name="paid_has_time"),
        CheckConstraint("status <> 'disputed' OR dispute_reason IS NOT NULL", name="dispute_has_reason"),
        ExcludeConstraint(
            (text("uuidrange(partner_id, partner_id, '[]')"), "&&"),
            (text("daterange(period_start, period_end, '[]')"), "&&"),
            name="ex_partner_settlements_period",
            using="gist",
        ),
        Index(None, "status"),
        Index(None, "approved_by"),
        Index(None, "payout_id"),
        Index(None, "invoice_file_id"),
        Index(None, "receipt_file_id"),
    )

    id: Mapped[Key]
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"))
    # Calendar days of the platform, both included.
    period_start: Mapped[date]
    period_end: Mapped[date]
    terms: Mapped[Str20]
    currency: Mapped[Str3] = mapped_column(default="XOF", server_default="XOF")
    split_percentage: Mapped[Percent | None]
    total_redemptions_count: Mapped[Count]
    total_revenue_minor: Mapped[Amount]
    partner_share_minor: Mapped[Amount]
    platform_commission_minor: Mapped[Amount]
    adjustment_minor: Mapped[Amount]
    carried_in_minor: Mapped[Amount]
    carried_out_minor: Mapped[Amount]
    payable_minor: Mapped[Amount]
    is_carried: Mapped[No]
    status: Mapped[SettlementStatus] = mapped_column(
        one_of(SettlementStatus, "status"), default=SettlementStatus.PENDING, server_default="pending"
    )
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    approved_at: Mapped[datetime | None]
    payout_id: Mapped[UUID | None] = mapped_column(ForeignKey("payouts.id"))
    payment_reference: Mapped[Str100 | None]
    paid_at: Mapped[datetime | None]
    dispute_reason: Mapped[str | None]
    disputed_by: Mapped[UUID | None]
    disputed_at: Mapped[datetime | None]
    resolution: Mapped[str | None]
    resolved_by: Mapped[UUID | None]
    resolved_at: Mapped[datetime | None]
    invoice_number: Mapped[Str100 | None]
    invoice_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"))
    receipt_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"))


class SettlementAdjustment(Stamped, Base):
    """A correction in a partner's favour (positive) or ours (negative), for the next settlement."""

    __tablename__ = "settlement_adjustments"
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
        CheckConstraint("btrim(reason) <> ''", name="reason_present"),
        Index(None, "partner_id"),
        Index(None, "settlement_id"),
    )

    id: Mapped[Key]
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"))
    settlement_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner_settlements.id"))
    amount_minor: Mapped[Minor]
    reason: Mapped[Str500]
