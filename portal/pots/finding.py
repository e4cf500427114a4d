"""The one way to take hold of a pot and of what it holds.

Whoever changes a pot or its gifts locks the pot's row first, then the gift, then the ledger's accounts. News of a
payment arrives under that payment's lock, while a pot that ends asks for refunds under its own: where a late refund
made in Wave's portal meets the end of its pot, the two may wait for each other, PostgreSQL undoes one of them,
and the work is done again (`in_transaction`, the request wrapper).
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.ledger.accounts import pot_funds
from portal.ledger.queries import balance
from portal.pots.models import Pot, PotStatus


def lock_pot(pot_id: UUID, *, owner_user_id: UUID | None = None) -> Pot:
    """The pot as it is now, locked until the end of the transaction.

    Raises `NotFound` when there is none, or when it is not `owner_user_id`'s.
    """
    statement = select(Pot).where(Pot.id == pot_id)
    if owner_user_id is not None:
        statement = statement.where(Pot.owner_user_id == owner_user_id)
    pot = db.session.execute(
        statement.with_for_update().execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if pot is None:
        raise NotFound
    return pot


def owned_pot(pot_id: UUID, owner_user_id: UUID) -> Pot:
    """The person's own pot, not locked. Raises `NotFound` for a stranger."""
    pot = db.session.execute(
        select(Pot).where(Pot.id == pot_id, Pot.owner_user_id == owner_user_id)
    ).scalar_one_or_none()
    if pot is None:
        raise NotFound
    return pot


def live_pot(owner_user_id: UUID, birthday: date) -> Pot | None:
    """The owner's pot for `birthday` that is not closed; there is at most one."""
    return db.session.execute(
        select(Pot).where(
            Pot.owner_user_id == owner_user_id,
            Pot.birthday_date == birthday,
            Pot.status != PotStatus.CLOSED,
        )
    ).scalar_one_or_none()


def available_minor(pot: Pot) -> int:
    """What the pot can spend now, in XOF: gifts and converted points, less what is promised back to donors."""
    return balance(pot_funds(pot.id)).available
