"""What word of mouth earns: points, and what becomes of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.columns import (
    Count,
    Json,
    Key,
    Minor,
    Multiplier,
    Stamped,
    Str100,
    Str255,
    one_of,
)
from portal.kernel.db import Base
from portal.kernel.states import Machine


class AwardEvent(StrEnum):
    """What earns points (REF-54)."""

    REFERRAL_ACCEPTED = "referral_accepted"
    POT_OPENED = "pot_opened"
    FIRST_DONATION = "first_donation"
    MILESTONE = "milestone"
    CAMPAIGN = "campaign"
    ADJUSTMENT = "adjustment"


class AwardStatus(StrEnum):
    """Whether points can be used yet (REF-56)."""

    PENDING = "pending"
    MATURED = "matured"
    REVOKED = "revoked"


AWARD_STEPS = Machine(
    "point_awards",
    {
        AwardStatus.PENDING: {AwardStatus.MATURED, AwardStatus.REVOKED},
        AwardStatus.MATURED: {AwardStatus.REVOKED},
        AwardStatus.REVOKED: set(),
    },
)


class PointAward(Stamped, Base):
    """Why points were earned; how many is the ledger's transfer (R-27)."""

    __tablename__ = "point_awards"
    MACHINES: ClassVar = {"status": AWARD_STEPS}
    __table_args__ = (
        CheckConstraint("base_multiplier BETWEEN 1.00 AND 9.99", name="base_multiplier_range"),
        CheckConstraint(
            "sponsor_boost_multiplier BETWEEN 1.00 AND 9.99", name="sponsor_boost_multiplier_range"
        ),
        CheckConstraint("points >= 0 AND base_points >= 0", name="points_not_negative"),
        Index(
            "uq_point_awards_once",
            "referral_id",
            "event_type",
            unique=True,
            postgresql_where=text("event_type IN ('referral_accepted', 'pot_opened', 'first_donation')"),
        ),
        Index(None, "referral_id"),
        Index(None, "sponsor_user_id", "status"),
        Index(None, "sponsor_user_id", "id"),
        Index(None, "status", "matures_at"),
        Index(None, "campaign_id"),
        Index(None, "transfer_id"),
    )

    id: Mapped[Key]
    sponsor_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    referral_id: Mapped[UUID | None] = mapped_column(ForeignKey("referrals.id"))
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("sponsor_campaigns.id"))
    event_type: Mapped[AwardEvent] = mapped_column(one_of(AwardEvent, "event_type"))
    base_points: Mapped[Count]
    base_multiplier: Mapped[Multiplier] = mapped_column(default=Decimal("1.00"), server_default=text("1.00"))
    sponsor_boost_multiplier: Mapped[Multiplier] = mapped_column(
        default=Decimal("1.00"), server_default=text("1.00")
    )
    points: Mapped[Count]
    description: Mapped[Str255 | None]
    details: Mapped[Json] = mapped_column("metadata")
    status: Mapped[AwardStatus] = mapped_column(
        one_of(AwardStatus, "status"), default=AwardStatus.PENDING, server_default="pending"
    )
    matures_at: Mapped[datetime]
    matured_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoke_reason: Mapped[str | None]
    transfer_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_transfers.id"))


class PointsConversion(Stamped, Base):
    """Matured points turned into francs in a pot, at the rate of that moment."""

    __tablename__ = "points_conversions"
    __table_args__ = (
        CheckConstraint("points_converted > 0", name="points_positive"),
        CheckConstraint("credits_issued_minor >= 0", name="credits_not_negative"),
        CheckConstraint("conversion_rate > 0", name="rate_positive"),
        UniqueConstraint("submission_key"),
        Index(None, "sponsor_user_id", "id"),
        Index(None, "pot_id"),
        Index(None, "points_transfer_id"),
        Index(None, "money_transfer_id"),
    )

    id: Mapped[Key]
    sponsor_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    pot_id: Mapped[UUID] = mapped_column(ForeignKey("pots.id"))
    points_converted: Mapped[int]
    credits_issued_minor: Mapped[Minor]
    conversion_rate: Mapped[Decimal] = mapped_column(Numeric(10, 4))
    points_transfer_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_transfers.id"))
    money_transfer_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_transfers.id"))
    submission_key: Mapped[Str100]
