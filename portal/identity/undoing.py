"""Undoing what somebody who was in an account may have made to come in again (ID-51).

1. Whatever was made since a thief came in goes: since the session began in which the change was made that is taken back.
2. They may have come before, made themselves a way in, and begun another session for the change. So what was made in the
   days before it goes as well, as long as a change can be taken back; the notices of that time may not have been read.
3. Only whoever holds the link knows which of these are the holder's own: a passkey that they name stays, if it was made
   before that session. Nothing stays by itself, for no device, network or name of a passkey proves whose hand made it.

When each thing was made decides, and of the app and its recovery codes the security events, which no hand changes.
Why so: docs/decisions/2026-11-27-ways-in.md.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from portal.identity.models import (
    AuthIdentity,
    DeviceRegistration,
    Passkey,
    SecurityEvent,
    User,
    UserSecurity,
)
from portal.identity.providers import NAMES
from portal.kernel.db import db


class Undone(StrEnum):
    """What was taken away again."""

    EMAIL = "email"
    PHONE = "phone"
    PASSWORD = "password"  # noqa: S105  (a kind, not a secret)
    PASSKEY = "passkey"
    # As it is called in the trail, which nobody changes.
    PROVIDER = "house"
    APP = "app"
    RECOVERY_CODES = "recovery_codes"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was made from `since` on goes; from `began` on also what somebody calls their own."""

    since: datetime
    began: datetime


def passkeys_in_doubt(user_id: UUID, stretch: Stretch) -> Sequence[Passkey]:
    """Passkeys of which only their holder can tell whose they are, the oldest first."""
    return db.session.scalars(
        select(Passkey)
        .where(
            Passkey.user_id == user_id,
            Passkey.created_at >= stretch.since,
            Passkey.created_at < stretch.began,
        )
        .order_by(Passkey.id)
    ).all()


def undo_ways_in(user: User, stretch: Stretch, keeps: Collection[UUID]) -> list[Undone]:
    """Take away the password, and every way in and second step that was made in `stretch`; which it was.

    Passkeys in doubt that are among `keeps` stay. The caller leaves the account an address or a number, so that
    a way in remains (ID-35).
    """
    since = stretch.since
    is_kept = Passkey.id.in_(keeps) & (Passkey.created_at < stretch.began)
    undone = [Undone.PASSWORD] if user.password_hash is not None else []
    user.password_hash = None
    providers = (AuthIdentity.user_id == user.id) & AuthIdentity.provider.in_(NAMES)
    made = {
        Undone.PASSKEY: (Passkey, (Passkey.user_id == user.id) & ~is_kept),
        Undone.PROVIDER: (AuthIdentity, providers),
        Undone.DEVICE: (DeviceRegistration, DeviceRegistration.user_id == user.id),
    }
    undone += [kind for kind, (table, whose) in made.items() if _delete(table, whose, since)]
    return undone + _undo_app(user.id, since)


def _delete(table: Any, whose: Any, since: datetime) -> bool:
    gone = db.session.execute(delete(table).where(whose, table.created_at >= since).returning(table.id))
    return len(gone.all()) > 0


def _undo_app(user_id: UUID, since: datetime) -> list[Undone]:
    """An app that was switched on since then, and recovery codes that somebody else may have read."""
    security = db.session.get(UserSecurity, user_id, with_for_update=True, populate_existing=True)
    if security is None:
        return []
    lately = select(SecurityEvent.event_type).where(
        SecurityEvent.user_id == user_id,
        SecurityEvent.event_type.in_(("second_factor_on", "recovery_codes_renewed")),
        SecurityEvent.occurred_at >= since,
    )
    happened = {*db.session.scalars(lately)}
    undone = []
    if security.mfa_enabled and "second_factor_on" in happened:
        security.mfa_enabled, security.mfa_secret, security.mfa_last_step = False, None, None
        undone.append(Undone.APP)
    if security.recovery_codes and happened:
        security.recovery_codes = []
        undone.append(Undone.RECOVERY_CODES)
    return undone
