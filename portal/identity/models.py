"""Accounts and the ways to sign in to them; sessions and the records of the door stand beside, and are named here."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import conv
from sqlalchemy.types import Text

from portal.identity.door_models import (
    ContactChange,
    ContactKind,
    LoginAttempt,
    Passkey,
    PasskeyChallenge,
    PasswordResetToken,
    PendingSignIn,
    SecurityEvent,
    Severity,
    UserSecurity,
    VerificationChannel,
    VerificationPurpose,
    VerificationToken,
)
from portal.identity.session_models import (
    ActiveDay,
    AdminLevel,
    AdminSession,
    DeviceRegistration,
    TerminationReason,
    UserSession,
)
from portal.kernel.columns import (
    Key,
    Stamped,
    Str20,
    Str50,
    Str255,
    one_of,
)
from portal.kernel.db import Base
from portal.kernel.states import Machine

__all__ = [
    "USER_STEPS",
    "ActiveDay",
    "AdminLevel",
    "AdminSession",
    "AuthIdentity",
    "AuthProvider",
    "ContactChange",
    "ContactKind",
    "DeviceRegistration",
    "LoginAttempt",
    "Passkey",
    "PasskeyChallenge",
    "PasswordResetToken",
    "PendingSignIn",
    "SecurityEvent",
    "Severity",
    "TerminationReason",
    "User",
    "UserSecurity",
    "UserSession",
    "UserStatus",
    "VerificationChannel",
    "VerificationPurpose",
    "VerificationToken",
]


class UserStatus(StrEnum):
    """Whether an account lives (R-03)."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DEACTIVATED = "deactivated"
    PENDING_DELETION = "pending_deletion"
    ERASED = "erased"


USER_STEPS = Machine(
    "users",
    {
        UserStatus.ACTIVE: {
            UserStatus.SUSPENDED,
            UserStatus.DEACTIVATED,
            UserStatus.PENDING_DELETION,
        },
        UserStatus.SUSPENDED: {UserStatus.ACTIVE, UserStatus.PENDING_DELETION},
        UserStatus.DEACTIVATED: {UserStatus.ACTIVE, UserStatus.PENDING_DELETION},
        UserStatus.PENDING_DELETION: {UserStatus.ACTIVE, UserStatus.ERASED},
        UserStatus.ERASED: set(),
    },
)


class User(Stamped, Base):
    """An account: what sign-in, access, the referral tree and trust need, and nothing else (R-01)."""

    __tablename__ = "users"
    MACHINES: ClassVar = {"status": USER_STEPS}
    __table_args__ = (
        CheckConstraint(
            "status = 'erased' OR phone IS NOT NULL OR email IS NOT NULL", name=conv("check_contact_method")
        ),
        CheckConstraint("referred_by <> id", name="not_referred_by_self"),
        CheckConstraint(
            "roles <@ ARRAY['user','partner','admin','super_admin']::text[] AND cardinality(roles) >= 1",
            name="roles_known",
        ),
        CheckConstraint("duties <@ ARRAY['finance','operations','support']::text[]", name="duties_known"),
        CheckConstraint("trust_score BETWEEN 0 AND 100", name="trust_score_range"),
        Index("uq_users_email_lower", func.lower(text("email")), unique=True),
        Index("uq_users_username_lower", func.lower(text("username")), unique=True),
        Index("ix_users_email_active", "email", postgresql_where=text("status = 'active'")),
        Index(None, "roles", postgresql_using="gin"),
        Index(None, "status"),
        Index(None, "referred_by"),
        Index(None, "created_at"),
        Index(None, "trust_score"),
        Index(None, "trust_level"),
    )

    id: Mapped[Key]
    email: Mapped[Str255 | None]
    phone: Mapped[Str20 | None] = mapped_column(unique=True)
    username: Mapped[Str50 | None]
    password_hash: Mapped[Str255 | None]
    signup_provider: Mapped[Str50] = mapped_column(default="phone", server_default="phone")
    roles: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=lambda: ["user"], server_default=text("'{user}'")
    )
    status: Mapped[UserStatus] = mapped_column(
        one_of(UserStatus, "status"), default=UserStatus.ACTIVE, server_default="active"
    )
    email_verified_at: Mapped[datetime | None]
    phone_verified_at: Mapped[datetime | None]
    referral_code: Mapped[Str20] = mapped_column(unique=True)
    referred_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    trust_score: Mapped[Decimal] = mapped_column(Numeric(5, 2), default=0, server_default=text("0"))
    trust_level: Mapped[Str20] = mapped_column(default="starter", server_default="starter")
    last_login_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    duties: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=list, server_default=text("'{}'::text[]"), sort_order=100
    )


class AuthProvider(StrEnum):
    """The ways to sign in (R-05)."""

    PHONE = "phone"
    EMAIL = "email"
    GOOGLE = "google"
    APPLE = "apple"
    FACEBOOK = "facebook"


class AuthIdentity(Stamped, Base):
    """One way a person signs in."""

    __tablename__ = "auth_identities"
    __table_args__ = (
        UniqueConstraint("provider", "provider_uid"),
        UniqueConstraint("user_id", "provider"),
    )

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    provider: Mapped[AuthProvider] = mapped_column(one_of(AuthProvider, "provider"))
    provider_uid: Mapped[Str255]
    last_used_at: Mapped[datetime | None]
