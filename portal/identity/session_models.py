"""Sessions and devices, the days on which people were there, and staff work on top of a session."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import clock
from portal.kernel.columns import (
    Created,
    Hash,
    Json,
    JsonList,
    Key,
    No,
    Stamped,
    Str100,
    Str255,
    one_of,
)
from portal.kernel.db import Base


class DeviceRegistration(Stamped, Base):
    """A device a person has signed in from."""

    __tablename__ = "device_registrations"
    __table_args__ = (
        UniqueConstraint("user_id", "fingerprint"),
        Index(
            "uq_device_registrations_push_token",
            "push_token",
            unique=True,
            postgresql_where=text("push_token IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[Str100]
    fingerprint: Mapped[Str255]
    push_token: Mapped[str | None]
    is_trusted: Mapped[No]
    last_seen_at: Mapped[datetime] = mapped_column(default=clock.now)


class UserSession(Created, Base):
    """A live sign-in; only the hash of its token is kept (R-06)."""

    __tablename__ = "user_sessions"
    __table_args__ = (Index(None, "user_id"), Index(None, "expires_at"))

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    device_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("device_registrations.id", ondelete="SET NULL"), index=True
    )
    token_hash: Mapped[Hash] = mapped_column(unique=True)
    device_info: Mapped[Json]
    ip_address: Mapped[Any | None] = mapped_column(INET)
    last_seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None] = mapped_column(sort_order=100)
    revoked: Mapped[No]
    revoked_at: Mapped[datetime | None]


class ActiveDay(Base):
    """A platform day on which a person used the portal; what referrals count as activity (REF-20, G-06)."""

    __tablename__ = "user_active_days"
    __table_args__ = (UniqueConstraint("user_id", "day"), Index(None, "day"))

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    day: Mapped[date]


class AdminLevel(StrEnum):
    """For which console a staff session was opened."""

    REGULAR = "regular"
    SUPER = "super"
    PARTNER = "partner"
    SPONSOR = "sponsor"


class TerminationReason(StrEnum):
    """How a staff session ended."""

    LOGOUT = "logout"
    TIMEOUT = "timeout"
    REVOKED = "revoked"


class AdminSession(Created, Base):
    """Staff work on top of a user session: short, watched, revocable."""

    __tablename__ = "admin_sessions"
    __table_args__ = (Index(None, "user_id"), Index(None, "expires_at"), Index(None, "user_session_id"))

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    user_session_id: Mapped[UUID] = mapped_column(ForeignKey("user_sessions.id", ondelete="CASCADE"))
    session_token_hash: Mapped[Hash] = mapped_column(unique=True)
    ip_address: Mapped[Any] = mapped_column(INET)
    user_agent: Mapped[str | None]
    admin_level: Mapped[AdminLevel] = mapped_column(one_of(AdminLevel, "admin_level"))
    permissions_granted: Mapped[JsonList]
    last_activity_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    terminated_at: Mapped[datetime | None]
    termination_reason: Mapped[TerminationReason | None] = mapped_column(
        one_of(TerminationReason, "termination_reason")
    )
    is_suspicious: Mapped[No]
    security_flags: Mapped[Json]
    looks_as: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True, sort_order=100
    )
    looks_until: Mapped[datetime | None] = mapped_column(sort_order=100)
