"""Accounts, ways to sign in, sessions and the records of the door."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, INET
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import conv
from sqlalchemy.types import Text

from portal.kernel import clock
from portal.kernel.columns import (
    Amount,
    Count,
    Created,
    Hash,
    Json,
    JsonList,
    Key,
    No,
    Stamped,
    Str20,
    Str50,
    Str100,
    Str255,
    one_of,
)
from portal.kernel.db import Base
from portal.kernel.sealing import Sealed
from portal.kernel.states import Machine


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


class DeviceRegistration(Stamped, Base):
    """A device a person has signed in from."""

    __tablename__ = "device_registrations"
    __table_args__ = (
        UniqueConstraint("user_id", "fingerprint"),
        Index(
            "uq_device_registrations_push_token",
            "push_token",
            unique=True,
            postgresql_where=text("push_token IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[Str100]
    fingerprint: Mapped[Str255]
    push_token: Mapped[str | None]
    is_trusted: Mapped[No]
    last_seen_at: Mapped[datetime] = mapped_column(default=clock.now)


class UserSession(Created, Base):
    """A live sign-in; only the hash of its token is kept (R-06)."""

    __tablename__ = "user_sessions"
    __table_args__ = (Index(None, "user_id"), Index(None, "expires_at"))

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    device_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("device_registrations.id", ondelete="SET NULL"), index=True
    )
    token_hash: Mapped[Hash] = mapped_column(unique=True)
    device_info: Mapped[Json]
    ip_address: Mapped[Any | None] = mapped_column(INET)
    last_seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None] = mapped_column(sort_order=100)
    revoked: Mapped[No]
    revoked_at: Mapped[datetime | None]


class ActiveDay(Base):
    """A platform day on which a person used the portal; what referrals count as activity (REF-20, G-06)."""

    __tablename__ = "user_active_days"
    __table_args__ = (UniqueConstraint("user_id", "day"), Index(None, "day"))

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    day: Mapped[date]


class PendingSignIn(Created, Base):
    """A sign-in that still waits for its second factor; only the hash of the browser's key to it is kept."""

    __tablename__ = "pending_sign_ins"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        Index(None, "user_id"),
        Index(None, "expires_at"),
    )

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    token_hash: Mapped[Hash] = mapped_column(unique=True)
    attempts: Mapped[Count]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Passkey(Created, Base):
    """A key that a device or a password manager holds for a person (WebAuthn)."""

    __tablename__ = "passkeys"
    __table_args__ = (
        CheckConstraint("sign_count >= 0", name="sign_count_not_negative"),
        Index(None, "user_id"),
    )

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[Str100]
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[Amount]
    transports: Mapped[JsonList]
    last_used_at: Mapped[datetime | None]


class PasskeyChallenge(Created, Base):
    """What a passkey has to sign, once and soon; without a person where anybody's passkey may answer."""

    __tablename__ = "passkey_challenges"
    __table_args__ = (Index(None, "user_id"), Index(None, "expires_at"))

    id: Mapped[Key]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    challenge: Mapped[bytes]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AdminLevel(StrEnum):
    """For which console a staff session was opened."""

    REGULAR = "regular"
    SUPER = "super"
    PARTNER = "partner"
    SPONSOR = "sponsor"


class TerminationReason(StrEnum):
    """How a staff session ended."""

    LOGOUT = "logout"
    TIMEOUT = "timeout"
    REVOKED = "revoked"


class AdminSession(Created, Base):
    """Staff work on top of a user session: short, watched, revocable."""

    __tablename__ = "admin_sessions"
    __table_args__ = (Index(None, "user_id"), Index(None, "expires_at"), Index(None, "user_session_id"))

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    user_session_id: Mapped[UUID] = mapped_column(ForeignKey("user_sessions.id", ondelete="CASCADE"))
    session_token_hash: Mapped[Hash] = mapped_column(unique=True)
    ip_address: Mapped[Any] = mapped_column(INET)
    user_agent: Mapped[str | None]
    admin_level: Mapped[AdminLevel] = mapped_column(one_of(AdminLevel, "admin_level"))
    permissions_granted: Mapped[JsonList]
    last_activity_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    terminated_at: Mapped[datetime | None]
    termination_reason: Mapped[TerminationReason | None] = mapped_column(
        one_of(TerminationReason, "termination_reason")
    )
    is_suspicious: Mapped[No]
    security_flags: Mapped[Json]
    looks_as: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True, sort_order=100
    )
    looks_until: Mapped[datetime | None] = mapped_column(sort_order=100)


