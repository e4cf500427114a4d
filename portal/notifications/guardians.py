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
from portal.kernel.pages import public_url
from portal.notifications.services import notify
from portal.people.events import (
    guardian_asked,
    guardian_confirmed,
    guardian_declined,
    guardian_refused,
    guardian_unanswered,
)
from portal.people.minors import questions_to
from portal.people.models import GuardianRequest, Profile, UserPreferences

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
    # The door of a number opens by a code: whoever has an account there comes in, anybody else opens one.
    path = f"{'/sign-up' if is_mail else '/sign-in/code'}?{urlencode({'next': _ANSWER})}"
    notify(
        "guardian_wanted",
        event_key=f"guardian_wanted:{request.id}",
        data=_short(minor_name) | {"expires": request.expires_at, "link": public_url(path)},
        email=request.contact if is_mail else None,
        phone=None if is_mail else request.contact,
        locale=locale,
        related=about,
        action_link=path,
        expires_at=request.expires_at,
        by=by,
    )


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


def _tell_minor(key: str, minor: Profile, link: str, by: Actor) -> None:
    about = (Profile.__tablename__, minor.user_id)
    guardian = db.session.execute(
        select(Profile.full_name).where(Profile.user_id == minor.guardian_user_id)
    ).scalar_one()
    event = f"{minor.user_id}:{clock.now().isoformat()}"
    _tell(key, event, about, minor.user_id, _short(guardian), link, by)


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
    """A name is typed by its owner: no more of it than a name needs goes into a paid text message."""
    return {"name": name[:60]}
