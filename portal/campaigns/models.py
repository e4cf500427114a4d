"""Referral campaigns of the platform, and companies that pay to multiply points (R-30)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.columns import (
    Amount,
    Count,
    Json,
    Key,
    Minor,
    Multiplier,
    Stamped,
    Str50,
    Str255,
    one_of,
)
from portal.kernel.db import Base
from portal.kernel.roles import CompanyRole
from portal.kernel.states import Machine


class ReferralCampaignStatus(StrEnum):
    """The life of a platform campaign."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


REFERRAL_CAMPAIGN_STEPS = Machine(
    "referral_campaigns",
    {
        ReferralCampaignStatus.DRAFT: {ReferralCampaignStatus.ACTIVE},
        ReferralCampaignStatus.ACTIVE: {ReferralCampaignStatus.PAUSED, ReferralCampaignStatus.ENDED},
        ReferralCampaignStatus.PAUSED: {ReferralCampaignStatus.ACTIVE, ReferralCampaignStatus.ENDED},
        ReferralCampaignStatus.ENDED: set(),
    },
)


_SIDES = ("referrer", "referee")


def whole_points(reward: str) -> str:
    """The condition that a reward's points, if it has any, are a whole number which is not negative."""
    points = f"{reward} -> 'points'"
    return (
        f"{points} IS NULL OR jsonb_typeof({points}) = 'number' "
        f"AND ({points})::numeric BETWEEN 0 AND 1000000 AND ({points})::numeric % 1 = 0"
    )


class ReferralCampaign(Stamped, Base):
    """Rewards for both sides of a referral, for a time, a number of uses, and some people."""

    __tablename__ = "referral_campaigns"
    MACHINES: ClassVar = {"status": REFERRAL_CAMPAIGN_STEPS}
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="window_forward"),
        *(CheckConstraint(whole_points(f"{side}_reward"), name=f"{side}_points_whole") for side in _SIDES),
        CheckConstraint("uses >= 0 AND (max_uses IS NULL OR uses <= max_uses)", name="uses_within_limit"),
        Index(None, "status", "starts_at"),
    )

    id: Mapped[Key]
    key: Mapped[Str50] = mapped_column(unique=True)
    name: Mapped[Str255]
    description: Mapped[str | None]
    referrer_reward: Mapped[Json]
    referee_reward: Mapped[Json]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    max_uses: Mapped[int | None]
    uses: Mapped[Count]
    target_segments: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default=text("'{}'"))
    target_countries: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=list, server_default=text("'{}'")
    )
    status: Mapped[ReferralCampaignStatus] = mapped_column(
        one_of(ReferralCampaignStatus, "status"),
        default=ReferralCampaignStatus.DRAFT,
        server_default="draft",
    )


class CompanyStatus(StrEnum):
    """Whether a company may run boosts."""

    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"


COMPANY_STEPS = Machine(
    "sponsor_companies",
    {
        CompanyStatus.PENDING: {CompanyStatus.ACTIVE, CompanyStatus.SUSPENDED},
        CompanyStatus.ACTIVE: {CompanyStatus.SUSPENDED},
        CompanyStatus.SUSPENDED: {CompanyStatus.ACTIVE},
    },
)


class SponsorCompany(Stamped, Base):
    """A company that pays for boosts (R-24)."""

    __tablename__ = "sponsor_companies"
    MACHINES: ClassVar = {"status": COMPANY_STEPS}
    __table_args__ = (Index("uq_sponsor_companies_name", func.lower(text("name")), unique=True),)

    id: Mapped[Key]
    name: Mapped[Str255]
    contact_email: Mapped[Str255 | None]
    status: Mapped[CompanyStatus] = mapped_column(
        one_of(CompanyStatus, "status"), default=CompanyStatus.PENDING, server_default="pending"
    )


class SponsorCompanyMember(Stamped, Base):
    """A person who works for a sponsor company."""

    __tablename__ = "sponsor_company_members"
    __table_args__ = (UniqueConstraint("company_id", "user_id"), Index(None, "user_id"))

    id: Mapped[Key]
    company_id: Mapped[UUID] = mapped_column(ForeignKey("sponsor_companies.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    role: Mapped[CompanyRole] = mapped_column(one_of(CompanyRole, "role"))


class SponsorCampaignStatus(StrEnum):
    """The life of a boost (SPC-07)."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"


SPONSOR_CAMPAIGN_STEPS = Machine(
    "sponsor_campaigns",
    {
        SponsorCampaignStatus.DRAFT: {SponsorCampaignStatus.ACTIVE},
        SponsorCampaignStatus.ACTIVE: {SponsorCampaignStatus.PAUSED, SponsorCampaignStatus.COMPLETED},
        SponsorCampaignStatus.PAUSED: {SponsorCampaignStatus.ACTIVE, SponsorCampaignStatus.COMPLETED},
        SponsorCampaignStatus.COMPLETED: set(),
    },
)


class SponsorCampaign(Stamped, Base):
    """A boost: points multiplied for some people, paid from the company's budget."""

    __tablename__ = "sponsor_campaigns"
    MACHINES: ClassVar = {"status": SPONSOR_CAMPAIGN_STEPS}
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="window_forward"),
        CheckConstraint("points_multiplier BETWEEN 1.00 AND 9.99", name="points_multiplier_range"),
        CheckConstraint("budget_minor > 0", name="budget_positive"),
        CheckConstraint("spent_minor BETWEEN 0 AND budget_minor", name="spent_within_budget"),
        CheckConstraint("impressions >= 0 AND clicks >= 0 AND conversions >= 0", name="counts_not_negative"),
        Index(None, "company_id"),
        Index(None, "status", "starts_at", "ends_at"),
        Index(None, "pack_categories", postgresql_using="gin"),
    )

    id: Mapped[Key]
    company_id: Mapped[UUID] = mapped_column(ForeignKey("sponsor_companies.id"))
    campaign_name: Mapped[Str255]
    description: Mapped[str | None]
    target_demographics: Mapped[Json]
    pack_categories: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default=text("'{}'"))
    points_multiplier: Mapped[Multiplier] = mapped_column(default=Decimal("1.5"), server_default=text("1.5"))
    budget_minor: Mapped[Minor]
    spent_minor: Mapped[Amount]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    status: Mapped[SponsorCampaignStatus] = mapped_column(
        one_of(SponsorCampaignStatus, "status"),
        default=SponsorCampaignStatus.DRAFT,
        server_default="draft",
    )
    impressions: Mapped[Count]
    clicks: Mapped[Count]
    conversions: Mapped[Count]
