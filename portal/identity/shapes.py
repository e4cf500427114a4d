"""How programs see a person (ID-24, ID-25): an allow-list, never the row."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from portal.identity.models import User, UserStatus
from portal.kernel.db import db
from portal.kernel.i18n import language_of
from portal.kernel.programs import moment
from portal.people.models import Profile, UserLocation, UserPreferences

READ_ONLY = frozenset({"id", "created_at", "updated_at"})
WRITABLE = frozenset({"name", "preferred_language", "timezone"})
# The stage of somebody without a visa case.
NO_CASE_STAGE = "enquiry"


def shape_of(user_id: UUID) -> dict[str, str | bool | None]:
    """The sixteen fields of one account, in one statement; times are ISO 8601 in UTC.

    Of a visa case nothing is told before there is one.
    """
    user, name, locale, timezone, country = db.session.execute(
        select(
            User, Profile.full_name, UserPreferences.locale, UserPreferences.timezone, UserLocation.country
        )
        .outerjoin(Profile, Profile.user_id == User.id)
        .outerjoin(UserPreferences, UserPreferences.user_id == User.id)
        .outerjoin(UserLocation, UserLocation.user_id == User.id)
        .where(User.id == user_id)
    ).one()
    return {
        "id": str(user.id),
        "email": user.email,
        "name": name,
        "phone": user.phone,
        "country": country,
        "is_active": user.status is UserStatus.ACTIVE,
        "email_verified": user.email_verified_at is not None,
        "created_at": moment(user.created_at),
        "updated_at": moment(user.updated_at),
        "preferred_language": language_of(locale or ""),
        "timezone": timezone,
        "visa_application_number": None,
        "current_visa_stage": NO_CASE_STAGE,
        "visa_type": None,
        "application_date": None,
        "referral_code": user.referral_code,
    }
