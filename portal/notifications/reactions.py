"""What a person is told, and gets, when identity speaks."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from portal.config.values import GUARDED_DIGITS, value_of
from portal.identity.devices import device_name
from portal.identity.events import (
    account_locked,
    address_link_issued,
    address_tried,
    code_issued,
    codes_guarded,
    email_confirmation_issued,
    new_device_seen,
    passkey_changed,
    password_changed,
    password_reset_issued,
    second_factor_changed,
    second_step_locked,
    staff_work_moved,
    user_registered,
    user_reopened,
    user_suspended,
    way_in_changed,
)
from portal.identity.models import (
    AdminSession,
    DeviceRegistration,
    PasswordResetToken,
    User,
    VerificationPurpose,
    VerificationToken,
)
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.notifications.inbox import ensure_preferences
from portal.notifications.services import notify

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


@user_registered.connect
def prepare_preferences(user: User, *, by: Actor, **_more: object) -> None:
    """A new account wants what everybody wants until it says otherwise."""
    ensure_preferences(user.id)


@code_issued.connect
def send_code(token: VerificationToken, *, code: str, locale: str, by: Actor) -> None:
    """The code goes to the phone, and to nobody's list of messages."""
    notify(
        "sign_in_code",
        event_key=f"code:{token.id}",
        data={"code": code, "minutes": _left(token.expires_at, _MINUTE)},
        phone=token.target,
        locale=locale,
        expires_at=token.expires_at,
        by=by,
    )


@address_link_issued.connect
def send_address_link(token_row: VerificationToken, *, link: str, locale: str, by: Actor) -> None:
    """The link that opens an account for the address it is sent to, or gives an account this address."""
    is_new = token_row.purpose is VerificationPurpose.SIGN_UP
    notify(
        "sign_up_link" if is_new else "new_address_link",
        event_key=f"address_link:{token_row.id}",
        data={"hours": _left(token_row.expires_at, _HOUR)},
        email=token_row.target,
        locale=locale,
        action_link=link,
        expires_at=token_row.expires_at,
        by=by,
    )


@address_tried.connect
def tell_of_tried_address(user: User, *, address: str, cause: UUID, by: Actor) -> None:
    """That somebody wanted an account with an address that has one; only its holder may know that it has."""
    notify(
        "address_tried",
        event_key=f"address_tried:{cause}",
        data={},
        user_id=user.id,
        email=address,
        action_link="/sign-in",
        by=by,
    )


@email_confirmation_issued.connect
def send_confirmation_link(token_row: VerificationToken, *, token: str, locale: str, by: Actor) -> None:
    """The link that proves an e-mail address."""
    notify(
        "confirm_email",
        event_key=f"confirm_email:{token_row.id}",
        data={"hours": _left(token_row.expires_at, _HOUR)},
        user_id=token_row.user_id,
        email=token_row.target,
        locale=locale,
        action_link=f"/confirm/{token}",
        expires_at=token_row.expires_at,
        by=by,
    )


@password_reset_issued.connect
def send_reset_link(token_row: PasswordResetToken, *, email: str, token: str, locale: str, by: Actor) -> None:
    """The link that leads to a new password."""
    notify(
        "password_reset",
        event_key=f"password_reset:{token_row.id}",
        data={"hours": _left(token_row.expires_at, _HOUR)},
        user_id=token_row.user_id,
        email=email,
        locale=locale,
        action_link=f"/password/new/{token}",
        expires_at=token_row.expires_at,
        by=by,
    )


@password_changed.connect
def tell_of_new_password(user: User, *, by: Actor) -> None:
    """Somebody who did not do it themselves must learn of it."""
    moment = clock.now()
    notify(
        "password_changed",
        event_key=f"password_changed:{moment.isoformat()}",
        data={"at": moment},
        user_id=user.id,
        by=by,
    )


