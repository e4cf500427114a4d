"""What a person changes about themselves, and what other rooms demand of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from portal.kernel.actor import Actor
from portal.kernel.countries import HOME
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.files import forget_file, store_file
from portal.kernel.i18n import STORED, _
from portal.kernel.images import clean_picture
from portal.kernel.models import FilePurpose
from portal.kernel.names import person_name
from portal.kernel.places import CENTRES
from portal.people.about import tidy_interests
from portal.people.ages import Missing, is_adult
from portal.people.birthdays import locked_profile
from portal.people.completion import refresh_completion
from portal.people.events import person_changed
from portal.people.models import (
    Profile,
    Theme,
    UserLocation,
    UserMetadata,
    UserPreferences,
    UserPrivacy,
)
from portal.people.places import Place, checked
from portal.people.queries import Settings, birthdays_of, settings_of
from portal.people.words import GUARDIAN_FIRST

PORTRAIT_SIDE = 512
MAX_SHOWN_NAME = 100
# What people count in, the house's own first.
CURRENCIES = ("XOF", "XAF", "EUR", "USD", "GBP", "CAD", "CHF", "CVE", "GMD", "GNF", "MAD", "MRU")

_NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """What a person says about themselves; empty means unknown."""

    full_name: str
    display_name: str | None = None
    bio: str | None = None
    interests: str | None = None
    place: Place = _NOWHERE


@dataclass(frozen=True, slots=True)
class SettingFacts:
    """A person's switches (R-10, R-13)."""

    locale: str
    timezone: str
    currency: str
    theme: Theme
    profile_visible: bool
    share_referral_stats: bool
    allow_contact_by_sponsors: bool
    share_birthday: bool


def open_profile(
    user_id: UUID, full_name: str, *, locale: str, attribution: dict[str, str] | None = None, by: Actor
) -> Profile:
    """The side rows of a new account: profile, preferences, privacy, where it came from (PPL-05, PPL-34)."""
    profile = Profile(user_id=user_id, full_name=person_name(full_name, "full_name"))
    source = (attribution or {}).get("utm_source")
    rows: list[Any] = [
        profile,
        UserPreferences(user_id=user_id, locale=locale),
        UserPrivacy(user_id=user_id),
        UserMetadata(user_id=user_id, first_source=source, attribution=attribution or {}),
    ]
    for row in rows:
        row.created_by = by.user_id or user_id
    db.session.add_all(rows)
    db.session.flush()
    refresh_completion(user_id)
    return profile


def save_profile(user_id: UUID, facts: ProfileFacts, *, by: Actor) -> Profile:
    """Change names, words and place (PPL-08). Raises `InvalidInput` for a place that does not exist."""
    place = checked(facts.place)
    if place.city is not None and place.region is None:
        raise InvalidInput(
            _("Please choose the region of this town too."),
            field="region" if place.country == HOME else "region_abroad",
        )
    profile = locked_profile(user_id)
    profile.full_name = person_name(facts.full_name, "full_name")
    shown = facts.display_name
    profile.display_name = person_name(shown, "display_name", MAX_SHOWN_NAME) if shown else None
    profile.bio = facts.bio
    profile.interests = tidy_interests(facts.interests)
    _save_place(user_id, place)
    refresh_completion(user_id)
    person_changed.send(user_id, by=by)
    return profile


def change_basics(
    user_id: UUID, *, name: str | None, language: str | None, timezone: str | None, by: Actor
) -> None:
    """Change those of name, language (its two letters) and time zone that are given (ID-13).

    Raises `InvalidInput` for a name without a letter, a language or a time zone that is not on offer.
    """
    profile, preferences = locked_profile(user_id), settings_to_change(user_id).preferences
    if name is not None:
        profile.full_name = person_name(name, "full_name")
    if language is not None:
        preferences.locale = _on_offer(STORED.get(language), "preferred_language")
    if timezone is not None:
        preferences.timezone = _zone(timezone)
    person_changed.send(user_id, by=by)


