"""The question that a minor has put to an adult: kept by address, so that it stands the same whoever reads there.

And the question to the team for another adult, once one has said yes.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import clock
from portal.kernel.columns import Key, Stamped, Str255, Str500, one_of
from portal.kernel.db import Base
from portal.kernel.states import Machine


class Relationship(StrEnum):
    """What a guardian is to the minor."""

    PARENT = "parent"
    GUARDIAN = "guardian"
    SIBLING = "sibling"
    OTHER = "other"


class RequestStatus(StrEnum):
    """What has become of the question."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


REQUEST_STEPS = Machine(
    "guardian_requests",
    {
        RequestStatus.WAITING: {
            RequestStatus.CONFIRMED,
            RequestStatus.REFUSED,
            RequestStatus.WITHDRAWN,
            RequestStatus.EXPIRED,
        },
        RequestStatus.CONFIRMED: set(),
        RequestStatus.REFUSED: set(),
        RequestStatus.WITHDRAWN: set(),
        RequestStatus.EXPIRED: set(),
    },
)


class GuardianRequest(Stamped, Base):
    """One minor asks whoever has proved to read this address or number to answer for them (PPL-13)."""

    __tablename__ = "guardian_requests"
    MACHINES: ClassVar = {"status": REQUEST_STEPS}
    __table_args__ = (
        CheckConstraint("expires_at > asked_at", name="expires_after_asked"),
        CheckConstraint("(status = 'waiting') = (ended_at IS NULL)", name="waits_until_ended"),
        # Whoever reads at the address may say no without an account, and yes only from one.
        CheckConstraint(
            "CASE status WHEN 'confirmed' THEN guardian_user_id IS NOT NULL WHEN 'refused' THEN true"
            " ELSE guardian_user_id IS NULL END",
            name="answered_by_one",
        ),
        CheckConstraint("guardian_user_id <> minor_user_id", name="not_own_guardian"),
        Index(
            "uq_guardian_requests_waiting",
            "minor_user_id",
            unique=True,
            postgresql_where=text("status = 'waiting'"),
        ),
        Index(None, "minor_user_id", "id"),
        Index(None, "guardian_user_id"),
        Index(None, "contact"),
        Index(None, "mailbox", "told_at"),
        Index("ix_guardian_requests_to_expire", "expires_at", postgresql_where=text("status = 'waiting'")),
    )

    id: Mapped[Key]
    minor_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    # An e-mail address in small letters, or a number in E.164: whoever has proved it may answer.
    contact: Mapped[Str255]
    # Where a message to it arrives, however the address is spelled: by this, messages are counted.
    mailbox: Mapped[Str255]
    relationship_type: Mapped[Relationship] = mapped_column(one_of(Relationship, "relationship_type"))
    status: Mapped[RequestStatus] = mapped_column(
        one_of(RequestStatus, "status"), default=RequestStatus.WAITING, server_default="waiting"
    )
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    # When the message went out, or would have; shown to nobody, for it would say who can be reached.
    told_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    # Who has answered; whom the question may concern is not looked up before.
    guardian_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))

    @property
    def is_open(self) -> bool:
        """Whether it can be answered now."""
        return self.status is RequestStatus.WAITING and self.expires_at > clock.now()


class ChangeStatus(StrEnum):
    """What has become of a minor's question for another guardian."""

    WAITING = "waiting"
    ENDED = "ended"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


CHANGE_STEPS = Machine(
    "guardian_changes",
    {
        ChangeStatus.WAITING: {ChangeStatus.ENDED, ChangeStatus.REFUSED, ChangeStatus.WITHDRAWN},
        ChangeStatus.ENDED: set(),
        ChangeStatus.REFUSED: set(),
        ChangeStatus.WITHDRAWN: set(),
    },
)


class GuardianChange(Stamped, Base):
    """A minor asks the team that the adult who has said yes be their guardian no more (PPL-15)."""

    __tablename__ = "guardian_changes"
    MACHINES: ClassVar = {"status": CHANGE_STEPS}
    __table_args__ = (
        CheckConstraint("(status = 'waiting') = (ended_at IS NULL)", name="waits_until_ended"),
        CheckConstraint("guardian_user_id <> minor_user_id", name="not_own_guardian"),
        Index(
            "uq_guardian_changes_waiting",
            "minor_user_id",
            unique=True,
            postgresql_where=text("status = 'waiting'"),
        ),
        Index(None, "minor_user_id"),
        Index(None, "guardian_user_id"),
        Index(None, "status", "id"),
    )

    id: Mapped[Key]
    minor_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    guardian_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[Str500]
    status: Mapped[ChangeStatus] = mapped_column(
        one_of(ChangeStatus, "status"), default=ChangeStatus.WAITING, server_default="waiting"
    )
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]
