"""Who a message is for: a person with an account and preferences, or a guest with an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select

from portal.consent.models import ConsentPurpose
from portal.consent.services import consents_of
from portal.identity.models import User
from portal.kernel.clock import PLATFORM_ZONE
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.i18n import DEFAULT_LANGUAGE, language_of
from portal.notifications.models import Category, Channel, NotificationPreferences
from portal.people.models import UserPreferences

#: What has to be agreed to before offers go out on a channel (R-59).
OFFERS = {
    Channel.EMAIL: ConsentPurpose.MARKETING_EMAIL,
    Channel.SMS: ConsentPurpose.MARKETING_SMS,
    Channel.WHATSAPP: ConsentPurpose.MARKETING_WHATSAPP,
    Channel.PUSH: ConsentPurpose.MARKETING_PUSH,
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person, where to reach them, and what they want; a guest has no account and no preferences."""

    user_id: UUID | None
    language: str = DEFAULT_LANGUAGE
    zone: ZoneInfo = PLATFORM_ZONE
    addresses: Mapping[Channel, str] = field(default_factory=dict)
    preferences: NotificationPreferences = field(default_factory=lambda: default_preferences())
    # On which channels the person agreed to offers; asked for with offers only.
    offers: frozenset[Channel] = frozenset()

    @property
    def identifier(self) -> str | None:
        """A guest's first address; None for an account."""
        return None if self.user_id else next(iter(self.addresses.values()))


def guest(email: str | None, phone: str | None, locale: str | None) -> Recipient:
    """A person without an account. Raises `ValueError` without any address."""
    addresses = _addresses(email, phone)
    if not addresses:
        raise ValueError("a guest needs an email address or a phone number")
    return Recipient(None, language_of(locale or ""), addresses=addresses)


def account(
    user_id: UUID, category: Category, *, email: str | None, phone: str | None, locale: str | None
) -> Recipient:
    """The holder of an account, in one statement; addresses given here replace the account's own.

    An address nobody has proved to be theirs gets security messages only. Raises `NotFound`.
    """
    row = db.session.execute(
        select(User, UserPreferences.locale, UserPreferences.timezone, NotificationPreferences)
        .outerjoin(UserPreferences, UserPreferences.user_id == User.id)
        .outerjoin(NotificationPreferences, NotificationPreferences.user_id == User.id)
        .where(User.id == user_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    user, own_locale, timezone, preferences = row
    addresses = _addresses(email, phone)
    if not addresses and user.deleted_at is None:
        trusts_all = category is Category.SECURITY
        addresses = _addresses(
            user.email if user.email_verified_at or trusts_all else None,
            user.phone if user.phone_verified_at or trusts_all else None,
        )
    language = language_of(locale or own_locale or "")
    return Recipient(
        user.id,
        language,
        zone_of(timezone),
        addresses,
        preferences or default_preferences(),
        _offers(user.id) if category is Category.MARKETING else frozenset(),
    )


def _offers(user_id: UUID) -> frozenset[Channel]:
    """Where offers may go; in the portal they may be shown to whoever agreed to any."""
    given = consents_of(user_id)
    agreed = {channel for channel, purpose in OFFERS.items() if purpose in given}
    return frozenset(agreed | {Channel.IN_APP}) if agreed else frozenset()


def default_preferences() -> NotificationPreferences:
    """What counts for somebody who has not chosen anything (NTF-40 to NTF-44), not yet a row."""
    columns = NotificationPreferences.__table__.columns
    plain = {column.name: column.default.arg for column in columns if getattr(column.default, "is_scalar", 0)}
    return NotificationPreferences(overrides={}, **plain)


def zone_of(name: str | None) -> ZoneInfo:
    """The person's time zone; Dakar's for none or one that does not exist."""
    try:
        return ZoneInfo(name) if name else PLATFORM_ZONE
    except (ZoneInfoNotFoundError, ValueError):
        return PLATFORM_ZONE


def _addresses(email: str | None, phone: str | None) -> dict[Channel, str]:
    given = {Channel.EMAIL: email, Channel.SMS: phone}
    return {channel: address for channel, address in given.items() if address}
