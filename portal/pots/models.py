"""Pots, their invitations, and the snapshots that count them; the gifts to them stand beside, and are named here."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import conv

from portal.kernel import clock
from portal.kernel.columns import Amount, Count, Key, Minor, Ratio, Stamped, Str3, Str50, Str255, Yes, one_of
from portal.kernel.db import Base
from portal.kernel.states import Machine
from portal.pots.gift_models import DONATION_STEPS, Donation, DonationAnalytics, DonationStatus, PeriodType

__all__ = [
    "DONATION_STEPS",
    "POT_STEPS",
    "Donation",
    "DonationAnalytics",
    "DonationStatus",
    "Outcome",
    "PeriodType",
    "Pot",
    "PotAnalytics",
    "PotInvitation",
    "PotStatus",
    "ShareMethod",
    "Visibility",
]


class PotStatus(StrEnum):
    """The life of a pot (POT-06)."""

    SCHEDULED = "scheduled"
    OPEN = "open"
    FUNDED = "funded"
    EXPIRED = "expired"
    CLOSED = "closed"


class Visibility(StrEnum):
    """Who finds the pot: those with the link, everyone, or the owner's connections."""

    PRIVATE = "private"
    PUBLIC = "public"
    FRIENDS_ONLY = "friends_only"


POT_STEPS = Machine(
    "pots",
    {
        PotStatus.SCHEDULED: {PotStatus.OPEN, PotStatus.CLOSED},
        PotStatus.OPEN: {PotStatus.FUNDED, PotStatus.EXPIRED, PotStatus.CLOSED},
        PotStatus.FUNDED: {PotStatus.OPEN, PotStatus.CLOSED},
        PotStatus.EXPIRED: {PotStatus.CLOSED},
        PotStatus.CLOSED: set(),
    },
)


class Outcome(StrEnum):
    """What became of an ended pot and its money (G-10 to G-13)."""

    FUNDED = "funded"
    PACK = "pack"
    WALLET = "wallet"
    REFUNDED = "refunded"
    CANCELED = "canceled"
    EMPTY = "empty"


