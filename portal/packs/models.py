"""Packs: what a partner offers for the money of a pot."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from portal.kernel.columns import Count, Key, Minor, Stamped, Str3, Str100, Str255, Yes, one_of
from portal.kernel.db import Base


class PackCategory(StrEnum):
    """What kind of evening a pack is."""

    CINEMA = "cinema"
    RESTAURANT = "restaurant"
    SPA = "spa"
    EXPERIENCE = "experience"


class Pack(Stamped, Base):
    """A reward of one partner at one price, for a time, in a limited or unlimited number.

    `quantity_taken` counts the codes issued and not given back; the CHECK keeps the last one single.
    """

    __tablename__ = "packs"
    __table_args__ = (
        CheckConstraint("base_price_minor > 0", name="base_price_positive"),
        CheckConstraint(
            "discounted_price_minor IS NULL"
            " OR (discounted_price_minor > 0 AND discounted_price_minor <= base_price_minor)",
            name="discount_below_base",
        ),
        CheckConstraint("currency = 'XOF'", name="currency_xof"),
        CheckConstraint("available_until >= available_from", name="window_forward"),
        CheckConstraint("validity_days > 0", name="validity_positive"),
        CheckConstraint("max_redemptions_per_user >= 1", name="max_redemptions_positive"),
        CheckConstraint(
            "quantity_taken >= 0"
            " AND (total_available_quantity IS NULL OR quantity_taken <= total_available_quantity)",
            name="stock_not_oversold",
        ),
        CheckConstraint("btrim(name) <> ''", name="name_present"),
        Index(None, "category", "is_active"),
        Index(None, "partner_id"),
        Index(None, "image_file_id"),
        Index(None, "marketing_tags", postgresql_using="gin"),
    )

    id: Mapped[Key]
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"))
    name: Mapped[Str255]
    slug: Mapped[Str100] = mapped_column(unique=True)
    description: Mapped[str]
    category: Mapped[PackCategory] = mapped_column(one_of(PackCategory, "category"))
    base_price_minor: Mapped[Minor]
    discounted_price_minor: Mapped[Minor | None]
    currency: Mapped[Str3] = mapped_column(default="XOF", server_default="XOF")
    is_active: Mapped[Yes]
    available_from: Mapped[datetime | None]
    available_until: Mapped[datetime | None]
    max_redemptions_per_user: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    total_available_quantity: Mapped[int | None]
    quantity_taken: Mapped[Count]
    image_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"))
    gallery_file_ids: Mapped[list[UUID]] = mapped_column(
        ARRAY(Uuid), default=list, server_default=text("'{}'")
    )
    # Empty means every venue of the partner.
    venue_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default=text("'{}'"))
    terms_and_conditions: Mapped[str | None]
    redemption_instructions: Mapped[str | None]
    validity_days: Mapped[int] = mapped_column(default=90, server_default=text("90"))
    seo_title: Mapped[Str255 | None]
    seo_description: Mapped[str | None]
    marketing_tags: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default=text("'{}'"))

    @property
    def price_minor(self) -> int:
        """What the pack costs now, in XOF."""
        return self.discounted_price_minor or self.base_price_minor
