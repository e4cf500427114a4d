"""Codes and every attempt to use one."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import conv

from portal.kernel import clock
from portal.kernel.columns import (
    Amount,
    Json,
    Key,
    Minor,
    Percent,
    Stamped,
    Str3,
    Str50,
    Str100,
    Str255,
    one_of,
)
from portal.kernel.db import Base
from portal.kernel.states import Machine


class QrStatus(StrEnum):
    """The life of a code (QR-06)."""

    ISSUED = "issued"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    CANCELED = "canceled"


QR_STEPS = Machine(
    "qr_codes",
    {
        QrStatus.ISSUED: {QrStatus.REDEEMED, QrStatus.EXPIRED, QrStatus.CANCELED},
        QrStatus.REDEEMED: set(),
        QrStatus.EXPIRED: set(),
        QrStatus.CANCELED: set(),
    },
)


class QrCode(Stamped, Base):
    """One code for one pack out of one pot, with the price and split that count when it is used."""

    __tablename__ = "qr_codes"
    MACHINES: ClassVar = {"status": QR_STEPS}
    __table_args__ = (
        CheckConstraint("expires_at > redeemable_from", name=conv("check_valid_redemption_period")),
        CheckConstraint("(status = 'redeemed') = (redeemed_at IS NOT NULL)", name="redeemed_has_time"),
        CheckConstraint(
            "(status = 'redeemed') = (partner_period_id IS NOT NULL)", name="redeemed_is_counted"
        ),
        CheckConstraint("price_minor > 0", name="price_positive"),
        CheckConstraint(
            "status <> 'redeemed' OR partner_share_minor + commission_minor = price_minor",
            name="shares_are_the_price",
        ),
        Index(
            "uq_qr_codes_pot_live",
            "pot_id",
            unique=True,
            postgresql_where=text("status IN ('issued', 'redeemed')"),
        ),
        Index(None, "pot_id"),
        Index(None, "pack_id"),
        Index(None, "status"),
        Index(None, "expires_at"),
        Index("ix_qr_codes_to_expire", "expires_at", postgresql_where=text("status = 'issued'")),
        Index(
            "ix_qr_codes_to_announce",
            "redeemed_at",
            postgresql_where=text("status = 'redeemed' AND announced_at IS NULL"),
        ),
        Index(None, "partner_id", "redeemed_at"),
        Index(None, "redeemed_by_partner_id"),
        Index(None, "redeemed_venue_id"),
        Index(None, "redeemed_by_user_id"),
        Index(None, "partner_period_id"),
        Index(None, "issue_transfer_id"),
        Index(None, "redeem_transfer_id"),
        Index(None, "beneficiary_user_id", "pack_id"),
        Index(None, "qr_file_id"),
    )

    id: Mapped[Key]
    pot_id: Mapped[UUID] = mapped_column(ForeignKey("pots.id"))
    pack_id: Mapped[UUID] = mapped_column(ForeignKey("packs.id"))
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"))
    beneficiary_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    beneficiary_name: Mapped[Str100]
    code: Mapped[Str100] = mapped_column(unique=True)
    qr_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"))
    price_minor: Mapped[Minor]
    currency: Mapped[Str3] = mapped_column(default="XOF", server_default="XOF")
    redeemable_from: Mapped[datetime]
    expires_at: Mapped[datetime]
    status: Mapped[QrStatus] = mapped_column(
        one_of(QrStatus, "status"), default=QrStatus.ISSUED, server_default="issued"
    )
    redeemed_at: Mapped[datetime | None]
    redeemed_by_partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partners.id"))
    redeemed_by_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    redeemed_venue_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner_venues.id"))
    redemption_nonce: Mapped[Str50 | None]
    partner_notes: Mapped[str | None]
    split_percentage: Mapped[Percent | None]
    partner_share_minor: Mapped[Amount]
    commission_minor: Mapped[Amount]
    issue_transfer_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_transfers.id"))
    redeem_transfer_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_transfers.id"))
    # The running total it was counted in; that one belongs to exactly one settlement (STL-09).
    partner_period_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner_periods.id"))
    canceled_reason: Mapped[str | None]
    # The owner has been told of the redemption; done by a job, so that a scan waits for nobody.
    announced_at: Mapped[datetime | None]


class PartnerPeriod(Stamped, Base):
    """The running total of a partner's redemptions at one split in one settlement period (platform days).

    A scan locks the open row (`settlement_id` empty), shares on its running total (reconciliation §1), moves
    it on and names it in the code it redeems (`qr_codes.partner_period_id`). A settlement closes the row;
    a scan that comes later opens a new one of the same period, which falls into the next settlement.
    """

    __tablename__ = "partner_periods"
    __table_args__ = (
        CheckConstraint("revenue_minor >= 0 AND redemption_count >= 0", name="totals_not_negative"),
        CheckConstraint("partner_share_minor BETWEEN 0 AND revenue_minor", name="share_within_revenue"),
        CheckConstraint("period_end >= period_start", name="period_forward"),
        Index(
            "uq_partner_periods_open",
            "partner_id",
            "period_start",
            "period_end",
            "split_percentage",
            unique=True,
            postgresql_where=text("settlement_id IS NULL"),
        ),
        Index(None, "partner_id"),
        Index(None, "settlement_id"),
        Index("ix_partner_periods_due", "period_end", postgresql_where=text("settlement_id IS NULL")),
    )

    id: Mapped[Key]
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"))
    period_start: Mapped[date]
    period_end: Mapped[date]
    split_percentage: Mapped[Percent]
    redemption_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    revenue_minor: Mapped[Amount]
    partner_share_minor: Mapped[Amount]
    settlement_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner_settlements.id"))


class ScanResult(StrEnum):
    """The four results of the source (QR-13); `error_code` says the rest (M-07)."""

    SUCCESS = "success"
    EXPIRED = "expired"
    ALREADY_USED = "already_used"
    INVALID = "invalid"


class ScanError(StrEnum):
    """Why a scan was refused."""

    TOO_EARLY = "too_early"
    WRONG_PARTNER = "wrong_partner"
    WRONG_VENUE = "wrong_venue"
    CANCELED = "canceled"
    UNKNOWN_CODE = "unknown_code"
    FORGED = "forged"
    EXPIRED = "expired"
    ALREADY_USED = "already_used"
    PARTNER_INACTIVE = "partner_inactive"


class RedemptionLog(Base):
    """Every scan, whatever came of it; append-only (QR-12)."""

    __tablename__ = "qr_redemption_logs"
    __table_args__ = (
        Index(None, "qr_code_id", "occurred_at"),
        Index(None, "partner_id", "occurred_at", "id"),
        Index(None, "scanned_by_user_id"),
        Index(None, "occurred_at", "id"),
    )

    id: Mapped[Key]
    qr_code_id: Mapped[UUID | None] = mapped_column(ForeignKey("qr_codes.id"))
    scanned_code: Mapped[Str255]
    scanned_by_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partners.id"))
    validation_result: Mapped[ScanResult] = mapped_column(one_of(ScanResult, "validation_result"))
    error_code: Mapped[ScanError | None] = mapped_column(one_of(ScanError, "error_code"))
    error_message: Mapped[str | None]
    ip_address: Mapped[Any | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
    venue_context: Mapped[Json]
    occurred_at: Mapped[datetime] = mapped_column(default=clock.now)
