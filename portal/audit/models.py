"""The audit trail: one row an action, partitioned by month, sealed once and never changed (guarded by triggers).

When months come of age they leave by one door (`keeping.py`): a row here says where the chain begins since.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import clock
from portal.kernel.actor import ActorKind
from portal.kernel.columns import Json, Key, Str50, Str100, one_of
from portal.kernel.db import Base
from portal.kernel.ids import new_id


class AuditLog(Base):
    """Who did what to which row, with the changed fields before and after."""

    __tablename__ = "audit_logs"
    __table_args__ = (
        Index(
            "ix_audit_logs_actor_user_id",
            "actor_user_id",
            "occurred_at",
            postgresql_where=text("actor_user_id IS NOT NULL"),
        ),
        Index(None, "action", "occurred_at"),
        Index(None, "occurred_at"),
        Index(None, "resource_type", "resource_id"),
        Index(None, "position"),
        {"postgresql_partition_by": "RANGE (occurred_at)"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    occurred_at: Mapped[datetime] = mapped_column(primary_key=True, default=clock.now)
    actor_type: Mapped[ActorKind] = mapped_column(one_of(ActorKind, "actor_type"))
    actor_user_id: Mapped[UUID | None]
    actor_ip: Mapped[Any | None] = mapped_column(INET)
    action: Mapped[Str100]
    resource_type: Mapped[Str50]
    resource_id: Mapped[UUID | None]
    old_values: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    new_values: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    reason: Mapped[str | None]
    details: Mapped[Json] = mapped_column("metadata")
    request_id: Mapped[Str100 | None]
    user_agent: Mapped[str | None]
    # Its place in the chain; empty until it is sealed (`chain.py`).
    position: Mapped[int | None] = mapped_column(BigInteger)
    previous_hash: Mapped[str | None] = mapped_column(String(64))
    row_hash: Mapped[str | None] = mapped_column(String(64))


class AuditCut(Base):
    """The beginning of the chain was removed, up to this row; only ever written by the database's own function."""

    __tablename__ = "audit_cuts"
    __table_args__ = (
        CheckConstraint("last_position >= first_position", name="forward"),
        CheckConstraint("row_count > 0", name="rows_positive"),
    )

    id: Mapped[Key]
    removed_before: Mapped[date]
    first_position: Mapped[int] = mapped_column(BigInteger)
    last_position: Mapped[int] = mapped_column(BigInteger, unique=True)
    last_hash: Mapped[str] = mapped_column(String(64))
    row_count: Mapped[int]
    occurred_at: Mapped[datetime] = mapped_column(default=clock.now)


class AuditArchive(Base):
    """A sealed file with rows of the trail that have left the database and that the law wants kept some more years (PRV-13)."""

    __tablename__ = "audit_archives"
    __table_args__ = (
        CheckConstraint("row_count > 0", name="rows_positive"),
        Index(None, "file_id"),
    )

    id: Mapped[Key]
    covers_before: Mapped[date]
    row_count: Mapped[int]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_files.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Opened(StrEnum):
    """What of a person was opened by somebody of the staff."""

    PERSON_PAGE = "person_page"
    SEARCH = "search"
    IDENTITY_PAPER = "identity_paper"
    GIFT = "gift"
    FILE = "file"
    LOOKED_AS = "looked_as"
    PAYMENT = "payment"
    INVITATION = "invitation"


class DataAccess(Base):
    """Somebody of the staff looked at what is known of a person; shown to that person (PRV-06).

    Whoever has no account is known by the mark of their address or number, under which an account may come later.
    """

    __tablename__ = "data_accesses"
    __table_args__ = (
        CheckConstraint("num_nonnulls(subject_user_id, contact_mark) = 1", name="one_subject"),
        Index(None, "subject_user_id", "occurred_at"),
        Index(None, "contact_mark", postgresql_where=text("contact_mark IS NOT NULL")),
        Index(None, "staff_user_id", "occurred_at"),
        Index(None, "occurred_at"),
    )

    id: Mapped[Key]
    staff_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    subject_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    contact_mark: Mapped[str | None] = mapped_column(String(64), sort_order=100)
    opened: Mapped[Opened] = mapped_column(one_of(Opened, "opened"))
    reason: Mapped[str | None]
    request_id: Mapped[Str100 | None]
    occurred_at: Mapped[datetime] = mapped_column(default=clock.now)
