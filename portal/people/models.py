"""One side table per concern; each field has one owner (reconciliation §3). Guardians are asked in a table beside."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import conv

from portal.kernel.columns import (
    Amount,
    Count,
    Json,
    JsonList,
    Key,
    No,
    Stamped,
    Str3,
    Str10,
    Str50,
    Str100,
    Str255,
    Yes,
    one_of,
)
from portal.kernel.db import Base
from portal.kernel.sealing import Sealed, looked_up_by
from portal.kernel.states import Machine
from portal.people.guardian_models import (
    REQUEST_STEPS,
    GuardianRequest,
    Relationship,
    RequestStatus,
)

__all__ = [
    "CONNECTION_STEPS",
    "DOCUMENT_STEPS",
    "REQUEST_STEPS",
    "AddressType",
    "ConnectionCategory",
    "ConnectionStatus",
    "DocumentStatus",
    "DocumentType",
    "GuardianRequest",
    "HostType",
    "IdentityDocument",
    "Profile",
    "ProfileCompletion",
    "Relationship",
    "RequestStatus",
    "Theme",
    "UserAddress",
    "UserBlock",
    "UserConnection",
    "UserLocation",
    "UserMetadata",
    "UserPreferences",
    "UserPrivacy",
    "UserServiceProfile",
]


class Profile(Stamped, Base):
    """Names, birthday, picture, and for a minor the guardian."""

    __tablename__ = "profiles"
    __table_args__ = (
        # The day of the check only ever loosens the rule, so rows once written stay valid (M-05).
        CheckConstraint(
            "date_of_birth IS NULL OR date_of_birth <= (CURRENT_DATE - INTERVAL '18 years')"
            " OR (guardian_user_id IS NOT NULL AND relationship_type IS NOT NULL)",
            name=conv("check_minor_has_guardian"),
        ),
        CheckConstraint("guardian_user_id <> user_id", name="not_own_guardian"),
        CheckConstraint(
            "guardian_confirmed_at IS NULL OR guardian_refused_at IS NULL", name="one_guardian_answer"
        ),
        CheckConstraint("date_of_birth > DATE '1900-01-01'", name="date_of_birth_sane"),
        CheckConstraint("btrim(full_name) <> ''", name="full_name_present"),
        # Who is only asked stands in `guardian_requests`: a profile names nobody who has not said yes.
        CheckConstraint(
            "guardian_user_id IS NULL OR guardian_confirmed_at IS NOT NULL OR guardian_refused_at IS NOT NULL",
            name="guardian_has_answered",
        ),
        Index(None, "date_of_birth"),
        Index(
            "ix_profiles_guardian_user_id",
            "guardian_user_id",
            postgresql_where=text("guardian_user_id IS NOT NULL"),
        ),
        Index(
            "ix_profiles_stated_birthday",
            "stated_birthday",
            postgresql_where=text("stated_birthday IS NOT NULL"),
        ),
        Index(None, "interests", postgresql_using="gin"),
        Index(None, "avatar_file_id"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    full_name: Mapped[Str255]
    display_name: Mapped[Str100 | None]
    date_of_birth: Mapped[date | None]
    bio: Mapped[str | None]
    avatar_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"))
    interests: Mapped[JsonList]
    social_handles: Mapped[Json]
    demographics: Mapped[Json]
    guardian_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    relationship_type: Mapped[Relationship | None] = mapped_column(one_of(Relationship, "relationship_type"))
    guardian_confirmed_at: Mapped[datetime | None]
    # Stepping back keeps the link until somebody else agrees: a minor's birthday never stands without one.
    guardian_refused_at: Mapped[datetime | None]
    # What somebody under 18 has said, while no guardian has agreed: it holds until staff correct it.
    stated_birthday: Mapped[date | None] = mapped_column(sort_order=100)

    @property
    def said_birthday(self) -> date | None:
        """The day of birth that is kept, else the one that a minor has said."""
        return self.date_of_birth or self.stated_birthday

    @property
    def first_name(self) -> str:
        """The name a stranger at a till may see."""
        return self.full_name.split()[0]


class DocumentType(StrEnum):
    """Papers that prove who somebody is."""

    PASSPORT = "passport"
    NATIONAL_ID = "national_id"
    BIRTH_CERTIFICATE = "birth_certificate"


class DocumentStatus(StrEnum):
    """What was decided about a paper."""

    PENDING = "pending"
    VERIFIED = "verified"
    REJECTED = "rejected"
    EXPIRED = "expired"


DOCUMENT_STEPS = Machine(
    "identity_documents",
    {
        DocumentStatus.PENDING: {DocumentStatus.VERIFIED, DocumentStatus.REJECTED},
        DocumentStatus.VERIFIED: {DocumentStatus.EXPIRED, DocumentStatus.REJECTED},
        DocumentStatus.REJECTED: set(),
        DocumentStatus.EXPIRED: set(),
    },
)


class IdentityDocument(Stamped, Base):
    """One paper: number encrypted and hashed, file, decision (R-09)."""

    __tablename__ = "identity_documents"
    MACHINES: ClassVar = {"status": DOCUMENT_STEPS}
    __table_args__ = (
        Index(
            "uq_identity_documents_verified",
            "id_hash",
            unique=True,
            postgresql_where=text("status = 'verified'"),
        ),
        Index(None, "status", "created_at"),
        Index(None, "user_id"),
        Index(None, "file_id"),
        Index(None, "verified_by"),
    )

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    id_type: Mapped[DocumentType] = mapped_column(one_of(DocumentType, "id_type"))
    id_country: Mapped[Str3] = mapped_column(default="SEN", server_default="SEN")
    id_number_encrypted: Mapped[Sealed | None]
    id_hash: Mapped[Str255] = mapped_column(info=looked_up_by("id_number_encrypted", "id_country", "id_type"))
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"))
    status: Mapped[DocumentStatus] = mapped_column(
        one_of(DocumentStatus, "status"), default=DocumentStatus.PENDING, server_default="pending"
    )
    reason: Mapped[str | None]
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    # When somebody said yes or no: from then on the file is kept for as long as the operator says.
    decided_at: Mapped[datetime | None] = mapped_column(sort_order=100)


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


class Theme(StrEnum):
    """Light, dark, or as the device says."""

    LIGHT = "light"
    DARK = "dark"
    SYSTEM = "system"


class UserPreferences(Stamped, Base):
    """How the portal speaks to this person (R-10)."""

    __tablename__ = "user_preferences"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    locale: Mapped[Str10] = mapped_column(default="fr-SN", server_default="fr-SN")
    timezone: Mapped[Str50] = mapped_column(default="Africa/Dakar", server_default="Africa/Dakar")
    currency: Mapped[Str3] = mapped_column(default="XOF", server_default="XOF")
    theme: Mapped[Theme] = mapped_column(
        one_of(Theme, "theme"), default=Theme.SYSTEM, server_default="system"
    )
    calendar_token_hash: Mapped[Str255 | None] = mapped_column(unique=True)


class UserPrivacy(Stamped, Base):
    """What others may see, and who may write (R-13)."""

    __tablename__ = "user_privacy"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    profile_visible: Mapped[Yes]
    share_referral_stats: Mapped[Yes]
    allow_contact_by_sponsors: Mapped[Yes]
    share_birthday: Mapped[No] = mapped_column(sort_order=100)


class UserMetadata(Stamped, Base):
    """Where the person came from and what staff noted; seen by admins only."""

    __tablename__ = "user_metadata"
    __table_args__ = (
        CheckConstraint("lifetime_value_minor >= 0", name="lifetime_value_not_negative"),
        Index(None, "first_source"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    first_source: Mapped[Str100 | None]
    attribution: Mapped[Json]
    admin_notes: Mapped[str | None]
    lifetime_value_minor: Mapped[Amount]


class HostType(StrEnum):
    """What somebody does for guests and travellers."""

    HOST = "host"
    GUIDE = "guide"
    TUTOR = "tutor"
    DRIVER = "driver"
    OTHER = "other"


class UserServiceProfile(Stamped, Base):
    """What a person offers as host or guide, and whether they are free (PPL-38)."""

    __tablename__ = "user_service_profiles"
    __table_args__ = (Index(None, "is_available"), Index(None, "partner_id"))

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partners.id"))
    host_type: Mapped[HostType] = mapped_column(one_of(HostType, "host_type"))
    about: Mapped[str]
    spoken_languages: Mapped[JsonList]
    is_available: Mapped[No]


class ProfileCompletion(Stamped, Base):
    """How complete a profile is and what is missing."""

    __tablename__ = "profile_completion_status"
    __table_args__ = (CheckConstraint("percent BETWEEN 0 AND 100", name="percent_range"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    percent: Mapped[Count]
    done: Mapped[JsonList]
    missing: Mapped[JsonList]
    badges: Mapped[JsonList]


class ConnectionStatus(StrEnum):
    """How far two people are connected."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELED = "canceled"
    REMOVED = "removed"


