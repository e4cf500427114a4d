"""What the old and the new address or number of an account are told of each other (ID-51)."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.events import contact_changed, contact_reverted
from portal.identity.models import ContactChange, ContactKind, User
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.pages import public_url
from portal.notifications.services import notify

_DAY = timedelta(days=1)


@contact_changed.connect
def tell_the_old_contact(user: User, *, change: ContactChange, token: str | None, by: Actor) -> None:
    """Whoever reads the old address or number must learn of it, and can take it back with the token (ID-51)."""
    if change.old_value is None or change.take_back_until is None:
        return
    if token is None:
        _tell_who_lost(user, change, change.kind, change.old_value, by)
        return
    path = f"/take-back/{token}"
    is_email = change.kind is ContactKind.EMAIL
    notify(
        "email_changed" if is_email else "phone_changed",
        event_key=f"contact_changed:{change.id}",
        data={
            "at": clock.now(),
            "days": max(round((change.take_back_until - clock.now()) / _DAY), 1),
            "link": public_url(path),
        },
        user_id=user.id,
        email=change.old_value if is_email else None,
        phone=None if is_email else change.old_value,
        action_link=path,
        expires_at=change.take_back_until,
        by=by,
    )


@contact_reverted.connect
def tell_of_taking_back(
    user: User, *, change: ContactChange, lost: dict[ContactKind, str], by: Actor
) -> None:
    """The person hears what is to be done now, and whoever reads what the account had until now, that it is gone."""
    moment = clock.now()
    notify(
        "contact_taken_back",
        event_key=f"contact_taken_back:{change.id}",
        data={"at": moment},
        user_id=user.id,
        action_link="/password/forgotten" if user.email else "/security",
        by=by,
    )
    for kind, value in lost.items():
        _tell_who_lost(user, change, kind, value, by)


def _tell_who_lost(user: User, change: ContactChange, kind: ContactKind, value: str, by: Actor) -> None:
    is_email = kind is ContactKind.EMAIL
    notify(
        "contact_lost",
        event_key=f"contact_lost:{change.id}:{kind}",
        data={"at": clock.now()},
        user_id=user.id,
        email=value if is_email else None,
        phone=None if is_email else value,
        by=by,
    )
