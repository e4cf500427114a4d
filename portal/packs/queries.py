"""What can be asked of packs: the catalogue, one pack with its places, a house's shelf, all packs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select

from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.paging import Filter, Page, SortKey, paginate
from portal.packs.availability import on_offer, partner_works
from portal.packs.models import Pack, PackCategory
from portal.partners.models import Partner, PartnerVenue

MOST_EXPORTED = 10_000
MOST_PARTNERS = 300
MOST_PLACES = 200
price_now = func.coalesce(Pack.discounted_price_minor, Pack.base_price_minor)


@dataclass(frozen=True, slots=True)
class PackFilter(Filter):
    """What somebody looks for; prices in XOF, both included."""

    category: PackCategory | None = None
    price_from: int | None = None
    price_to: int | None = None
    partner_id: UUID | None = None
    region: str | None = None
    words: str | None = None
    is_active: bool | None = None


@dataclass(frozen=True, slots=True)
class PackPage:
    """One pack with its house and the places where it is valid."""

    pack: Pack
    partner: Partner
    venues: list[PartnerVenue]
    is_on_offer: bool


def catalogue(wanted: PackFilter, cursor: str | None, *, dearest_first: bool = False) -> Page[Any]:
    """Packs on offer with the name of the house, by price (PACK-13)."""
    statement = _matching(wanted).where(on_offer(clock.now()))
    keys = [SortKey(price_now, dearest_first), SortKey(Pack.id, dearest_first)]
    return paginate(statement, keys, cursor, size=24)


def partners_on_offer() -> list[tuple[UUID, str]]:
    """The houses that have a pack on offer, by name: the choices of the catalogue's filter."""
    statement = (
        select(Partner.id, Partner.name)
        .where(exists().where(Pack.partner_id == Partner.id, on_offer(clock.now())))
        .order_by(Partner.name)
        .limit(MOST_PARTNERS)
    )
    return [(partner_id, name) for partner_id, name in db.session.execute(statement)]


def public_pack(slug: str) -> PackPage:
    """A pack that people may look at: not paused, of a house that works. Raises `NotFound`."""
    return _pack_page(select(Pack).where(Pack.slug == slug, Pack.is_active, partner_works()))


def pack_page(pack_id: UUID) -> PackPage:
    """A pack on offer or not, with house and places. Raises `NotFound`."""
    return _pack_page(select(Pack).where(Pack.id == pack_id))


def places_of(pack: Pack) -> list[PartnerVenue]:
    """The open places where the pack is valid (R-49: none named means every place)."""
    statement = select(PartnerVenue).where(PartnerVenue.partner_id == pack.partner_id, PartnerVenue.is_active)
    if pack.venue_ids:
        statement = statement.where(PartnerVenue.id.in_(pack.venue_ids))
    return list(db.session.execute(statement.order_by(PartnerVenue.name).limit(MOST_PLACES)).scalars())


def shelf(partner_id: UUID, cursor: str | None) -> Page[Pack]:
    """A house's own packs, paused ones too, the newest first."""
    statement = select(Pack).where(Pack.partner_id == partner_id)
    return paginate(statement, [SortKey(Pack.created_at), SortKey(Pack.id)], cursor)


def own_pack(pack_id: UUID, partner_id: UUID | None) -> Pack:
    """A pack of this house, of any with None. Raises `NotFound`."""
    statement = select(Pack).where(Pack.id == pack_id)
    if partner_id is not None:
        statement = statement.where(Pack.partner_id == partner_id)
    pack = db.session.execute(statement).scalar_one_or_none()
    if pack is None:
        raise NotFound
    return pack


def all_packs(wanted: PackFilter, cursor: str | None) -> Page[Any]:
    """Every pack with the name of its house, for admins, the newest first."""
    return paginate(_matching(wanted), [SortKey(Pack.created_at), SortKey(Pack.id)], cursor)


def all_pack_rows(wanted: PackFilter) -> Sequence[Any]:
    """The same list for a file, up to `MOST_EXPORTED` rows."""
    statement = _matching(wanted).order_by(Pack.created_at.desc(), Pack.id.desc()).limit(MOST_EXPORTED)
    return db.session.execute(statement).all()


def _pack_page(statement: Select[Pack]) -> PackPage:
    row = db.session.execute(
        statement.join(Partner, Partner.id == Pack.partner_id).add_columns(
            Partner, on_offer(clock.now()).label("is_on_offer")
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    pack, partner, is_on_offer = row
    return PackPage(pack, partner, places_of(pack), is_on_offer)


def _matching(wanted: PackFilter) -> Select[Pack, str]:
    statement = select(Pack, Partner.name).join(Partner, Partner.id == Pack.partner_id)
    if wanted.category is not None:
        statement = statement.where(Pack.category == wanted.category)
    if wanted.price_from is not None:
        statement = statement.where(price_now >= wanted.price_from)
    if wanted.price_to is not None:
        statement = statement.where(price_now <= wanted.price_to)
    if wanted.partner_id is not None:
        statement = statement.where(Pack.partner_id == wanted.partner_id)
    if wanted.is_active is not None:
        statement = statement.where(Pack.is_active.is_(wanted.is_active))
    if wanted.region is not None:
        statement = statement.where(_served_in(wanted.region))
    if wanted.words:
        words = [
            column.icontains(wanted.words, autoescape=True)
            for column in (Pack.name, Pack.description, Partner.name)
        ]
        statement = statement.where(or_(*words, Pack.marketing_tags.contains([wanted.words.casefold()])))
    return statement


def _served_in(region: str) -> Any:
    """The pack is valid at an open place of that region."""
    return exists().where(
        PartnerVenue.partner_id == Pack.partner_id,
        PartnerVenue.is_active,
        PartnerVenue.region == region,
        or_(func.cardinality(Pack.venue_ids) == 0, PartnerVenue.id == Pack.venue_ids.any_()),
    )
