"""The calendar of a person under a secret link, which can be made anew and switched off (PPL-33).

Only the hash of the link is kept: it is shown once, like a recovery code. A wrong link and one that was switched
off answer alike, with nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from icalendar import Calendar, Event
from sqlalchemy import Select, and_, case, or_, select

from portal.identity.directory import account_of, has_open_account
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.calendar import CalendarDate, dates_from, dates_of
from portal.kernel.crypto import token_hash
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.i18n import _, language_of, speaking
from portal.kernel.ids import random_token
from portal.people.events import calendar_changed
from portal.people.models import (
    ConnectionStatus,
    Profile,
    UserBlock,
    UserConnection,
    UserPreferences,
    UserPrivacy,
)
from portal.people.queries import said_birthday_of, settings_of
from portal.people.services import settings_to_change

MOST_BIRTHDAYS = 500
_A_YEAR_LIKE_ANY = 2024


def renew_link(user_id: UUID, *, by: Actor) -> str:
    """A new secret for the calendar, told this once; the one before leads nowhere from now on."""
    secret = random_token()
    settings_to_change(user_id).preferences.calendar_token_hash = token_hash(secret)
    calendar_changed.send(user_id, is_on=True, by=by)
    return secret


def switch_off(user_id: UUID, *, by: Actor) -> None:
    """Let the link lead nowhere. Safe to repeat."""
    preferences = settings_of(user_id).preferences
    if preferences.calendar_token_hash is not None:
        preferences.calendar_token_hash = None
        calendar_changed.send(user_id, is_on=False, by=by)


def feed(secret: str) -> bytes:
    """The calendar behind a link, in its holder's language. Raises `NotFound` for a wrong or ended one."""
    found = db.session.execute(
        select(UserPreferences.user_id, UserPreferences.locale).where(
            UserPreferences.calendar_token_hash == token_hash(secret)
        )
    ).one_or_none()
    if found is None or not account_of(found.user_id).is_open:
        raise NotFound
    with speaking(language_of(found.locale)):
        return _written(dates_of(found.user_id))


@dates_from("people.birthdays")
def birthdays(user_id: UUID) -> Iterator[CalendarDate]:
    """One's own birthday, and those of connections who let their connections know it."""
    born = said_birthday_of(user_id)
    if born is not None:
        yield CalendarDate(f"birthday-{user_id}", _("My birthday"), _this_year(born), yearly=True)
    for friend_id, name, day in db.session.execute(_known_birthdays(user_id)):
        assert day is not None
        title = _("Birthday of %(name)s", name=name)
        yield CalendarDate(f"birthday-{friend_id}", title, _this_year(day), yearly=True)


def _known_birthdays(user_id: UUID) -> Select[UUID, str, date | None]:
    friend = case(
        (UserConnection.requester_user_id == user_id, UserConnection.addressee_user_id),
        else_=UserConnection.requester_user_id,
    )
    blocked = select(UserBlock.blocker_user_id).where(
        or_(
            and_(UserBlock.blocker_user_id == user_id, UserBlock.blocked_user_id == Profile.user_id),
            and_(UserBlock.blocker_user_id == Profile.user_id, UserBlock.blocked_user_id == user_id),
        )
    )
    return (
        select(Profile.user_id, Profile.full_name, Profile.date_of_birth)
        .join(UserConnection, friend == Profile.user_id)
        .join(UserPrivacy, UserPrivacy.user_id == Profile.user_id)
        .where(
            or_(UserConnection.requester_user_id == user_id, UserConnection.addressee_user_id == user_id),
            UserConnection.status == ConnectionStatus.ACCEPTED,
            UserPrivacy.share_birthday,
            UserPrivacy.profile_visible,
            Profile.date_of_birth.is_not(None),
            has_open_account(Profile.user_id),
            ~blocked.exists(),
        )
        .order_by(Profile.user_id)
        .limit(MOST_BIRTHDAYS)
    )


def _this_year(born: date) -> date:
    """The birthday of this year, which tells nobody's age; one on 29 February stands in a leap year."""
    year = _A_YEAR_LIKE_ANY if (born.month, born.day) == (2, 29) else clock.today().year
    return born.replace(year=year)


def _written(dates: Iterator[CalendarDate]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Teranga//Teranga//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Teranga")
    calendar.add("refresh-interval;value=duration", "P1D")
    for one in dates:
        event = Event()
        event.add("uid", f"{one.key}@teranga")
        event.add("dtstamp", clock.now())
        event.add("summary", one.title)
        event.add("dtstart", one.day)
        event.add("dtend", (one.until or one.day) + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
        if one.yearly:
            event.add("rrule", {"freq": "yearly"})
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written
