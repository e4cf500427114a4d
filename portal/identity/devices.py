"""Devices a person signs in from: known by a long-lived random cookie, of which only the hash is kept (ID-56, ID-57)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select

from portal.identity.attempts import note_security_event
from portal.identity.events import new_device_seen
from portal.identity.holding import hold
from portal.identity.models import (
    AuthIdentity,
    AuthProvider,
    DeviceRegistration,
    Severity,
    User,
    UserSession,
)
from portal.identity.sessions import end_sessions_on
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.crypto import token_hash
from portal.kernel.db import db
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.i18n import _
from portal.kernel.ids import random_token
from portal.kernel.phones import to_mobile

LONGEST_TOKEN = 100
MOST_DEVICES = 50
# The first that is found names the browser; most of them also claim to be Safari and Mozilla.
_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "OPiOS": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "UCBrowser": "UC Browser",
    "Firefox/": "Firefox",
    "FxiOS": "Firefox",
    "Chrome/": "Chrome",
    "CriOS": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device as its holder sees it."""

    id: UUID
    name: str
    known_since: datetime
    last_seen_at: datetime
    is_this_one: bool


def device_name(user_agent: str | None) -> str:
    """What a person calls this browser: `Chrome · Android`; empty when it does not say."""
    said = user_agent or ""
    browser = next((name for sign, name in _BROWSERS.items() if sign in said), "")
    system = next((name for sign, name in _SYSTEMS.items() if re.search(rf"\b{sign}\b", said)), "")
    return " · ".join(part for part in (browser, system) if part)


def recognise(session_token: str, device_token: str | None, *, by: Actor) -> str:
    """Tie a new session to the browser's device; gives the token by which it is known next time.

    A device that the person never signed in from is told to them, unless it is their very first.
    """
    db.session.flush()
    session = db.session.execute(
        select(UserSession).where(UserSession.token_hash == token_hash(session_token))
    ).scalar_one()
    token = device_token if device_token and len(device_token) <= LONGEST_TOKEN else random_token()
    device = db.session.execute(
        select(DeviceRegistration).where(
            DeviceRegistration.user_id == session.user_id, DeviceRegistration.fingerprint == token_hash(token)
        )
    ).scalar_one_or_none()
    if device is None:
        # What a browser brings and we do not know is not taken over: somebody else may have chosen it.
        token = token if device_token and _is_known(token) else random_token()
        device = _register(session.user_id, token, by=by)
    device.last_seen_at = clock.now()
    session.device_id = device.id
    return token


def known_device(phone: str, device_token: str | None) -> UUID | None:
    """The device behind this cookie, if whoever signs in with this number has done so from it."""
    if not device_token or len(device_token) > LONGEST_TOKEN:
        return None
    holder = (AuthIdentity.provider == AuthProvider.PHONE) & (AuthIdentity.provider_uid == to_mobile(phone))
    return db.session.execute(
        select(DeviceRegistration.id)
        .join(AuthIdentity, AuthIdentity.user_id == DeviceRegistration.user_id)
        .where(holder, DeviceRegistration.fingerprint == token_hash(device_token))
    ).scalar_one_or_none()


def devices_of(user_id: UUID, session_id: UUID) -> Sequence[KnownDevice]:
    """The devices that the person has signed in from, the latest first."""
    here = select(UserSession.device_id).where(UserSession.id == session_id).scalar_subquery()
    rows = db.session.execute(
        select(DeviceRegistration, func.coalesce(DeviceRegistration.id == here, False))
        .where(DeviceRegistration.user_id == user_id)
        .order_by(DeviceRegistration.last_seen_at.desc())
        .limit(MOST_DEVICES)
    )
    return [KnownDevice(row.id, row.name, row.created_at, row.last_seen_at, is_here) for row, is_here in rows]


def forget_device(user_id: UUID, session_id: UUID, device_id: UUID, *, by: Actor) -> None:
    """Know a device of the person no more: its sessions end, and a sign-in from it is told again (ID-56).

    Raises `NotFound` for another's, `Conflict` for the one that the person is using.
    """
    hold(user_id)
    device = db.session.get(DeviceRegistration, device_id, with_for_update=True)
    if device is None or device.user_id != user_id:
        raise NotFound
    used = select(UserSession.device_id).where(UserSession.id == session_id)
    if db.session.execute(used).scalar_one_or_none() == device_id:
        raise Conflict(_("You are using this device now. Please sign out instead."))
    end_sessions_on(device_id)
    note_security_event(user_id, "device_removed", Severity.INFO, by=by, details={"device": device.name})
    db.session.delete(device)


def _is_known(token: str) -> bool:
    found = exists().where(DeviceRegistration.fingerprint == token_hash(token))
    return bool(db.session.execute(select(found)).scalar_one())


def _register(user_id: UUID, token: str, *, by: Actor) -> DeviceRegistration:
    is_first = not db.session.execute(
        select(exists().where(DeviceRegistration.user_id == user_id))
    ).scalar_one()
    name = device_name(by.user_agent)
    device = DeviceRegistration(user_id=user_id, name=name, fingerprint=token_hash(token))
    db.session.add(device)
    db.session.flush()
    if not is_first:
        note_security_event(user_id, "new_device", Severity.WARNING, by=by, details={"device": name})
        new_device_seen.send(db.session.get_one(User, user_id), device=device, by=by)
    return device