class LoginAttempt(Base):
    """Every try at the door, with its result."""

    __tablename__ = "login_attempts"
    __table_args__ = (
        Index(None, "identifier", "occurred_at"),
        Index(None, "ip_address", "occurred_at"),
        Index(None, "user_id"),
    )

    id: Mapped[Key]
    identifier: Mapped[Str255]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    succeeded: Mapped[bool]
    reason: Mapped[Str50]
    ip_address: Mapped[Any | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
    occurred_at: Mapped[datetime] = mapped_column(default=clock.now)


class PasswordResetToken(Created, Base):
    """A single-use way to choose a new password."""

    __tablename__ = "password_reset_tokens"
    __table_args__ = (Index(None, "user_id"), Index(None, "expires_at"))

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    token_hash: Mapped[Hash] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class VerificationChannel(StrEnum):
    """How a code or link reaches the person."""

    EMAIL = "email"
    SMS = "sms"


class VerificationPurpose(StrEnum):
    """What a code or link proves when it comes back."""

    SIGN_IN = "sign_in"
    SIGN_UP = "sign_up"
    CONFIRM_CONTACT = "confirm_contact"
    UNLOCK = "unlock"
    CHANGE_CONTACT = "change_contact"


class VerificationToken(Created, Base):
    """A code or link sent to an address to prove that the person reads it (R-07, G-19)."""

    __tablename__ = "verification_tokens"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        Index(None, "target", "created_at"),
        Index(None, "user_id"),
    )

    id: Mapped[Key]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    channel: Mapped[VerificationChannel] = mapped_column(one_of(VerificationChannel, "channel"))
    purpose: Mapped[VerificationPurpose] = mapped_column(one_of(VerificationPurpose, "purpose"))
    target: Mapped[Str255]
    token_hash: Mapped[Hash] = mapped_column(unique=True)
    attempts: Mapped[Count]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ContactKind(StrEnum):
    """By what a person is reached."""

    EMAIL = "email"
    PHONE = "phone"


class ContactChange(Created, Base):
    """A changed e-mail address or number, which whoever reads the old one may take back for some days (ID-51)."""

    __tablename__ = "contact_changes"
    __table_args__ = (
        CheckConstraint(
            "(old_value IS NULL) = (take_back_hash IS NULL) AND (old_value IS NULL) = (take_back_until IS NULL)",
            name="old_one_may_take_back",
        ),
        Index(None, "user_id"),
        Index(None, "old_value"),
    )

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[ContactKind] = mapped_column(one_of(ContactKind, "kind"))
    old_value: Mapped[Str255 | None]
    new_value: Mapped[Str255]
    take_back_hash: Mapped[Hash | None] = mapped_column(unique=True)
    take_back_until: Mapped[datetime | None]
    taken_back_at: Mapped[datetime | None]


class UserSecurity(Stamped, Base):
    """Locks, second factor and the summary of identity checks of one person."""

    __tablename__ = "user_security"
    __table_args__ = (CheckConstraint("failed_count >= 0", name="failed_count_not_negative"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    failed_count: Mapped[Count]
    last_failed_at: Mapped[datetime | None]
    locked_until: Mapped[datetime | None]
    lock_count: Mapped[Count]
    mfa_enabled: Mapped[No]
    mfa_secret: Mapped[Sealed | None]
    mfa_last_step: Mapped[int | None] = mapped_column(BigInteger, sort_order=100)
    recovery_codes: Mapped[JsonList]
    identity_verified_at: Mapped[datetime | None]


class Severity(StrEnum):
    """How much a security event should worry."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class SecurityEvent(Base):
    """What a person should know about the safety of the account."""

    __tablename__ = "security_events"
    __table_args__ = (Index(None, "user_id", "occurred_at"), Index(None, "event_type", "occurred_at"))

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    event_type: Mapped[Str50]
    severity: Mapped[Severity] = mapped_column(one_of(Severity, "severity"))
    details: Mapped[Json]
    ip_address: Mapped[Any | None] = mapped_column(INET)
    occurred_at: Mapped[datetime] = mapped_column(default=clock.now)
