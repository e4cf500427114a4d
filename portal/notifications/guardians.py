"""What a minor and the adult they name are told of each other (PPL-13, PPL-15)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import select

from portal.identity.events import contact_changed, contact_proved, user_registered
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.names import shortened_name
from portal.notifications.asking import ANSWER_LINK
from portal.notifications.services import notify
from portal.people.events import (
    guardian_asked,
    guardian_change_refused,
    guardian_confirmed,
    guardian_declined,
    guardian_refused,
    guardian_unanswered,
    guardianship_ended,
)
from portal.people.minors import questions_to
from portal.people.models import GuardianChange, GuardianRequest, Profile, UserPreferences

_ANSWER, _NAME_ANOTHER = "/guardian", "/profile/guardian"


@guardian_asked.connect
def let_the_address_know(request: GuardianRequest, *, guardian_id: UUID | None, by: Actor) -> None:
    """Whoever reads at the named address learns of it: in their account, or how to open one."""
    minor_name, locale = db.session.execute(
        select(Profile.full_name, UserPreferences.locale)
        .outerjoin(UserPreferences, UserPreferences.user_id == Profile.user_id)
        .where(Profile.user_id == request.minor_user_id)
    ).one()
    about = (Profile.__tablename__, request.minor_user_id)
    if guardian_id is not None:
        _tell("guardian_asked", f"{request.id}", about, guardian_id, _short(minor_name), _ANSWER, by)
        return
    is_mail = "@" in request.contact
    notify(
        "guardian_wanted",
        event_key=f"guardian_wanted:{request.id}",
        data=_short(minor_name) | {"expires": request.expires_at},
        email=request.contact if is_mail else None,
        phone=None if is_mail else request.contact,
        locale=locale,
        related=(GuardianRequest.__tablename__, request.id),
        action_link=ANSWER_LINK,
        expires_at=request.expires_at,
        by=by,
    )


def door_to_answer(contact: str) -> str:
    """Where whoever reads at the address comes in, or opens an account, and finds the question."""
    # The door of a number opens by a code: whoever has an account there comes in, anybody else opens one.
    return f"{'/sign-up' if '@' in contact else '/sign-in/code'}?{urlencode({'next': _ANSWER})}"


@user_registered.connect
@contact_changed.connect
@contact_proved.connect
def show_what_waits(user: User, *, by: Actor, **_more: object) -> None:
    """Whoever proves an address finds the questions that were sent to it, whichever way they came in."""
    for request, minor_name in questions_to(user.id):
        notify(
            "guardian_waits",
            event_key=f"guardian_waits:{request.id}",
            data=_short(minor_name) | {"expires": request.expires_at},
            user_id=user.id,
            related=(Profile.__tablename__, request.minor_user_id),
            action_link=_ANSWER,
            expires_at=request.expires_at,
            by=by,
        )


@guardian_declined.connect
def tell_of_no(request: GuardianRequest, *, by: Actor) -> None:
    """The minor learns that another adult is needed, and not who has answered."""
    about = (Profile.__tablename__, request.minor_user_id)
    _tell("guardian_declined", f"{request.id}", about, request.minor_user_id, {}, _NAME_ANOTHER, by)


@guardian_unanswered.connect
def tell_of_silence(request: GuardianRequest, *, by: Actor) -> None:
    """The minor learns that the question is over."""
    about = (Profile.__tablename__, request.minor_user_id)
    _tell("guardian_unanswered", f"{request.id}", about, request.minor_user_id, {}, _NAME_ANOTHER, by)


@guardian_confirmed.connect
def tell_of_consent(minor: Profile, *, by: Actor) -> None:
    """The minor learns that the adult agrees."""
    _tell_minor("guardian_confirmed", minor, "/profile", by)


@guardian_refused.connect
def tell_of_stepping_back(minor: Profile, *, by: Actor) -> None:
    """The minor learns that another adult is needed."""
    _tell_minor("guardian_refused", minor, _NAME_ANOTHER, by)


@guardianship_ended.connect
def tell_both(minor: Profile, *, guardian_id: UUID, reason: str, by: Actor) -> None:
    """Both learn that the team has ended it, and why."""
    about, event = (Profile.__tablename__, minor.user_id), f"{minor.user_id}:{clock.now().isoformat()}"
    data = _short(_name_of(guardian_id)) | {"reason": reason}
    _tell("guardian_ended_by_team", event, about, minor.user_id, data, _NAME_ANOTHER, by)
    data = _short(minor.full_name) | {"reason": reason}
    _tell("guardianship_ended_by_team", event, about, guardian_id, data, _ANSWER, by)


@guardian_change_refused.connect
def tell_of_staying(change: GuardianChange, *, reason: str, by: Actor) -> None:
    """The minor learns that the guardian stays, and why; the adult never hears of the question."""
    about = (Profile.__tablename__, change.minor_user_id)
    data = {"reason": reason}
    _tell("guardian_change_refused", f"{change.id}", about, change.minor_user_id, data, "/profile", by)


def _name_of(user_id: UUID | None) -> str:
    return db.session.execute(select(Profile.full_name).where(Profile.user_id == user_id)).scalar_one()


def _tell_minor(key: str, minor: Profile, link: str, by: Actor) -> None:
    about = (Profile.__tablename__, minor.user_id)
    event = f"{minor.user_id}:{clock.now().isoformat()}"
    _tell(key, event, about, minor.user_id, _short(_name_of(minor.guardian_user_id)), link, by)


def _tell(
    key: str, event: str, about: tuple[str, UUID], user_id: UUID, data: dict[str, str], link: str, by: Actor
) -> None:
    notify(
        key,
        event_key=f"{key}:{event}",
        data=data,
        user_id=user_id,
        related=about,
        action_link=link,
        by=by,
    )


def _short(name: str) -> dict[str, Any]:
    """A name is typed by its owner: no more of it than a name needs goes into a message."""
    return {"name": shortened_name(name)}
