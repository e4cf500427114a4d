"""What was begun and not finished: whoever began it before a new password must not finish it after (ASVS 6.4.3)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update

from portal.identity.models import (
    PasswordResetToken,
    PendingSignIn,
    UserSecurity,
    VerificationPurpose,
    VerificationToken,
)
from portal.kernel import clock
from portal.kernel.db import db


def end_reset_links(user_id: UUID) -> None:
    """New-password links that are on their way to an address work no more."""
    db.session.execute(
        update(PasswordResetToken)
        .where(PasswordResetToken.user_id == user_id, PasswordResetToken.used_at.is_(None))
        .values(used_at=clock.now())
    )


def forget_waiting_app(user_id: UUID) -> None:
    """The secret of an app that never showed its first code is nobody's second step any more."""
    db.session.execute(
        update(UserSecurity)
        .where(
            UserSecurity.user_id == user_id,
            UserSecurity.mfa_enabled.is_(False),
            UserSecurity.mfa_secret.is_not(None),
        )
        .values(mfa_secret=None)
    )


def end_loose_ends(user_id: UUID) -> None:
    """Links for a new password or address, sign-ins between two steps and waiting apps lead nowhere."""
    end_reset_links(user_id)
    forget_waiting_app(user_id)
    moment = clock.now()
    db.session.execute(
        update(PendingSignIn)
        .where(PendingSignIn.user_id == user_id, PendingSignIn.used_at.is_(None))
        .values(used_at=moment)
    )
    db.session.execute(
        update(VerificationToken)
        .where(
            VerificationToken.user_id == user_id,
            VerificationToken.purpose == VerificationPurpose.CHANGE_CONTACT,
            VerificationToken.used_at.is_(None),
        )
        .values(used_at=moment)
    )
