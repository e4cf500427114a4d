"""Whom a sponsor may invite: their contacts, the batches they are chosen in, and how many a day."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import conv

from portal.kernel import clock
from portal.kernel.columns import (
    Count,
    JsonList,
    Key,
    No,
    Stamped,
    Str20,
    Str50,
    Str255,
    one_of,
)
from portal.kernel.db import Base
from portal.kernel.states import Machine


class SponsorContact(Stamped, Base):
    """Somebody a sponsor could invite, at a position in the sponsor's list (R-34)."""

    __tablename__ = "sponsor_contacts"
    __table_args__ = (
        UniqueConstraint("sponsor_user_id", "position"),
        CheckConstraint("phone IS NOT NULL OR email IS NOT NULL", name="phone_or_email"),
        CheckConstraint("position >= 0", name="position_not_negative"),
        Index(
            "uq_sponsor_contacts_phone",
            "sponsor_user_id",
            "phone",
            unique=True,
            postgresql_where=text("phone IS NOT NULL"),
        ),
        Index(
            "uq_sponsor_contacts_email",
            "sponsor_user_id",
            "email",
            unique=True,
            postgresql_where=text("email IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    sponsor_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[Str255 | None]
    phone: Mapped[Str20 | None]
    email: Mapped[Str255 | None]
    source: Mapped[Str50] = mapped_column(default="form", server_default="form")


class SelectionMethod(StrEnum):
    """How a sponsor prefers to choose whom to invite."""

    BATCH = "batch"
    INDIVIDUAL = "individual"


class SponsorDailyLimit(Stamped, Base):
    """A sponsor's counter of one platform day; a new day is a new row (R-35)."""

    __tablename__ = "sponsor_daily_limits"
    __table_args__ = (
        UniqueConstraint("sponsor_user_id", "limit_date"),
        CheckConstraint(
            "invitations_sent_today BETWEEN 0 AND max_invitations_per_day", name=conv("check_daily_limit")
        ),
        CheckConstraint(
            "consecutive_active_days >= 0 AND total_lifetime_invitations >= 0 AND current_batch_start >= 0",
            name="counts_not_negative",
        ),
    )

    id: Mapped[Key]
    sponsor_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    limit_date: Mapped[date]
    invitations_sent_today: Mapped[Count]
    max_invitations_per_day: Mapped[int] = mapped_column(default=50, server_default=text("50"))
    last_reset_at: Mapped[datetime] = mapped_column(default=clock.now)
    next_reset_at: Mapped[datetime]
    current_batch_start: Mapped[Count]
    preferred_selection_method: Mapped[SelectionMethod] = mapped_column(
        one_of(SelectionMethod, "preferred_selection_method"),
        default=SelectionMethod.BATCH,
        server_default="batch",
    )
    consecutive_active_days: Mapped[Count]
    total_lifetime_invitations: Mapped[Count]


class BatchStatus(StrEnum):
    """The life of a batch (REF-48)."""

    PENDING = "pending"
    SELECTED = "selected"
    SENT = "sent"
    SKIPPED = "skipped"


BATCH_STEPS = Machine(
    "sponsor_contact_batches",
    {
        BatchStatus.PENDING: {BatchStatus.SELECTED, BatchStatus.SKIPPED},
        BatchStatus.SELECTED: {BatchStatus.SENT, BatchStatus.SKIPPED, BatchStatus.PENDING},
        BatchStatus.SENT: set(),
        BatchStatus.SKIPPED: set(),
    },
)


class SponsorContactBatch(Stamped, Base):
    """At most 50 contacts cut from the list, half open: start included, end not (R-33)."""

    __tablename__ = "sponsor_contact_batches"
    MACHINES: ClassVar = {"status": BATCH_STEPS}
    __table_args__ = (
        UniqueConstraint("sponsor_user_id", "batch_date", "batch_number"),
        CheckConstraint("end_position > start_position", name=conv("check_batch_positions")),
        CheckConstraint("end_position - start_position <= 50", name=conv("check_batch_size")),
        CheckConstraint(
            "selected_count >= 0 AND sent_count >= 0 AND sent_count <= selected_count",
            name="counts_fit",
        ),
    )

    id: Mapped[Key]
    sponsor_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    batch_date: Mapped[date]
    batch_number: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    start_position: Mapped[int]
    end_position: Mapped[int]
    status: Mapped[BatchStatus] = mapped_column(
        one_of(BatchStatus, "status"), default=BatchStatus.PENDING, server_default="pending"
    )
    selected_count: Mapped[Count]
    sent_count: Mapped[Count]
    contact_snapshot: Mapped[JsonList]
    auto_selected: Mapped[No]
    manual_selections: Mapped[JsonList]
