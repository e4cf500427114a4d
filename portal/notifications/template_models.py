"""What can be said, how much it matters, on which ways, and the words of it as operators keep them."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from portal.kernel.columns import Json, Key, Stamped, Str10, Str100, Str255, Str500, Yes
from portal.kernel.db import Base


class Channel(StrEnum):
    """The five ways to reach a person (R-56)."""

    IN_APP = "in_app"
    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    PUSH = "push"


class NotificationType(StrEnum):
    """What kind of message it is (R-57)."""

    STATUS_UPDATE = "status_update"
    REMINDER = "reminder"
    REFERRAL = "referral"
    SYSTEM = "system"
    PROMOTIONAL = "promotional"


class Category(StrEnum):
    """The topic that preferences look at (R-57)."""

    REFERRAL = "referral"
    POT = "pot"
    DONATION = "donation"
    MARKETING = "marketing"
    CASE = "case"
    LEAD = "lead"
    PAYMENT = "payment"
    EVENT = "event"
    COMMUNITY = "community"
    SECURITY = "security"


class Priority(StrEnum):
    """How much it may interrupt."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class NotificationTemplate(Stamped, Base):
    """The words of one event in one language; a change is a new version (R-60)."""

    __tablename__ = "notification_templates"
    __table_args__ = (
        UniqueConstraint("template_key", "locale", "version"),
        Index(
            "uq_notification_templates_active",
            "template_key",
            "locale",
            unique=True,
            postgresql_where=text("is_active"),
        ),
        CheckConstraint(
            "channels <@ ARRAY['in_app','email','sms','whatsapp','push']::text[]", name="channels_known"
        ),
        CheckConstraint("version >= 1", name="version_positive"),
    )

    id: Mapped[Key]
    template_key: Mapped[Str100]
    name: Mapped[Str255]
    description: Mapped[str | None]
    locale: Mapped[Str10] = mapped_column(default="fr-SN", server_default="fr-SN")
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    channels: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=lambda: ["email"], server_default=text("'{email}'")
    )
    subject: Mapped[Str500 | None]
    body_text: Mapped[str]
    body_html: Mapped[str | None]
    body_sms: Mapped[str | None]
    action_text: Mapped[Str100 | None]
    variables: Mapped[Json]
    is_active: Mapped[Yes]
