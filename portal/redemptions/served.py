"""Gifts that were served, as the lines of settlements and statements."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from portal.kernel.db import db
from portal.kernel.paging import Page, SortKey, paginate
from portal.packs.models import Pack
from portal.partners.models import PartnerVenue
from portal.redemptions.models import PartnerPeriod, QrCode


@dataclass(frozen=True, slots=True)
class ServedGift:
    """One redeemed code and what it earned the two sides, in XOF."""

    when: datetime
    code: str
    pack: str
    venue: str | None
    price_minor: int
    share_minor: int
    commission_minor: int


def served_page(settlement_id: UUID, cursor: str | None, size: int = 50) -> Page[ServedGift]:
    """The gifts that a settlement sums, newest first (STL-09, STL-10)."""
    keys = [SortKey(QrCode.redeemed_at), SortKey(QrCode.id)]
    found = paginate(_served(settlement_id), keys, cursor, size)
    return replace(found, items=[ServedGift(*row) for row in found.items])


def served_gifts(settlement_id: UUID, limit: int) -> list[ServedGift]:
    """The same in the order of the scans, for a file; at most `limit`."""
    ordered = _served(settlement_id).order_by(QrCode.redeemed_at, QrCode.id).limit(limit)
    return [ServedGift(*row) for row in db.session.execute(ordered)]


def pack_names(code_ids: Collection[UUID]) -> dict[UUID, str]:
    """What was served on each of these codes, in one statement."""
    statement = (
        select(QrCode.id, Pack.name).join(Pack, Pack.id == QrCode.pack_id).where(QrCode.id.in_(code_ids))
    )
    return {row.id: row.name for row in db.session.execute(statement)}


def _served(settlement_id: UUID) -> Select[*tuple[Any, ...]]:
    return (
        select(
            QrCode.redeemed_at,
            QrCode.code,
            Pack.name,
            PartnerVenue.name,
            QrCode.price_minor,
            QrCode.partner_share_minor,
            QrCode.commission_minor,
        )
        .join(PartnerPeriod, PartnerPeriod.id == QrCode.partner_period_id)
        .join(Pack, Pack.id == QrCode.pack_id)
        .outerjoin(PartnerVenue, PartnerVenue.id == QrCode.redeemed_venue_id)
        .where(PartnerPeriod.settlement_id == settlement_id)
    )