@account_locked.connect
def tell_of_lock(user: User, *, until: datetime, token_row: VerificationToken, token: str, by: Actor) -> None:
    """Why the password is refused for now; the link that opens the lock goes to the address that was tried."""
    notify(
        "account_locked",
        event_key=f"account_locked:{until.isoformat()}",
        data={"until": until},
        user_id=user.id,
        by=by,
    )
    notify(
        "unlock_link",
        event_key=f"unlock_link:{token_row.id}",
        data={"until": until, "hours": _left(token_row.expires_at, _HOUR)},
        user_id=user.id,
        email=token_row.target,
        action_link=f"/unlock/{token}",
        expires_at=token_row.expires_at,
        by=by,
    )


@codes_guarded.connect
def tell_of_guarded_codes(user: User, *, cause: UUID, by: Actor) -> None:
    """Why codes for the person's number have more digits for now."""
    notify(
        "codes_guarded",
        event_key=f"codes_guarded:{cause}",
        data={"digits": value_of(GUARDED_DIGITS)},
        user_id=user.id,
        action_link="/security",
        by=by,
    )


@second_step_locked.connect
def tell_of_known_password(user: User, *, until: datetime, by: Actor) -> None:
    """Somebody has the password and fails at the second step."""
    notify(
        "second_step_locked",
        event_key=f"second_step_locked:{until.isoformat()}",
        data={"until": until},
        user_id=user.id,
        action_link="/password/forgotten",
        by=by,
    )


@second_factor_changed.connect
def tell_of_second_factor(user: User, *, is_on: bool, by: Actor) -> None:
    """Somebody who did not do it themselves must learn of it."""
    _tell_of_way_in(user, "second_factor_on" if is_on else "second_factor_off", by)


@passkey_changed.connect
def tell_of_passkey(user: User, *, name: str, is_new: bool, by: Actor) -> None:
    """Somebody who did not do it themselves must learn of it."""
    _tell_of_way_in(user, "passkey_added" if is_new else "passkey_removed", by, name=name)


@way_in_changed.connect
def tell_of_provider(user: User, *, name: str, is_new: bool, by: Actor) -> None:
    """Somebody who did not do it themselves must learn of it."""
    _tell_of_way_in(user, "provider_linked" if is_new else "provider_unlinked", by, name=name)


def _tell_of_way_in(user: User, key: str, by: Actor, **words: str) -> None:
    moment = clock.now()
    notify(
        key,
        event_key=f"{key}:{moment.isoformat()}",
        data={"at": moment, **words},
        user_id=user.id,
        action_link="/security",
        by=by,
    )


@new_device_seen.connect
def tell_of_new_device(user: User, *, device: DeviceRegistration, by: Actor) -> None:
    """A sign-in from a device that the person never used here (ID-57)."""
    notify(
        "new_device",
        event_key=f"new_device:{device.id}",
        data={"at": clock.now(), "device": device.name or "?"},
        user_id=user.id,
        action_link="/security",
        by=by,
    )


@staff_work_moved.connect
def tell_of_staff_work_elsewhere(user: User, *, work: AdminSession, by: Actor) -> None:
    """Somebody else seems to hold the session in which an admin works (ADM-23)."""
    notify(
        "staff_work_elsewhere",
        event_key=f"staff_work:{work.id}",
        data={"at": clock.now(), "device": device_name(by.user_agent) or "?"},
        user_id=user.id,
        action_link="/security",
        by=by,
    )


@user_suspended.connect
def tell_of_suspension(user: User, *, reason: str, by: Actor) -> None:
    """That staff closed the account; the reason stays in the trail."""
    notify(
        "account_suspended", event_key=f"suspended:{clock.now().isoformat()}", data={}, user_id=user.id, by=by
    )


@user_reopened.connect
def tell_of_reopening(user: User, *, reason: str, by: Actor) -> None:
    """That staff opened the account again."""
    notify(
        "account_reopened", event_key=f"reopened:{clock.now().isoformat()}", data={}, user_id=user.id, by=by
    )


def _left(until: datetime, unit: timedelta) -> int:
    """Whole units of time until then, at least one."""
    return max(round((until - clock.now()) / unit), 1)
