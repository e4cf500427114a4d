"""Who brought whom; the contacts before and the points after stand beside, and are named here."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import conv

from portal.kernel import clock
from portal.kernel.columns import (
    Json,
    JsonList,
    Key,
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
from portal.referrals.contact_models import (
    BATCH_STEPS,
    BatchStatus,
    SelectionMethod,
    SponsorContact,
    SponsorContactBatch,
    SponsorDailyLimit,
)
from portal.referrals.point_models import AWARD_STEPS, AwardEvent, AwardStatus, PointAward, PointsConversion

__all__ = [
    "AWARD_STEPS",
    "BATCH_STEPS",
    "INVITATION_STEPS",
    "PIPELINE_STEPS",
    "AwardEvent",
    "AwardStatus",
    "BatchStatus",
    "InvitationStatus",
    "PipelineStage",
    "PointAward",
    "PointsConversion",
    "Referral",
    "ReferralClick",
    "SelectionMethod",
    "SponsorContact",
    "SponsorContactBatch",
    "SponsorDailyLimit",
]


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
    # By what the friend is known again when the account is gone (marks.py).
    friend_marks: Mapped[JsonList] = mapped_column(sort_order=100)


class ReferralClick(Base):
    """A link or code was opened; append-only."""

    __tablename__ = "referral_clicks"
    __table_args__ = (
        Index(None, "owner_user_id", "occurred_at"),
        Index(None, "referral_id"),
        Index(None, "occurred_at"),
    )

    id: Mapped[Key]
    owner_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    referral_id: Mapped[UUID | None] = mapped_column(ForeignKey("referrals.id"))
    utm: Mapped[Json]
    ip_address: Mapped[Any | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
    occurred_at: Mapped[datetime] = mapped_column(default=clock.now)
