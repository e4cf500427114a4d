"""Contacts, day counters, batches, referrals, points and their conversion."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import conv

from portal.kernel import clock
from portal.kernel.columns import (
    Count,
    Json,
    JsonList,
    Key,
    Minor,
    Multiplier,
    No,
    Stamped,
    Str20,
    Str50,
    Str100,
    Str255,
    Str500,
    one_of,
)
from portal.kernel.db import Base
from portal.kernel.states import Machine


class SponsorContact(Stamped, Base):
    """Somebody a sponsor could invite, at a position in the sponsor's list (R-34)."""

    __tablename__ = "sponsor_contacts"
    __table_args__ = (
        UniqueConstraint("sponsor_user_id", "position"),
        CheckConstraint("phone IS NOT NULL OR email IS NOT NULL", name="phone_or_email"),
        CheckConstraint("position >= 0", name="position_not_negative"),
        Index(
            "uq_sponsor_contacts_phone",
            "sponsor_user_id",
            "phone",
            unique=True,
            postgresql_where=text("phone IS NOT NULL"),
        ),
        Index(
            "uq_sponsor_contacts_email",
            "sponsor_user_id",
            "email",
            unique=True,
            postgresql_where=text("email IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    sponsor_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[Str255 | None]
    phone: Mapped[Str20 | None]
    email: Mapped[Str255 | None]
    source: Mapped[Str50] = mapped_column(default="form", server_default="form")


class SelectionMethod(StrEnum):
    """How a sponsor prefers to choose whom to invite."""

    BATCH = "batch"
    INDIVIDUAL = "individual"


class SponsorDailyLimit(Stamped, Base):
    """A sponsor's counter of one platform day; a new day is a new row (R-35)."""

    __tablename__ = "sponsor_daily_limits"
    __table_args__ = (
        UniqueConstraint("sponsor_user_id", "limit_date"),
        CheckConstraint(
            "invitations_sent_today BETWEEN 0 AND max_invitations_per_day", name=conv("check_daily_limit")
        ),
        CheckConstraint(
            "consecutive_active_days >= 0 AND total_lifetime_invitations >= 0 AND current_batch_start >= 0",
            name="counts_not_negative",
        ),
    )

    id: Mapped[Key]
    sponsor_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    limit_date: Mapped[date]
    invitations_sent_today: Mapped[Count]
    max_invitations_per_day: Mapped[int] = mapped_column(default=50, server_default=text("50"))
    last_reset_at: Mapped[datetime] = mapped_column(default=clock.now)
    next_reset_at: Mapped[datetime]
    current_batch_start: Mapped[Count]
    preferred_selection_method: Mapped[SelectionMethod] = mapped_column(
        one_of(SelectionMethod, "preferred_selection_method"),
        default=SelectionMethod.BATCH,
        server_default="batch",
    )
    consecutive_active_days: Mapped[Count]
    total_lifetime_invitations: Mapped[Count]


class BatchStatus(StrEnum):
    """The life of a batch (REF-48)."""

    PENDING = "pending"
    SELECTED = "selected"
    SENT = "sent"
    SKIPPED = "skipped"


BATCH_STEPS = Machine(
    "sponsor_contact_batches",
    {
        BatchStatus.PENDING: {BatchStatus.SELECTED, BatchStatus.SKIPPED},
        BatchStatus.SELECTED: {BatchStatus.SENT, BatchStatus.SKIPPED, BatchStatus.PENDING},
        BatchStatus.SENT: set(),
        BatchStatus.SKIPPED: set(),
    },
)


class SponsorContactBatch(Stamped, Base):
    """At most 50 contacts cut from the list, half open: start included, end not (R-33)."""

    __tablename__ = "sponsor_contact_batches"
    MACHINES: ClassVar = {"status": BATCH_STEPS}
    __table_args__ = (
        UniqueConstraint("sponsor_user_id", "batch_date", "batch_number"),
        CheckConstraint("end_position > start_position", name=conv("check_batch_positions")),
        CheckConstraint("end_position - start_position <= 50", name=conv("check_batch_size")),
        CheckConstraint(
            "selected_count >= 0 AND sent_count >= 0 AND sent_count <= selected_count",
            name="counts_fit",
        ),
    )

    id: Mapped[Key]
    sponsor_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    batch_date: Mapped[date]
    batch_number: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    start_position: Mapped[int]
    end_position: Mapped[int]
    status: Mapped[BatchStatus] = mapped_column(
        one_of(BatchStatus, "status"), default=BatchStatus.PENDING, server_default="pending"
    )
    selected_count: Mapped[Count]
    sent_count: Mapped[Count]
    contact_snapshot: Mapped[JsonList]
    auto_selected: Mapped[No]
    manual_selections: Mapped[JsonList]


class InvitationStatus(StrEnum):
    """Did the person answer (R-19)."""

    SENT = "sent"
    ACCEPTED = "accepted"
    EXPIRED = "expired"
    DECLINED = "declined"


class PipelineStage(StrEnum):
    """How far the business is (R-19)."""

    PENDING = "pending"
    CONTACTED = "contacted"
    QUALIFIED = "qualified"
    CONVERTED = "converted"
    COMPLETED = "completed"
    REJECTED = "rejected"


INVITATION_STEPS = Machine(
    "referrals",
    {
        InvitationStatus.SENT: {
            InvitationStatus.ACCEPTED,
            InvitationStatus.DECLINED,
            InvitationStatus.EXPIRED,
        },
        InvitationStatus.ACCEPTED: set(),
        InvitationStatus.DECLINED: set(),
        InvitationStatus.EXPIRED: set(),
    },
)

PIPELINE_STEPS = Machine(
    "referrals",
    {
        PipelineStage.PENDING: {
            PipelineStage.CONTACTED,
            PipelineStage.QUALIFIED,
            PipelineStage.CONVERTED,
            PipelineStage.REJECTED,
        },
        PipelineStage.CONTACTED: {
            PipelineStage.QUALIFIED,
            PipelineStage.CONVERTED,
            PipelineStage.REJECTED,
        },
        PipelineStage.QUALIFIED: {PipelineStage.CONVERTED, PipelineStage.REJECTED},
        PipelineStage.CONVERTED: {PipelineStage.COMPLETED, PipelineStage.REJECTED},
        PipelineStage.COMPLETED: set(),
        PipelineStage.REJECTED: set(),
    },
)


class Referral(Stamped, Base):
    """One person brought, or hoped for, by one sponsor (R-20)."""

    __tablename__ = "referrals"
    MACHINES: ClassVar[dict[str, Machine[Any]]] = {
        "invitation_status": INVITATION_STEPS,
        "pipeline_stage": PIPELINE_STEPS,
    }
    __table_args__ = (
        UniqueConstraint("referred_user_id"),
        UniqueConstraint("daily_limit_id", "invitation_order"),
        CheckConstraint("referrer_id <> referred_user_id", name="not_self"),
        CheckConstraint(
            "source = 'link' OR referred_phone IS NOT NULL OR referred_email IS NOT NULL",
            name=conv("check_invitation_contact"),
        ),
        CheckConstraint("expires_at > sent_at", name="expires_after_sent"),
        CheckConstraint("invitation_order >= 1", name="order_positive"),
        Index(None, "invitation_status"),
        Index(None, "pipeline_stage"),
        Index(None, "created_at"),
        Index("ix_referrals_referred_email", func.lower(text("referred_email"))),
        Index(None, "referred_phone"),
        Index(None, "activated_at"),
        Index("ix_referrals_pipeline_recent", "pipeline_stage", text("created_at DESC")),
        Index(None, "referrer_id", "pipeline_stage"),
        Index(None, "referrer_id", "id"),
        Index("ix_referrals_to_expire", "expires_at", postgresql_where=text("invitation_status = 'sent'")),
        Index(
            "uq_referrals_pending_phone",
            "referrer_id",
            "referred_phone",
            unique=True,
            postgresql_where=text("invitation_status = 'sent' AND referred_phone IS NOT NULL"),
        ),
        Index(
            "uq_referrals_pending_email",
            "referrer_id",
            func.lower(text("referred_email")),
            unique=True,
            postgresql_where=text("invitation_status = 'sent' AND referred_email IS NOT NULL"),
        ),
        Index(None, "batch_id"),
        Index(None, "campaign_id"),
    )

    id: Mapped[Key]
    referrer_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    referred_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    referred_name: Mapped[Str255 | None]
    referred_email: Mapped[Str255 | None]
    referred_phone: Mapped[Str20 | None]
    referred_country: Mapped[Str100 | None]
    visa_type: Mapped[Str100 | None]
    message: Mapped[str | None]
    referral_link: Mapped[Str500 | None]
    referral_code: Mapped[Str20] = mapped_column(unique=True)
    invitation_status: Mapped[InvitationStatus | None] = mapped_column(
        one_of(InvitationStatus, "invitation_status"), default=InvitationStatus.SENT
    )
    pipeline_stage: Mapped[PipelineStage] = mapped_column(
        one_of(PipelineStage, "pipeline_stage"), default=PipelineStage.PENDING, server_default="pending"
    )
    rejection_reason: Mapped[Str100 | None]
    source: Mapped[Str100] = mapped_column(default="app", server_default="app")
    utm_source: Mapped[Str100 | None]
    utm_medium: Mapped[Str100 | None]
    utm_campaign: Mapped[Str100 | None]
    notes: Mapped[str | None]
    sent_at: Mapped[datetime | None] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    clicked_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    expired_at: Mapped[datetime | None]
    signed_up_at: Mapped[datetime | None]
    activated_at: Mapped[datetime | None]
    converted_at: Mapped[datetime | None]
    conversion_type: Mapped[Str50 | None]
    referrer_reward_given: Mapped[No]
    referee_reward_given: Mapped[No]
    both_ids_collected: Mapped[No]
    sponsor_id_verified: Mapped[No]
    sponsored_id_verified: Mapped[No]
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("referral_campaigns.id"))
    daily_limit_id: Mapped[UUID | None] = mapped_column(ForeignKey("sponsor_daily_limits.id"))
    batch_id: Mapped[UUID | None] = mapped_column(ForeignKey("sponsor_contact_batches.id"))
    invitation_order: Mapped[int | None]


class ReferralClick(Base):
    """A link or code was opened; append-only."""

    __tablename__ = "referral_clicks"
    __table_args__ = (Index(None, "owner_user_id", "occurred_at"), Index(None, "referral_id"))

    id: Mapped[Key]
    owner_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    referral_id: Mapped[UUID | None] = mapped_column(ForeignKey("referrals.id"))
    utm: Mapped[Json]
    ip_address: Mapped[Any | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
    occurred_at: Mapped[datetime] = mapped_column(default=clock.now)


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