def save_portrait(user_id: UUID, data: bytes, *, by: Actor) -> None:
    """Show this picture of the person, cut square (PPL-03). Raises `InvalidInput` when it cannot be read."""
    picture = clean_picture(data, longest_side=PORTRAIT_SIDE, square=True)
    file = store_file(picture, mime_type="image/webp", purpose=FilePurpose.AVATAR, owner_user_id=user_id)
    _show_portrait(user_id, file.id)


def remove_portrait(user_id: UUID, *, by: Actor) -> None:
    """Show no picture of the person any more."""
    _show_portrait(user_id, None)


def save_settings(user_id: UUID, facts: SettingFacts, *, by: Actor) -> None:
    """Change language, time zone, currency, theme and privacy (PPL-06, PPL-26, PPL-31, PPL-32).

    Raises `InvalidInput` for a language, time zone or currency that is not on offer.
    """
    locale = _on_offer(facts.locale if facts.locale in STORED.values() else None, "locale")
    timezone = _zone(facts.timezone)
    if facts.currency not in CURRENCIES:
        raise InvalidInput(_("Please choose one of the currencies on offer."), field="currency")
    settings = settings_to_change(user_id)
    preferences, privacy = settings.preferences, settings.privacy
    preferences.locale = locale
    preferences.timezone = timezone
    preferences.currency = facts.currency
    preferences.theme = facts.theme
    privacy.profile_visible = facts.profile_visible
    privacy.share_referral_stats = facts.share_referral_stats
    privacy.allow_contact_by_sponsors = facts.allow_contact_by_sponsors
    privacy.share_birthday = facts.share_birthday
    person_changed.send(user_id, by=by)


def settings_to_change(user_id: UUID) -> Settings:
    """A person's switches, with rows of their own from now on. Raises `NotFound`."""
    settings = settings_of(user_id)
    db.session.add_all([settings.preferences, settings.privacy])
    return settings


def choose_locale(user_id: UUID, locale: str, *, by: Actor) -> None:
    """Remember the language the portal speaks to this person (PPL-05, R-10)."""
    preferences = db.session.get(UserPreferences, user_id)
    if preferences is None:
        preferences = UserPreferences(user_id=user_id)
        db.session.add(preferences)
    preferences.locale = locale
    person_changed.send(user_id, by=by)


def require_birthday(user_id: UUID) -> date:
    """The day of birth, where something depends on it (PPL-04, R-08).

    Raises `InvalidInput` while unknown, `Conflict` while a minor has only said it and no guardian has agreed.
    """
    known = birthdays_of(user_id)
    if known.said is None:
        raise InvalidInput(_("Please tell us your day of birth on your profile first."))
    if known.missing is Missing.GUARDIAN:
        raise Conflict(str(GUARDIAN_FIRST))
    return known.said


def require_confirmed_guardian(user_id: UUID) -> None:
    """Let adults pass, and minors whose guardian has agreed (PPL-12, PPL-19).

    Raises `InvalidInput` while the day of birth is unknown, `Conflict` while no guardian has confirmed.
    """
    if is_adult(require_birthday(user_id)):
        return
    profile = db.session.get(Profile, user_id)
    if profile is None or profile.guardian_confirmed_at is None:
        raise Conflict(str(GUARDIAN_FIRST))


def _show_portrait(user_id: UUID, file_id: UUID | None) -> None:
    profile = locked_profile(user_id)
    forget_file(profile.avatar_file_id)
    profile.avatar_file_id = file_id
    refresh_completion(user_id)


def _save_place(user_id: UUID, place: Place) -> None:
    row = db.session.get(UserLocation, user_id)
    if row is None:
        if place == _NOWHERE:
            return
        row = UserLocation(user_id=user_id)
        db.session.add(row)
    latitude, longitude = (
        CENTRES.get(place.region or "", (None, None)) if place.country == HOME else (None, None)
    )
    row.country, row.region, row.department, row.city = (
        place.country,
        place.region,
        place.department,
        place.city,
    )
    row.latitude = Decimal(latitude) if latitude else None
    row.longitude = Decimal(longitude) if longitude else None


def _on_offer(locale: str | None, field: str) -> str:
    if locale is None:
        raise InvalidInput(_("Please choose one of the languages on offer."), field=field)
    return locale


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise InvalidInput(_("Please choose one of the time zones on offer."), field="timezone")
    return name
