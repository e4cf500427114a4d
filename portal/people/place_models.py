"""Where people live and where their parcels go."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.columns import (
    Key,
    No,
    Stamped,
    Str3,
    Str10,
    Str100,
    Str255,
    one_of,
)
from portal.kernel.db import Base


class AddressType(StrEnum):
    """What an address is for."""

    PRIMARY = "primary"
    BILLING = "billing"
    DELIVERY = "delivery"


class UserAddress(Stamped, Base):
    """A postal address."""

    __tablename__ = "user_addresses"
    __table_args__ = (
        Index(None, "user_id"),
        Index(
            "uq_user_addresses_default",
            "user_id",
            "type",
            unique=True,
            postgresql_where=text("is_default"),
        ),
    )

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    type: Mapped[AddressType] = mapped_column(
        one_of(AddressType, "type"), default=AddressType.PRIMARY, server_default="primary"
    )
    street: Mapped[Str255]
    city: Mapped[Str100]
    region: Mapped[Str100 | None]
    department: Mapped[Str100 | None] = mapped_column(sort_order=100)
    country: Mapped[Str3] = mapped_column(default="SEN", server_default="SEN")
    postal_code: Mapped[Str10 | None]
    is_default: Mapped[No]


class UserLocation(Stamped, Base):
    """Where the person is; matching and targeting read this (R-15)."""

    __tablename__ = "user_locations"
    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_range"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_range"),
        Index(None, "country", "region", "city"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    country: Mapped[Str3] = mapped_column(default="SEN", server_default="SEN")
    region: Mapped[Str100 | None]
    department: Mapped[Str100 | None] = mapped_column(sort_order=100)
    city: Mapped[Str100 | None]
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(8, 5))
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(8, 5))
