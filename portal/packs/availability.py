"""Which packs are on offer: the one predicate of catalogue, choice and stock."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_

from portal.packs.models import Pack
from portal.partners.models import Partner, PartnerStatus


def partner_works() -> ColumnElement[bool]:
    """The pack's house is verified, active and serves gifts (PRT-09)."""
    return (
        exists()
        .where(Partner.id == Pack.partner_id, Partner.status == PartnerStatus.ACTIVE, Partner.is_venue)
        .correlate(Pack)
    )


def in_window(moment: datetime) -> ColumnElement[bool]:
    """Not before it is offered and not after (PACK-04)."""
    return and_(
        or_(Pack.available_from.is_(None), Pack.available_from <= moment),
        or_(Pack.available_until.is_(None), Pack.available_until > moment),
    )


def in_stock() -> ColumnElement[bool]:
    """At least one is left (PACK-06)."""
    return or_(Pack.total_available_quantity.is_(None), Pack.quantity_taken < Pack.total_available_quantity)


def on_offer(moment: datetime) -> ColumnElement[bool]:
    """The pack can be chosen at `moment`: active, in its window, in stock, of a house that works."""
    return and_(Pack.is_active, in_window(moment), in_stock(), partner_works())
