"""One side table per concern; each field has one owner (reconciliation §3). Guardians are asked in a table beside."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import conv

from portal.kernel.columns import (
    Amount,
    Count,
    Json,
    JsonList,
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
from portal.people.connection_models import (
    CONNECTION_STEPS,
    ConnectionCategory,
    ConnectionStatus,
    UserBlock,
    UserConnection,
)
from portal.people.guardian_models import (
    CHANGE_STEPS,
    REQUEST_STEPS,
    ChangeStatus,
    GuardianChange,
    GuardianRequest,
    Relationship,
    RequestStatus,
)
from portal.people.paper_models import DOCUMENT_STEPS, DocumentStatus, DocumentType, IdentityDocument
from portal.people.place_models import AddressType, UserAddress, UserLocation

__all__ = [
    "CHANGE_STEPS",
    "CONNECTION_STEPS",
    "DOCUMENT_STEPS",
    "REQUEST_STEPS",
    "AddressType",
    "ChangeStatus",
    "ConnectionCategory",
    "ConnectionStatus",
    "DocumentStatus",
    "DocumentType",
    "GuardianChange",
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
