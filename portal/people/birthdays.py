"""Days of birth: read once, never changed by the person, and what follows from the age (PPL-04, PPL-12)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from portal.audit.services import record
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.i18n import _
from portal.people.ages import age_on, is_adult
from portal.people.completion import refresh_completion
from portal.people.events import birthday_set
from portal.people.guardian_requests import close_request
from portal.people.models import Profile, RequestStatus

OLDEST = 120


class GuardianNeeded(InvalidInput):
    """A person under 18 must name a guardian in the same step."""


def check_birthday(born: date) -> None:
    """Raise `InvalidInput` for a day on which nobody who reads this was born."""
    today = clock.today()
    if born >= today:
        raise InvalidInput(_("This day has not come yet. Please check the year."), field="date_of_birth")
    if age_on(born, today) > OLDEST:
        raise InvalidInput(_("Please check the year of birth."), field="date_of_birth")


def set_birthday(user_id: UUID, born: date, *, by: Actor) -> Profile:
    """Keep an adult's day of birth for good; staff correct a mistake (PPL-04).

    Raises `InvalidInput` for an impossible day, `GuardianNeeded` under 18 (nothing is kept then), `Conflict`
    when another day is kept already: an age that could be changed would protect no minor.
    """
    check_birthday(born)
    profile = locked_profile(user_id)
    refuse_another_day(profile, born)
    if not is_adult(born):
        raise GuardianNeeded(
            _("You are under 18: please name the adult who answers for you."), field="date_of_birth"
        )
    keep_birthday(profile, born, by=by)
    return profile


def state_birthday(user_id: UUID, born: date, *, by: Actor) -> None:
    """Remember the day that a minor has said, until a guardian agrees: no other day is taken from then on.

    Raises as `set_birthday`, but for the guardian.
    """
    check_birthday(born)
    profile = locked_profile(user_id)
    refuse_another_day(profile, born)
    if profile.said_birthday is None:
        profile.stated_birthday = born
        refresh_completion(user_id)


def correct_birthday(user_id: UUID, born: date, *, reason: str, by: Actor) -> None:
    """Staff put right the day that somebody said of themselves as a minor, while no guardian has agreed (PPL-04).

    An adult's question to a guardian ends with it.

    Raises `InvalidInput` for an impossible day, `NotFound`, `Conflict` when there is nothing to put right.
    """
    check_birthday(born)
    profile = locked_profile(user_id)
    if profile.stated_birthday is None:
        raise Conflict(_("There is no day of birth that could be put right here."))
    kept_as = "date_of_birth" if is_adult(born) else "stated_birthday"
    record(
        "birthday_corrected",
        (Profile.__tablename__, user_id),
        by=by,
        reason=reason,
        old={"stated_birthday": profile.stated_birthday.isoformat()},
        new={kept_as: born.isoformat()},
    )
    if is_adult(born):
        close_request(user_id, RequestStatus.WITHDRAWN, by=by)
        keep_birthday(profile, born, by=by)
    else:
        profile.stated_birthday = born


def keep_birthday(profile: Profile, born: date, *, by: Actor) -> None:
    """Write a checked day into a locked profile, and tell the other rooms the first time."""
    if profile.date_of_birth == born:
        return
    profile.date_of_birth, profile.stated_birthday = born, None
    db.session.flush()
    refresh_completion(profile.user_id)
    birthday_set.send(profile, by=by)


def refuse_another_day(profile: Profile, born: date) -> None:
    """Raise `Conflict` when a different day of birth is kept already, or was said by a minor."""
    if profile.said_birthday not in (None, born):
        raise Conflict(
            _("Your day of birth is already set. Please [[write to us]] if it is not right."),
            field="date_of_birth",
        )


def locked_profile(user_id: UUID) -> Profile:
    """The profile, locked until the end of the transaction. Raises `NotFound`."""
    profile = db.session.get(Profile, user_id, with_for_update=True, populate_existing=True)
    if profile is None:
        raise NotFound
    return profile