CONNECTION_STEPS = Machine(
    "user_connections",
    {
        ConnectionStatus.PENDING: {
            ConnectionStatus.ACCEPTED,
            ConnectionStatus.DECLINED,
            ConnectionStatus.CANCELED,
        },
        ConnectionStatus.ACCEPTED: {ConnectionStatus.REMOVED},
        ConnectionStatus.REMOVED: {ConnectionStatus.PENDING},
        ConnectionStatus.DECLINED: set(),
        ConnectionStatus.CANCELED: set(),
    },
)


class ConnectionCategory(StrEnum):
    """What connects two people."""

    PROFESSIONAL = "professional"
    MENTOR = "mentor"
    TRAVEL = "travel"
    FAMILY = "family"


class UserConnection(Stamped, Base):
    """Two people who know each other; accepted means friends (R-53)."""

    __tablename__ = "user_connections"
    MACHINES: ClassVar = {"status": CONNECTION_STEPS}
    __table_args__ = (
        CheckConstraint("requester_user_id <> addressee_user_id", name="two_people"),
        CheckConstraint("trust_strength BETWEEN 0 AND 100", name="trust_strength_range"),
        Index(
            "uq_user_connections_pair",
            text("LEAST(requester_user_id, addressee_user_id)"),
            text("GREATEST(requester_user_id, addressee_user_id)"),
            unique=True,
        ),
        Index(None, "requester_user_id"),
        Index(None, "addressee_user_id"),
        Index(None, "status"),
        Index(None, "trust_strength"),
        Index(None, "relationship_category"),
    )

    id: Mapped[Key]
    requester_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    addressee_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    status: Mapped[ConnectionStatus] = mapped_column(
        one_of(ConnectionStatus, "status"), default=ConnectionStatus.PENDING, server_default="pending"
    )
    relationship_category: Mapped[ConnectionCategory | None] = mapped_column(
        one_of(ConnectionCategory, "relationship_category")
    )
    trust_strength: Mapped[Count]
    message: Mapped[str | None]
    responded_at: Mapped[datetime | None]


class UserBlock(Stamped, Base):
    """Who wants nothing to do with whom; wins over everything."""

    __tablename__ = "user_blocks"
    __table_args__ = (
        CheckConstraint("blocker_user_id <> blocked_user_id", name="two_people"),
        Index(None, "blocked_user_id"),
    )

    blocker_user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    blocked_user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
