"""What people have asked for about their data, and how far it is (PRV-03)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import clock
from portal.kernel.columns import Key, Stamped, one_of
from portal.kernel.db import Base
from portal.kernel.states import Machine


class RequestKind(StrEnum):
    """To have everything in a file, or to be forgotten."""

    EXPORT = "export"
    ERASURE = "erasure"


class RequestStatus(StrEnum):
    """How far a request is (reconciliation §7)."""

    RECEIVED = "received"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"


REQUEST_STEPS = Machine(
    "privacy_requests",
    {
        RequestStatus.RECEIVED: {RequestStatus.RUNNING, RequestStatus.CANCELED},
        RequestStatus.RUNNING: {RequestStatus.DONE, RequestStatus.FAILED},
        RequestStatus.FAILED: {RequestStatus.RUNNING},
        RequestStatus.DONE: set(),
        RequestStatus.CANCELED: set(),
    },
)


class PrivacyRequest(Stamped, Base):
    """One request, of a person with an account or about one gift given without (G-34)."""

    __tablename__ = "privacy_requests"
    MACHINES: ClassVar = {"status": REQUEST_STEPS}
    __table_args__ = (
        CheckConstraint("num_nonnulls(user_id, donation_id) = 1", name="one_subject"),
        CheckConstraint("kind = 'erasure' OR donation_id IS NULL", name="gift_is_erased_only"),
        UniqueConstraint("donation_id"),
        Index(
            "uq_privacy_requests_open",
            "user_id",
            "kind",
            unique=True,
            postgresql_where=text("status IN ('received', 'running')"),
        ),
        Index(None, "status", "due_at"),
        Index(None, "user_id"),
        Index(None, "file_id"),
    )

    id: Mapped[Key]
    kind: Mapped[RequestKind] = mapped_column(one_of(RequestKind, "kind"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    donation_id: Mapped[UUID | None] = mapped_column(ForeignKey("donations.id"))
    status: Mapped[RequestStatus] = mapped_column(
        one_of(RequestStatus, "status"), default=RequestStatus.RECEIVED, server_default="received"
    )
    due_at: Mapped[datetime] = mapped_column(default=clock.now)
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"))
    expires_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
