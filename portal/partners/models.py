"""Partners, their members and their venues."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.columns import (
    Json,
    Key,
    Minor,
    No,
    Percent,
    Stamped,
    Str3,
    Str20,
    Str50,
    Str100,
    Str255,
    Yes,
    one_of,
)
from portal.kernel.db import Base
from portal.kernel.roles import MemberRole
from portal.kernel.states import Machine


class PartnerType(StrEnum):
    """What kind of house a partner keeps."""

    CINEMA = "cinema"
    RESTAURANT = "restaurant"
    SPA = "spa"
    RETAIL = "retail"
    SERVICE = "service"


class PaymentTerms(StrEnum):
    """How long a settlement period is."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


class PartnerStatus(StrEnum):
    """Whether a partner works with us."""

    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


PARTNER_STEPS = Machine(
    "partners",
    {
        PartnerStatus.PENDING: {PartnerStatus.ACTIVE, PartnerStatus.TERMINATED},
        PartnerStatus.ACTIVE: {PartnerStatus.SUSPENDED, PartnerStatus.TERMINATED},
        PartnerStatus.SUSPENDED: {PartnerStatus.ACTIVE, PartnerStatus.TERMINATED},
        PartnerStatus.TERMINATED: set(),
    },
)


class Partner(Stamped, Base):
    """An organisation with a contract; it serves gifts (`is_venue`), buys leads (`is_provider`), or both."""

    __tablename__ = "partners"
    MACHINES: ClassVar = {"status": PARTNER_STEPS}
    __table_args__ = (
        CheckConstraint("is_venue OR is_provider", name="has_capability"),
        CheckConstraint("revenue_split_percentage BETWEEN 0 AND 100", name="revenue_split_range"),
        CheckConstraint("NOT is_venue OR revenue_split_percentage IS NOT NULL", name="venue_has_split"),
        CheckConstraint("minimum_payout_minor >= 0", name="minimum_payout_not_negative"),
        CheckConstraint("btrim(name) <> ''", name="name_present"),
        CheckConstraint("status <> 'active' OR verified_at IS NOT NULL", name="active_is_verified"),
        Index(None, "status"),
        Index(None, "type"),
        Index(None, "verified_by"),
    )

    id: Mapped[Key]
    name: Mapped[Str255]
    type: Mapped[PartnerType] = mapped_column(one_of(PartnerType, "type"))
    description: Mapped[str | None]
    is_venue: Mapped[Yes]
    is_provider: Mapped[No]
    contact_name: Mapped[Str255 | None]
    contact_email: Mapped[Str255 | None]
    contact_phone: Mapped[Str20 | None]
    business_registration: Mapped[Str100 | None]
    tax_id: Mapped[Str50 | None]
    revenue_split_percentage: Mapped[Percent | None]
    payment_terms: Mapped[PaymentTerms] = mapped_column(
        one_of(PaymentTerms, "payment_terms"), default=PaymentTerms.MONTHLY, server_default="monthly"
    )
    minimum_payout_minor: Mapped[Minor] = mapped_column(default=10_000, server_default=text("10000"))
    status: Mapped[PartnerStatus] = mapped_column(
        one_of(PartnerStatus, "status"), default=PartnerStatus.PENDING, server_default="pending"
    )
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    auto_approve_redemptions: Mapped[No]
    notification_settings: Mapped[Json]


class PartnerMember(Stamped, Base):
    """A person who works for a partner."""

    __tablename__ = "partner_members"
    __table_args__ = (UniqueConstraint("partner_id", "user_id"), Index(None, "user_id"))

    id: Mapped[Key]
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    role: Mapped[MemberRole] = mapped_column(one_of(MemberRole, "role"))
    is_active: Mapped[Yes]


class PartnerVenue(Stamped, Base):
    """A place where a partner serves."""

    __tablename__ = "partner_venues"
    __table_args__ = (
        UniqueConstraint("partner_id", "name"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_range"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_range"),
        Index(None, "region", "city"),
    )

    id: Mapped[Key]
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"))
    name: Mapped[Str255]
    street: Mapped[Str255 | None]
    city: Mapped[Str100]
    region: Mapped[Str100]
    country: Mapped[Str3] = mapped_column(default="SEN", server_default="SEN")
    phone: Mapped[Str20 | None]
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(8, 5))
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(8, 5))
    is_active: Mapped[Yes]
