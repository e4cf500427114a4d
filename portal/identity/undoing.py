"""Undoing what somebody who was in an account may have made to come in again (ID-51).

When each thing was made decides, and of the app and its recovery codes the security events, which no hand changes.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from portal.identity.houses import NAMES
from portal.identity.models import (
    AuthIdentity,
    DeviceRegistration,
    Passkey,
    SecurityEvent,
    User,
    UserSecurity,
)
from portal.kernel.db import db


class Undone(StrEnum):
    """What was taken away again."""

    EMAIL = "email"
    PHONE = "phone"
    PASSWORD = "password"  # noqa: S105  (a kind, not a secret)
    PASSKEY = "passkey"
    HOUSE = "house"
    APP = "app"
    RECOVERY_CODES = "recovery_codes"
    DEVICE = "device"


def undo_ways_in(user: User, since: datetime) -> list[Undone]:
    """Take away the password, and every way in and second step that was made from `since` on; which it was.

    The caller leaves the account an address or a number, so that a way in remains (ID-35).
    """
    undone = [Undone.PASSWORD] if user.password_hash is not None else []
    user.password_hash = None
    houses = (AuthIdentity.user_id == user.id) & AuthIdentity.provider.in_(NAMES)
    made = {
        Undone.PASSKEY: (Passkey, Passkey.user_id == user.id),
        Undone.HOUSE: (AuthIdentity, houses),
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