class Pot(Stamped, Base):
    """A birthday pot. `raised_minor` and the counts are caches written with the posting they count."""

    __tablename__ = "pots"
    MACHINES: ClassVar = {"status": POT_STEPS}
    __table_args__ = (
        CheckConstraint("target_amount_minor > 0", name="target_positive"),
        CheckConstraint("currency = 'XOF'", name="currency_xof"),
        CheckConstraint("preferred_price_minor > 0", name="preferred_price_positive"),
        CheckConstraint("raised_minor >= 0 AND credited_minor >= 0", name="raised_not_negative"),
        CheckConstraint(
            "donor_count >= 0 AND view_count >= 0 AND share_count >= 0", name="counts_not_negative"
        ),
        CheckConstraint("btrim(title) <> ''", name="title_present"),
        CheckConstraint(
            "scheduled_open_at <= ((birthday_date - 1)::timestamp AT TIME ZONE 'Africa/Dakar')",
            name=conv("check_open_before_birthday"),
        ),
        UniqueConstraint("created_from_referral_id"),
        Index(None, "owner_user_id"),
        Index(None, "status", "birthday_date"),
        Index(None, "birthday_date"),
        Index(None, "scheduled_open_at"),
        Index("ix_pots_to_open", "scheduled_open_at", postgresql_where=text("status = 'scheduled'")),
        Index("ix_pots_to_choose", "choose_until", postgresql_where=text("choose_until IS NOT NULL")),
        Index(
            "uq_pots_live_birthday",
            "owner_user_id",
            "birthday_date",
            unique=True,
            postgresql_where=text("status <> 'closed'"),
        ),
        Index(None, "created_at", "id"),
        Index(None, "preferred_pack_id"),
        Index(None, "cover_file_id"),
    )

    id: Mapped[Key]
    owner_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    public_slug: Mapped[Str50] = mapped_column(unique=True)
    title: Mapped[Str255]
    description: Mapped[str | None]
    target_amount_minor: Mapped[Minor]
    currency: Mapped[Str3] = mapped_column(default="XOF", server_default="XOF")
    birthday_date: Mapped[date]
    scheduled_open_at: Mapped[datetime]
    actual_opened_at: Mapped[datetime | None]
    funded_at: Mapped[datetime | None]
    expired_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    status: Mapped[PotStatus] = mapped_column(
        one_of(PotStatus, "status"), default=PotStatus.SCHEDULED, server_default="scheduled"
    )
    visibility: Mapped[Visibility] = mapped_column(
        one_of(Visibility, "visibility"), default=Visibility.PRIVATE, server_default="private"
    )
    preferred_pack_id: Mapped[UUID | None] = mapped_column(ForeignKey("packs.id"))
    # What it cost when the owner wished for it: nobody else decides what the pot pays by itself. (A column that
    # a migration adds stands last, here too.)
    preferred_price_minor: Mapped[Minor | None] = mapped_column(sort_order=100)
    # Until when the owner may still choose a pack after the birthday (G-10, G-11); empty when settled.
    choose_until: Mapped[datetime | None]
    outcome: Mapped[Str50 | None]
    allow_anonymous_donations: Mapped[Yes]
    show_donor_names: Mapped[Yes]
    enable_messages: Mapped[Yes]
    raised_minor: Mapped[Amount]
    # Points that sponsors converted into this pot; money of the house, so no part of what was raised.
    credited_minor: Mapped[Amount]
    donor_count: Mapped[Count]
    share_count: Mapped[Count]
    view_count: Mapped[Count]
    cover_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"))
    gallery_file_ids: Mapped[list[UUID]] = mapped_column(
        ARRAY(Uuid), default=list, server_default=text("'{}'")
    )
    created_from_referral_id: Mapped[UUID | None] = mapped_column(ForeignKey("referrals.id"))

    @property
    def collected_minor(self) -> int:
        """What counts towards the target: gifts and converted points, in XOF."""
        return self.raised_minor + self.credited_minor


class ShareMethod(StrEnum):
    """How a pot is passed on."""

    WHATSAPP = "whatsapp"
    SMS = "sms"
    EMAIL = "email"
    SOCIAL = "social"


class PotInvitation(Stamped, Base):
    """One share of a pot with one person or place, and whether it was opened."""

    __tablename__ = "pot_invitations"
    __table_args__ = (Index(None, "pot_id", "sent_at"), Index(None, "inviter_user_id"))

    id: Mapped[Key]
    pot_id: Mapped[UUID] = mapped_column(ForeignKey("pots.id", ondelete="CASCADE"))
    inviter_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    method: Mapped[ShareMethod] = mapped_column(one_of(ShareMethod, "method"))
    recipient_identifier: Mapped[Str255]
    custom_message: Mapped[str | None]
    tracking_token: Mapped[Str50] = mapped_column(unique=True)
    sent_at: Mapped[datetime] = mapped_column(default=clock.now)
    opened_at: Mapped[datetime | None]
    clicked_at: Mapped[datetime | None]


class PotAnalytics(Stamped, Base):
    """A pot at the end of a day."""

    __tablename__ = "pot_analytics"
    __table_args__ = (
        UniqueConstraint("pot_id", "snapshot_date"),
        CheckConstraint(
            "total_raised_minor >= 0 AND donor_count >= 0 AND donation_count >= 0"
            " AND view_count >= 0 AND share_count >= 0",
            name="counts_not_negative",
        ),
    )

    id: Mapped[Key]
    pot_id: Mapped[UUID] = mapped_column(ForeignKey("pots.id", ondelete="CASCADE"))
    snapshot_date: Mapped[date]
    total_raised_minor: Mapped[Amount]
    donor_count: Mapped[Count]
    donation_count: Mapped[Count]
    view_count: Mapped[Count]
    share_count: Mapped[Count]
    conversion_rate: Mapped[Ratio] = mapped_column(default=Decimal(0), server_default=text("0"))
