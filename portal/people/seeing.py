"""What others see of a person: decided here once, by who looks and by the person's own switches (PPL-27 to PPL-31).

1. A closed account, a block in either direction, or the switch "others may see my profile" set to no: nothing,
   as if there were nobody (404). Staff look on pages of their own.
   The guardian who has confirmed sees the young person whatever the switch says.
2. Somebody known to be under 18 is seen by connections and by the guardian who has confirmed, by nobody else.
3. A guest sees the card: the name shown, picture, words, interests, region.
4. Somebody who is signed in also sees town and names elsewhere; a connection the whole name and, where the person
   allows it, the day of the birthday, never the year; the sponsor who brought them may write, where allowed.
5. How many friends a person has brought is shown only where the person shares it.

Lists that name people ask here too (`name_shown_to`): who may not see the card learns no name from its profile.
Rooms above add lines to a card by `shown_on_profile`; nothing here knows them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select

from portal.identity.directory import account_of, has_open_account
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.people.about import ADDRESSES, Network
from portal.people.ages import youngest_adult
from portal.people.models import Profile, UserLocation, UserPrivacy, UserServiceProfile
from portal.people.queries import are_connected, is_blocked_with, is_connected_with

Line = Callable[[UUID], str | None]
_LINES: list[Line] = []


@dataclass(frozen=True, slots=True)
class Handle:
    """A name on another network, and where it leads."""

    network: Network
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class SeenPerson:
    """A person as somebody may see them; what they may not see is empty."""

    user_id: UUID
    name: str
    avatar_file_id: UUID | None
    bio: str | None
    interests: Sequence[str]
    region: str | None
    city: str | None
    handles: Sequence[Handle]
    birthday: date | None
    standing: Sequence[str]
    services: UserServiceProfile | None
    is_own: bool
    is_hidden: bool
    may_write: bool


def shown_on_profile(line: Line) -> Line:
    """Let a room above add a line about what a person has done, shown where the person shares it."""
    _LINES.append(line)
    return line


def card_shown_to(viewer_id: UUID | None) -> ColumnElement[bool]:
    """For a statement with profiles: whether this viewer (None: a guest) may see the card of the one beside it."""
    said = func.coalesce(Profile.date_of_birth, Profile.stated_birthday)
    is_minor = func.coalesce(said > youngest_adult(), false())
    is_off = (UserPrivacy.user_id == Profile.user_id) & UserPrivacy.profile_visible.is_(False)
    hides = exists().where(is_off).correlate(Profile)
    is_open = has_open_account(Profile.user_id)
    if viewer_id is None:
        return and_(is_open, ~hides, ~is_minor)
    is_guardian = and_(Profile.guardian_user_id == viewer_id, Profile.guardian_confirmed_at.is_not(None))
    is_for_them = or_(~is_minor, is_connected_with(Profile.user_id, viewer_id))
    may_look = or_(and_(is_minor, func.coalesce(is_guardian, false())), and_(~hides, is_for_them))
    return or_(
        Profile.user_id == viewer_id,
        and_(is_open, ~is_blocked_with(Profile.user_id, viewer_id), may_look),
    )


def name_shown_to(viewer_id: UUID) -> ColumnElement[str | None]:
    """For a statement with profiles: the name on the card of the one beside it; empty where it is not shown."""
    return case((card_shown_to(viewer_id), func.coalesce(Profile.display_name, Profile.full_name)))


def seen_person(user_id: UUID, viewer_id: UUID | None) -> SeenPerson:
    """The person as this viewer (None: a guest) may see them. Raises `NotFound` for whom they may not see."""
    account = account_of(user_id)
    row = db.session.execute(
        select(Profile, UserLocation, UserPrivacy, UserServiceProfile, card_shown_to(viewer_id))
        .outerjoin(UserLocation, UserLocation.user_id == Profile.user_id)
        .outerjoin(UserPrivacy, UserPrivacy.user_id == Profile.user_id)
        .outerjoin(UserServiceProfile, UserServiceProfile.user_id == Profile.user_id)
        .where(Profile.user_id == user_id)
    ).one_or_none()
    if row is None or not account.is_open:
        raise NotFound
    profile, place, kept, services, may_look = row
    privacy = kept or UserPrivacy(
        profile_visible=True, share_referral_stats=True, allow_contact_by_sponsors=True, share_birthday=False
    )
    is_own = viewer_id == user_id
    is_near = not is_own and viewer_id is not None and are_connected(user_id, viewer_id)
    if not may_look:
        raise NotFound
    return SeenPerson(
        user_id=user_id,
        name=profile.full_name if is_near else profile.display_name or profile.full_name,
        avatar_file_id=profile.avatar_file_id,
        bio=profile.bio,
        interests=profile.interests,
        region=place.region if place else None,
        city=place.city if place and viewer_id else None,
        handles=_handles(profile.social_handles) if viewer_id else (),
        birthday=profile.date_of_birth if is_near and privacy.share_birthday else None,
        standing=_standing(user_id) if privacy.share_referral_stats else (),
        services=services if services is not None and services.is_available else None,
        is_own=is_own,
        is_hidden=not privacy.profile_visible,
        may_write=viewer_id is not None
        and account.sponsor_id == viewer_id
        and privacy.allow_contact_by_sponsors,
    )


def _handles(kept: dict[str, Any]) -> list[Handle]:
    return [
        Handle(network, kept[network], ADDRESSES[network] + kept[network])
        for network in Network
        if kept.get(network)
    ]


def _standing(user_id: UUID) -> list[str]:
    return [said for line in _LINES if (said := line(user_id)) is not None]
