"""What a person wants to hear, when and how."""

from __future__ import annotations

from datetime import time
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Time, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.columns import Json, No, Stamped, Yes, one_of
from portal.kernel.db import Base


class DigestFrequency(StrEnum):
    """How often messages that can wait are put together."""

    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"


class NotificationPreferences(Stamped, Base):
    """What a person wants to hear, where and when (R-58)."""

    __tablename__ = "notification_preferences"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    in_app_enabled: Mapped[Yes]
    email_enabled: Mapped[Yes]
    sms_enabled: Mapped[Yes]
    whatsapp_enabled: Mapped[Yes]
    push_enabled: Mapped[Yes]
    referral_notifications: Mapped[Yes]
    pot_notifications: Mapped[Yes]
    donation_notifications: Mapped[Yes]
    marketing_notifications: Mapped[No]
    digest_frequency: Mapped[DigestFrequency] = mapped_column(
        one_of(DigestFrequency, "digest_frequency"),
        default=DigestFrequency.DAILY,
        server_default="daily",
    )
    quiet_hours_enabled: Mapped[Yes]
    quiet_from: Mapped[time] = mapped_column(Time, default=time(22), server_default=text("'22:00'"))
    quiet_until: Mapped[time] = mapped_column(Time, default=time(8), server_default=text("'08:00'"))
    overrides: Mapped[Json]
