"""What stands between a try and an open door: second steps, codes and links, tries, and what the holder should know."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

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
    Str50,
    Str100,
    Str255,
    one_of,
)
from portal.kernel.db import Base
from portal.kernel.sealing import Sealed


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
    FORGET_GIFTS = "forget_gifts"


class VerificationToken(Created, Base):
    """A code or link sent to an address to prove that the person reads it (R-07, G-19)."""

    __tablename__ = "verification_tokens"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        Index(None, "target", "created_at"),
        Index(None, "user_id"),
        Index(None, "created_at"),
        Index(None, "device_id"),
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
    # The device from which the number's holder has asked; empty for everybody else.
    device_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("device_registrations.id", ondelete="SET NULL"), sort_order=100
    )
    # From which network a code by SMS was asked for, as a keyed hash.
    network_hash: Mapped[Hash | None] = mapped_column(sort_order=100)


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
    old_is_proved: Mapped[No] = mapped_column(sort_order=100)
    # When whoever changed it had come in; empty for changes from before it was kept.
    session_began_at: Mapped[datetime | None] = mapped_column(sort_order=100)


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
