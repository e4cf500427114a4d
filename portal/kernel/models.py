"""The platform's own tables: files, histories, follow-ups after a commit, runs of scheduled jobs."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import clock
from portal.kernel.actor import ActorKind
from portal.kernel.columns import (
    Count,
    Created,
    Json,
    Key,
    No,
    Stamped,
    Str10,
    Str20,
    Str50,
    Str100,
    Str255,
    one_of,
)
from portal.kernel.db import Base
from portal.kernel.sealing import BYTES, looked_up_by


class FilePurpose(StrEnum):
    """What a stored file is for; decides who may open it."""

    AVATAR = "avatar"
    POT_IMAGE = "pot_image"
    PACK_IMAGE = "pack_image"
    QR_PICTURE = "qr_picture"
    IDENTITY_DOCUMENT = "identity_document"
    SETTLEMENT_DOCUMENT = "settlement_document"
    PRIVACY_EXPORT = "privacy_export"
    ARCHIVE = "archive"


PUBLIC_PURPOSES = frozenset({FilePurpose.AVATAR, FilePurpose.POT_IMAGE, FilePurpose.PACK_IMAGE})
# Kept encrypted, each bound to its row (PPL-17).
SEALED_PURPOSES = frozenset({FilePurpose.IDENTITY_DOCUMENT, FilePurpose.PRIVACY_EXPORT, FilePurpose.ARCHIVE})


class StoredFile(Stamped, Base):
    """A file of ours; the bytes lie under the data folder at `storage_key`.

    `sha256` is of the clear bytes; where they are sealed it is keyed, so that nobody can look for a known paper.
    """

    __tablename__ = "stored_files"
    __table_args__ = (
        CheckConstraint("size_bytes > 0", name="size_positive"),
        Index(None, "purpose", "created_at"),
    )

    id: Mapped[Key]
    storage_key: Mapped[Str255] = mapped_column(unique=True)
    mime_type: Mapped[Str100]
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(Text, info=looked_up_by(BYTES))
    encrypted: Mapped[No]
    purpose: Mapped[FilePurpose] = mapped_column(one_of(FilePurpose, "purpose"))
    owner_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)
    owner_partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partners.id"), index=True)


class StatusHistory(Base):
    """One change of state of any row; append-only."""

    __tablename__ = "status_history"
    __table_args__ = (Index(None, "entity_type", "entity_id", "occurred_at"),)

    id: Mapped[Key]
    entity_type: Mapped[Str50]
    entity_id: Mapped[UUID]
    column_name: Mapped[Str50]
    from_status: Mapped[Str50 | None]
    to_status: Mapped[Str50]
    actor_kind: Mapped[ActorKind] = mapped_column(one_of(ActorKind, "actor_kind"))
    actor_user_id: Mapped[UUID | None]
    reason: Mapped[str | None]
    occurred_at: Mapped[datetime] = mapped_column(default=clock.now)


class OutboxEvent(Created, Base):
    """Work that must happen after the commit that wrote it; done once, found again if the queue forgot."""

    __tablename__ = "outbox_events"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        Index(
            "ix_outbox_events_due",
            "available_at",
            postgresql_where=text("done_at IS NULL AND failed_at IS NULL"),
        ),
        Index("ix_outbox_events_failed", "failed_at", postgresql_where=text("failed_at IS NOT NULL")),
    )

    id: Mapped[Key]
    job: Mapped[Str100]
    payload: Mapped[Json]
    entity_type: Mapped[Str50 | None]
    entity_id: Mapped[UUID | None]
    dedupe_key: Mapped[Str255] = mapped_column(unique=True)
    available_at: Mapped[datetime] = mapped_column(default=clock.now)
    attempts: Mapped[Count]
    last_error: Mapped[str | None]
    done_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]


class JobRunStatus(StrEnum):
    """How a run of a scheduled job ended."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class JobRun(Base):
    """One run of one scheduled job, with what it counted."""

    __tablename__ = "job_runs"
    __table_args__ = (
        UniqueConstraint("job_name", "run_key"),
        Index(None, "job_name", "started_at"),
        Index("ix_job_runs_running", "started_at", postgresql_where=text("status = 'running'")),
    )

    id: Mapped[Key]
    job_name: Mapped[Str100]
    run_key: Mapped[Str100]
    status: Mapped[JobRunStatus] = mapped_column(one_of(JobRunStatus, "status"), default=JobRunStatus.RUNNING)
    counts: Mapped[Json]
    error: Mapped[str | None]
    started_at: Mapped[datetime] = mapped_column(default=clock.now)
    finished_at: Mapped[datetime | None]


class DayCount(Base):
    """How many of something bounded a platform day has had: in one part, or, without its name, in all of them."""

    __tablename__ = "day_counts"
    __table_args__ = (
        UniqueConstraint("day", "matter", "part"),
        CheckConstraint("taken >= 0", name="taken_not_negative"),
    )

    id: Mapped[Key]
    day: Mapped[date]
    matter: Mapped[Str20]
    part: Mapped[Str10]
    taken: Mapped[Count]
