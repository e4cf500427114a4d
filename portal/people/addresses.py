"""Postal addresses: several of each kind, the one that is used first always known (PPL-21, PPL-22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update

from portal.config.people_values import MOST_ADDRESSES
from portal.config.values import value_of
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.i18n import _
from portal.people.birthdays import locked_profile
from portal.people.models import AddressType, UserAddress
from portal.people.places import Place, checked


@dataclass(frozen=True, slots=True)
class AddressFacts:
    """An address as a person says it."""

    type: AddressType
    street: str
    place: Place
    postal_code: str | None = None
    is_default: bool = False


def addresses_of(user_id: UUID) -> Sequence[UserAddress]:
    """A person's addresses by kind, the one used first before the others."""
    return db.session.scalars(
        select(UserAddress)
        .where(UserAddress.user_id == user_id)
        .order_by(UserAddress.type, UserAddress.is_default.desc(), UserAddress.id)
    ).all()


def address_of(address_id: UUID, user_id: UUID) -> UserAddress:
    """One of a person's own addresses. Raises `NotFound` for another's."""
    found = select(UserAddress).where(UserAddress.id == address_id, UserAddress.user_id == user_id)
    row = db.session.scalars(found).one_or_none()
    if row is None:
        raise NotFound
    return row


def add_address(user_id: UUID, facts: AddressFacts, *, by: Actor) -> UserAddress:
    """Keep one more address; the first of its kind is used first.

    Raises `InvalidInput` for a place that does not exist, `Conflict` when there are too many.
    """
    # Two at once wait for each other here: one address of each kind stays the first.
    locked_profile(user_id)
    kept = addresses_of(user_id)
    most = value_of(MOST_ADDRESSES)
    if len(kept) >= most:
        raise Conflict(_("You have %(most)s addresses already. Remove one first.", most=most))
    row = UserAddress(user_id=user_id)
    _write(row, facts)
    row.is_default = False
    db.session.add(row)
    db.session.flush()
    _choose_first(user_id, facts.type, row if facts.is_default else None)
    return row


def change_address(address_id: UUID, user_id: UUID, facts: AddressFacts, *, by: Actor) -> UserAddress:
    """Change one of a person's own addresses. Raises `NotFound`, `InvalidInput`."""
    locked_profile(user_id)
    row = address_of(address_id, user_id)
    before = row.type
    _write(row, facts)
    row.is_default = row.is_default and before is facts.type
    db.session.flush()
    _choose_first(user_id, facts.type, row if facts.is_default else None)
    _choose_first(user_id, before, None)
    return row


def remove_address(address_id: UUID, user_id: UUID, *, by: Actor) -> None:
    """Forget one of a person's own addresses; another of its kind takes its place. Raises `NotFound`."""
    locked_profile(user_id)
    row = address_of(address_id, user_id)
    db.session.delete(row)
    db.session.flush()
    _choose_first(user_id, row.type, None)


def _write(row: UserAddress, facts: AddressFacts) -> None:
    place = checked(facts.place)
    row.type = facts.type
    row.street = facts.street
    row.city = place.city or ""
    row.region = place.region
    row.department = place.department
    row.country = place.country
    row.postal_code = facts.postal_code


def _choose_first(user_id: UUID, kind: AddressType, wanted: UserAddress | None) -> None:
    """Use `wanted` first, else leave the one that is, else the oldest of the kind."""
    of_kind = [row for row in addresses_of(user_id) if row.type is kind]
    chosen = wanted or next((row for row in of_kind if row.is_default), None)
    chosen = chosen or min(of_kind, key=lambda row: row.id, default=None)
    if chosen is None or chosen.is_default:
        return
    # The earlier one first: the database allows no moment with two.
    db.session.execute(
        update(UserAddress)
        .where(UserAddress.user_id == user_id, UserAddress.type == kind, UserAddress.is_default)
        .values(is_default=False)
    )
    chosen.is_default = True
    db.session.flush()
