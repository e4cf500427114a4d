"""The ways in that a person has, of which one must stay (ID-35)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from portal.identity.models import AuthIdentity, Passkey
from portal.kernel.db import db
from portal.kernel.errors import Conflict
from portal.kernel.i18n import _


def keep_a_way_in(user_id: UUID, *, without: UUID) -> None:
    """Raise `Conflict` when the identity or passkey `without` is the last way in.

    The account is held, so that two that go at the same moment do not both think of the other.
    """
    identities = select(func.count()).where(AuthIdentity.user_id == user_id, AuthIdentity.id != without)
    passkeys = select(func.count()).where(Passkey.user_id == user_id, Passkey.id != without)
    left = select(identities.scalar_subquery() + passkeys.scalar_subquery())
    if db.session.execute(left).scalar_one() == 0:
        raise Conflict(_("This is your last way to sign in. Please add another one first."))
