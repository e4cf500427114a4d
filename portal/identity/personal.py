"""What the doors hold of people (PRV-05)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import and_

from portal.identity import models
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.i18n import _
from portal.kernel.ids import random_code
from portal.kernel.personal import (
    Anew,
    Blank,
    Remove,
    Share,
    any_of,
    claimed_at,
    holds,
    open_matter,
    own,
    proved_at,
)
from portal.kernel.roles import ADMIN_ROLES

holds(
    models.User,
    {
        "email": "to sign in, and to reach the person",
        "phone": "to sign in, to reach the person, and to find them in a friend's address book",
        "username": "how the person is found",
        "password_hash": "to check the password without knowing it",
        "referral_code": "the person's own invitation link",
    },
    Share(
        "account",
        own(models.User.id),
        Blank(
            {
                "email": None,
                "phone": None,
                "username": None,
                "password_hash": None,
                "email_verified_at": None,
                "phone_verified_at": None,
                "last_login_at": None,
                "roles": ["user"],
                "duties": [],
                "referral_code": Anew(lambda: random_code(12)),
            }
        ),
        tells=(
            "id",
            "email",
            "phone",
            "username",
            "signup_provider",
            "roles",
            "duties",
            "status",
            "email_verified_at",
            "phone_verified_at",
            "referral_code",
            "referred_by",
            "trust_score",
            "trust_level",
            "last_login_at",
            "created_at",
        ),
        ties=True,
        traces=("username",),
    ),
    plain=("signup_provider", "roles", "duties", "trust_level"),
)
holds(
    models.AuthIdentity,
    {"provider_uid": "which address or foreign account signs in"},
    Share(
        "ways_to_sign_in",
        own(models.AuthIdentity.user_id),
        Remove(),
        tells=("provider", "provider_uid", "last_used_at", "created_at"),
    ),
)
holds(
    models.DeviceRegistration,
    {
        "name": "to tell devices apart in the list",
        "fingerprint": "to know a device again",
        "push_token": "to reach the device",
    },
    Share(
        "devices",
        own(models.DeviceRegistration.user_id),
        Remove(),
        tells=("name", "is_trusted", "last_seen_at", "created_at"),
    ),
)
holds(
    models.UserSession,
    {
        "token_hash": "to know a session again",
        "device_info": "to tell sessions apart in the list",
        "ip_address": "to see a stranger's sign-in",
    },
    Share(
        "sessions",
        own(models.UserSession.user_id),
        Remove(),
        tells=("device_info", "ip_address", "created_at", "last_seen_at", "expires_at", "revoked_at"),
    ),
)
holds(
    models.ActiveDay,
    {"day": "to see whether a friend who was invited has stayed"},
    Share("active_days", own(models.ActiveDay.user_id), Remove(), tells=("day",)),
)
holds(
    models.PendingSignIn,
    {"token_hash": "to go on with a sign-in that waits for its second step"},
    Share("waiting_sign_ins", own(models.PendingSignIn.user_id), Remove()),
)
holds(
    models.ContactChange,
    {
        "old_value": "to give an earlier address or number back, and to find what stands under it",
        "new_value": "which address or number followed it",
        "take_back_hash": "to know the link that takes a change back",
    },
    Share(
        "changed_contacts",
        own(models.ContactChange.user_id),
        Remove(),
        tells=("kind", "old_value", "new_value", "created_at", "taken_back_at"),
    ),
)
holds(
    models.Passkey,
    {
        "name": "to tell passkeys apart in the list",
        "credential_id": "to know a passkey again",
        "public_key": "to check what a passkey signs",
    },
    Share(
        "passkeys",
        own(models.Passkey.user_id),
        Remove(),
        tells=("name", "transports", "last_used_at", "created_at"),
    ),
    plain=("transports",),
)
holds(
    models.PasskeyChallenge,
    {},
    Share("passkey_questions", own(models.PasskeyChallenge.user_id), Remove()),
    plain=("challenge",),
)
holds(
    models.AdminSession,
    {
        "session_token_hash": "to know staff work again",
        "ip_address": "to see from where staff work is done",
        "user_agent": "to see with what staff work is done",
        "security_flags": "what was strange about staff work",
    },
    Share(
        "staff_sessions",
        own(models.AdminSession.user_id),
        Remove(),
        tells=("ip_address", "user_agent", "admin_level", "created_at", "terminated_at"),
    ),
    plain=("permissions_granted",),
)
holds(
    models.LoginAttempt,
    {
        "identifier": "to slow down those who guess",
        "ip_address": "to slow down those who guess",
        "user_agent": "to tell attempts apart",
    },
    Share(
        "sign_in_attempts",
        any_of(own(models.LoginAttempt.user_id), proved_at(models.LoginAttempt.identifier)),
        Remove(),
        tells=("identifier", "succeeded", "reason", "ip_address", "user_agent", "occurred_at"),
    ),
    Share("tries_with_claimed_addresses", claimed_at(models.LoginAttempt.identifier), Remove()),
    plain=("reason",),
)
holds(
    models.PasswordResetToken,
    {"token_hash": "to know a link to a new password again"},
    Share(
        "password_links",
        own(models.PasswordResetToken.user_id),
        Remove(),
        tells=("created_at", "expires_at", "used_at"),
    ),
)
holds(
    models.VerificationToken,
    {
        "target": "the address that a code or link was sent to",
        "token_hash": "to know a code or link again",
        "network_hash": "to count the codes that one network asks for",
    },
    Share(
        "codes_and_links",
        any_of(own(models.VerificationToken.user_id), proved_at(models.VerificationToken.target)),
        Remove(),
        tells=("channel", "purpose", "target", "created_at", "used_at"),
    ),
    Share(
        "used_up_codes_to_claimed_addresses",
        lambda person: and_(
            claimed_at(models.VerificationToken.target)(person),
            models.VerificationToken.expires_at <= clock.now(),
        ),
        Remove(),
    ),
)
holds(
    models.UserSecurity,
    {
        "mfa_secret": "to check the codes of an app",
        "recovery_codes": "to let in somebody who has lost the app",
    },
    Share(
        "security",
        own(models.UserSecurity.user_id),
        Remove(),
        tells=("failed_count", "last_failed_at", "locked_until", "mfa_enabled", "identity_verified_at"),
    ),
)
holds(
    models.SecurityEvent,
    {
        "details": "what happened to the safety of the account",
        "ip_address": "from where it happened",
    },
    Share(
        "security_events",
        own(models.SecurityEvent.user_id),
        Blank({"details": {}, "ip_address": None}),
        tells=("event_type", "severity", "details", "ip_address", "occurred_at"),
    ),
    plain=("event_type",),
)


@open_matter
def steers_the_portal(user_id: UUID) -> str | None:
    """Rights that somebody else has to take first, so that the trail says who took them and why."""
    user = db.session.get(models.User, user_id)
    if user is None or ADMIN_ROLES.isdisjoint(user.roles):
        return None
    return _("You are still an administrator. Please have your rights revoked first.")
