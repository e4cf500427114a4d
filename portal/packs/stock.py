"""Taking a pack off the shelf and putting it back, so that the last one is taken once (PACK-06)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update

from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.i18n import _
from portal.packs.availability import on_offer
from portal.packs.models import Pack


@dataclass(frozen=True, slots=True)
class Taken:
    """One pack as it was when it was taken; the price, in XOF, is frozen from here on."""

    pack_id: UUID
    partner_id: UUID
    name: str
    price_minor: int
    validity_days: int
    max_redemptions_per_user: int


class SoldOut(Conflict):
    """Somebody was faster: none is left."""


class NotOnOffer(Conflict):
    """The pack is paused, outside its dates, or its house does not work now."""


def take_one(pack_id: UUID, *, by: Actor) -> Taken:
    """Take one of the pack, which stays locked until the transaction ends.

    Raises `SoldOut`, `NotOnOffer`, or `NotFound` when there is no such pack.
    """
    moment = clock.now()
    row = db.session.execute(
        update(Pack)
        .where(Pack.id == pack_id, on_offer(moment))
        .values(quantity_taken=Pack.quantity_taken + 1, updated_at=moment, updated_by=by.user_id)
        .returning(
            Pack.id,
            Pack.partner_id,
            Pack.name,
            Pack.base_price_minor,
            Pack.discounted_price_minor,
            Pack.validity_days,
            Pack.max_redemptions_per_user,
        )
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        raise _why_not(pack_id)
    return Taken(
        pack_id=row.id,
        partner_id=row.partner_id,
        name=row.name,
        price_minor=row.discounted_price_minor or row.base_price_minor,
        validity_days=row.validity_days,
        max_redemptions_per_user=row.max_redemptions_per_user,
    )


def give_back_one(pack_id: UUID, *, by: Actor) -> None:
    """Put back one that was taken and will not be served."""
    db.session.execute(
        update(Pack)
        .where(Pack.id == pack_id)
        .values(quantity_taken=Pack.quantity_taken - 1, updated_at=clock.now(), updated_by=by.user_id)
        .execution_options(synchronize_session=False)
    )


def _why_not(pack_id: UUID) -> Conflict | NotFound:
    row = db.session.execute(
        select(Pack.total_available_quantity, Pack.quantity_taken).where(Pack.id == pack_id)
    ).one_or_none()
    if row is None:
        return NotFound()
    total, taken = row
    if total is not None and taken >= total:
        return SoldOut(_("The last one of this pack has just been taken. Please choose another."))
    return NotOnOffer(_("This pack is not on offer any more. Please choose another."))
