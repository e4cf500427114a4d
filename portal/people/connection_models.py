"""Who knows whom, and who wants nothing to do with whom."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.columns import (
    Count,
    Key,
    Stamped,
    one_of,
)
from portal.kernel.db import Base
from portal.kernel.states import Machine


class ConnectionStatus(StrEnum):
    """How far two people are connected."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELED = "canceled"
    REMOVED = "removed"


CONNECTION_STEPS = Machine(
    "user_connections",
    {
        ConnectionStatus.PENDING: {
            ConnectionStatus.ACCEPTED,
            ConnectionStatus.DECLINED,
            ConnectionStatus.CANCELED,
        },
        ConnectionStatus.ACCEPTED: {ConnectionStatus.REMOVED},
        ConnectionStatus.REMOVED: {ConnectionStatus.PENDING},
        ConnectionStatus.DECLINED: set(),
        ConnectionStatus.CANCELED: set(),
    },
)


class ConnectionCategory(StrEnum):
    """What connects two people."""

    PROFESSIONAL = "professional"
    MENTOR = "mentor"
    TRAVEL = "travel"
    FAMILY = "family"


class UserConnection(Stamped, Base):
    """Two people who know each other; accepted means friends (R-53)."""

    __tablename__ = "user_connections"
    MACHINES: ClassVar = {"status": CONNECTION_STEPS}
    __table_args__ = (
        CheckConstraint("requester_user_id <> addressee_user_id", name="two_people"),
        CheckConstraint("trust_strength BETWEEN 0 AND 100", name="trust_strength_range"),
        Index(
            "uq_user_connections_pair",
            text("LEAST(requester_user_id, addressee_user_id)"),
            text("GREATEST(requester_user_id, addressee_user_id)"),
            unique=True,
        ),
        Index(None, "requester_user_id"),
        Index(None, "addressee_user_id"),
        Index(None, "status"),
        Index(None, "trust_strength"),
        Index(None, "relationship_category"),
    )

    id: Mapped[Key]
    requester_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    addressee_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    status: Mapped[ConnectionStatus] = mapped_column(
        one_of(ConnectionStatus, "status"), default=ConnectionStatus.PENDING, server_default="pending"
    )
    relationship_category: Mapped[ConnectionCategory | None] = mapped_column(
        one_of(ConnectionCategory, "relationship_category")
    )
    trust_strength: Mapped[Count]
    message: Mapped[str | None]
    responded_at: Mapped[datetime | None]


class UserBlock(Stamped, Base):
    """Who wants nothing to do with whom; wins over everything."""

    __tablename__ = "user_blocks"
    __table_args__ = (
        CheckConstraint("blocker_user_id <> blocked_user_id", name="two_people"),
        Index(None, "blocked_user_id"),
    )

    blocker_user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    blocked_user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
