"""Accounts, transfers and entries. The triggers that guard them are in the ledger's migration."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import clock
from portal.kernel.columns import Amount, Created, Key, Minor, No, Str3, Str50, Str255, one_of
from portal.kernel.db import Base
from portal.kernel.states import Machine


class OwnerType(StrEnum):
    """Whose value an account holds (reconciliation §6)."""

    USER = "user"
    POT = "pot"
    PARTNER = "partner"
    SPONSOR_COMPANY = "sponsor_company"
    SPONSOR_CAMPAIGN = "sponsor_campaign"
    PROVIDER = "provider"
    PLATFORM = "platform"
    TRANSACTION = "transaction"


class Purpose(StrEnum):
    """What the value in an account is for (reconciliation §6)."""

    WALLET = "wallet"
    EARNINGS = "earnings"
    POINTS = "points"
    FUNDS = "funds"
    PAYABLE = "payable"
    LEAD_CREDITS = "lead_credits"
    BUDGET = "budget"
    ESCROW = "escrow"
    CLEARING = "clearing"
    REVENUE = "revenue"
    FEES = "fees"
    COMMISSION = "commission"
    VOUCHERS = "vouchers"
    PROMOTIONS = "promotions"
    POINTS_ISSUED = "points_issued"
    CREDITS_ISSUED = "credits_issued"


class TransferStatus(StrEnum):
    """A transfer is promised, final, or called off."""

    PENDING = "pending"
    POSTED = "posted"
    VOIDED = "voided"


TRANSFER_STEPS = Machine(
    "ledger_transfers",
    {
        TransferStatus.PENDING: {TransferStatus.POSTED, TransferStatus.VOIDED},
        TransferStatus.POSTED: set(),
        TransferStatus.VOIDED: set(),
    },
)


class Account(Created, Base):
    """A value account of one owner, purpose and unit.

    A personal account (`keeps_balance`) carries its balance and is locked when it moves; a house account
    carries none, so that payments which all touch it never queue for its row.
    """

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        # Waits for the end of the statement, so that an upsert by id meets its own key first (migration 0013).
        UniqueConstraint(
            "owner_type",
            "owner_id",
            "purpose",
            "unit",
            deferrable=True,
            initially="IMMEDIATE",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("may_go_negative OR posted_minor - pending_out_minor >= 0", name="not_overdrawn"),
        CheckConstraint(
            "keeps_balance OR (posted_minor = 0 AND pending_out_minor = 0 AND pending_in_minor = 0)",
            name="house_keeps_no_balance",
        ),
        CheckConstraint("keeps_balance OR may_go_negative", name="limit_needs_balance"),
        CheckConstraint("pending_out_minor >= 0 AND pending_in_minor >= 0", name="pending_not_negative"),
        CheckConstraint("(owner_type = 'platform') = (owner_id IS NULL)", name="owner_present"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_type: Mapped[OwnerType] = mapped_column(one_of(OwnerType, "owner_type"))
    owner_id: Mapped[UUID | None]
    purpose: Mapped[Purpose] = mapped_column(one_of(Purpose, "purpose"))
    unit: Mapped[Str3]
    keeps_balance: Mapped[bool]
    may_go_negative: Mapped[No]
    posted_minor: Mapped[Amount]
    pending_out_minor: Mapped[Amount]
    pending_in_minor: Mapped[Amount]

    @property
    def available_minor(self) -> int:
        """What can be spent now: posted less what is promised to others, in minor units."""
        return self.posted_minor - self.pending_out_minor


class Transfer(Created, Base):
    """One movement in one unit. Only its status ever changes, and only once."""

    __tablename__ = "ledger_transfers"
    __table_args__ = (
        UniqueConstraint("idempotency_key"),
        UniqueConstraint("reverses_id", deferrable=True, initially="IMMEDIATE"),
        CheckConstraint("entry_count >= 2", name="two_entries"),
        CheckConstraint(
            "(status = 'pending' AND posted_at IS NULL AND voided_at IS NULL)"
            " OR (status = 'posted' AND posted_at IS NOT NULL AND voided_at IS NULL)"
            " OR (status = 'voided' AND voided_at IS NOT NULL AND posted_at IS NULL)",
            name="times_fit_status",
        ),
        Index(None, "source_type", "source_id"),
        Index(None, "group_id"),
        Index(None, "created_at", "id"),
        Index("ix_ledger_transfers_pending", "created_at", postgresql_where=text("status = 'pending'")),
    )

    id: Mapped[Key]
    unit: Mapped[Str3]
    kind: Mapped[Str50]
    status: Mapped[TransferStatus] = mapped_column(one_of(TransferStatus, "status"))
    entry_count: Mapped[int]
    idempotency_key: Mapped[Str255]
    source_type: Mapped[Str50]
    source_id: Mapped[UUID]
    group_id: Mapped[UUID | None]
    reverses_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_transfers.id"))
    actor_user_id: Mapped[UUID | None]
    posted_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]


class Entry(Base):
    """A signed amount on one account: positive is into the account. Never updated, never deleted."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        UniqueConstraint("transfer_id", "seq"),
        CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
        Index(None, "account_id", "created_at", "id"),
    )

    id: Mapped[Key]
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_transfers.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id"))
    seq: Mapped[int]
    amount_minor: Mapped[Minor]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
