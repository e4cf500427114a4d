"""What can be done with a pack: create, edit, price, pause (PACK-14)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.audit.services import record
from portal.config.values import POT_TARGET_MAX, value_of
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import InvalidInput, NotFound
from portal.kernel.i18n import _
from portal.kernel.ids import UNAMBIGUOUS, new_id, random_code
from portal.kernel.money import francs
from portal.packs import pictures
from portal.packs.models import Pack, PackCategory
from portal.partners.models import Partner, PartnerVenue

RESOURCE = Pack.__tablename__
MAX_VALIDITY_DAYS = 730
MOST_TAGS = 10
MAX_TAG_LENGTH = 30
_MAX_SLUG = 80


@dataclass(frozen=True, slots=True)
class PackFacts:
    """What a house says about a pack (PACK-01 to PACK-12); prices in XOF, `available_until` not included."""

    name: str
    description: str
    category: PackCategory
    base_price_minor: int
    discounted_price_minor: int | None = None
    available_from: datetime | None = None
    available_until: datetime | None = None
    max_redemptions_per_user: int = 1
    total_available_quantity: int | None = None
    validity_days: int = 90
    venue_ids: tuple[UUID, ...] = ()
    terms_and_conditions: str | None = None
    redemption_instructions: str | None = None
    seo_title: str | None = None
    seo_description: str | None = None
    marketing_tags: tuple[str, ...] = ()


def create_pack(partner_id: UUID, facts: PackFacts, *, photo: bytes | None = None, by: Actor) -> Pack:
    """Put a pack of this partner on the shelf. Raises `InvalidInput` naming the field, `NotFound`."""
    if db.session.get(Partner, partner_id) is None:
        raise NotFound
    pack = Pack(id=new_id(), partner_id=partner_id, slug=_free_slug(facts.name), quantity_taken=0)
    _write(pack, facts)
    if photo:
        pictures.set_picture(pack, photo)
    db.session.add(pack)
    db.session.flush()
    record("pack_created", (RESOURCE, pack.id), by=by, new=_as_json(asdict(facts)))
    return pack


def edit_pack(
    pack_id: UUID,
    facts: PackFacts,
    *,
    partner_id: UUID | None = None,
    photo: bytes | None = None,
    by: Actor,
) -> Pack:
    """Change a pack; codes already issued keep their price and period.

    With `partner_id` only that partner's pack is found. Raises as `create_pack`.
    """
    pack = _locked(pack_id, partner_id)
    before = _facts_of(pack)
    _write(pack, facts)
    if photo:
        pictures.set_picture(pack, photo)
    db.session.flush()
    after = _facts_of(pack)
    changed = [name for name in after if after[name] != before[name]]
    if changed or photo:
        record(
            "pack_changed",
            (RESOURCE, pack.id),
            by=by,
            old=_as_json({name: before[name] for name in changed}),
            new=_as_json({name: after[name] for name in changed}),
        )
    return pack


def offer_pack(pack_id: UUID, *, is_active: bool, partner_id: UUID | None = None, by: Actor) -> Pack:
    """Put a pack on offer or pause it; codes already issued stay good (PACK-04, PACK-14)."""
    pack = _locked(pack_id, partner_id)
    if pack.is_active is not is_active:
        pack.is_active = is_active
        record("pack_offered" if is_active else "pack_paused", (RESOURCE, pack.id), by=by)
    return pack


def change_gallery(
    pack_id: UUID, change: Callable[[Pack], None], *, partner_id: UUID | None = None, by: Actor
) -> Pack:
    """Add or take away a picture, as `portal.packs.pictures` does it."""
    pack = _locked(pack_id, partner_id)
    change(pack)
    record("pack_gallery_changed", (RESOURCE, pack.id), by=by)
    return pack


def _locked(pack_id: UUID, partner_id: UUID | None) -> Pack:
    statement = select(Pack).where(Pack.id == pack_id)
    if partner_id is not None:
        statement = statement.where(Pack.partner_id == partner_id)
    pack = db.session.execute(
        statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if pack is None:
        raise NotFound
    return pack


def _write(pack: Pack, facts: PackFacts) -> None:
    _check_prices(facts)
    _check_limits(pack, facts)
    _check_venues(pack.partner_id, facts.venue_ids)
    for name, value in asdict(facts).items():
        setattr(pack, name, list(value) if isinstance(value, tuple) else value)


def _check_prices(facts: PackFacts) -> None:
    """A price is positive, a discount not above it, and some pot can reach it (PACK-02, PACK-03)."""
    highest = value_of(POT_TARGET_MAX)
    if not 0 < facts.base_price_minor <= highest:
        raise InvalidInput(
            _("Please choose an amount from %(low)s to %(high)s.", low=francs(1), high=francs(highest)),
            field="base_price_minor",
        )
    discount = facts.discounted_price_minor
    if discount is not None and not 0 < discount <= facts.base_price_minor:
        raise InvalidInput(
            _("The reduced price must be above zero and not above the price."),
            field="discounted_price_minor",
        )


def _check_limits(pack: Pack, facts: PackFacts) -> None:
    if (
        facts.available_from is not None
        and facts.available_until is not None
        and facts.available_until < facts.available_from
    ):
        raise InvalidInput(_("The last day lies before the first day."), field="available_until")
    total = facts.total_available_quantity
    if total is not None and total < max(pack.quantity_taken, 0):
        raise InvalidInput(
            _("%(taken)s are taken already. The number cannot be smaller.", taken=pack.quantity_taken),
            field="total_available_quantity",
        )
    if not 1 <= facts.validity_days <= MAX_VALIDITY_DAYS:
        raise InvalidInput(
            _("A gift is valid from 1 to %(days)s days.", days=MAX_VALIDITY_DAYS), field="validity_days"
        )
    if facts.max_redemptions_per_user < 1:
        raise InvalidInput(_("Each person may use it at least once."), field="max_redemptions_per_user")
    if len(facts.marketing_tags) > MOST_TAGS or any(
        len(tag) > MAX_TAG_LENGTH for tag in facts.marketing_tags
    ):
        raise InvalidInput(
            _("Please use at most %(count)s short words.", count=MOST_TAGS), field="marketing_tags"
        )


def _check_venues(partner_id: UUID, venue_ids: tuple[UUID, ...]) -> None:
    """A pack is valid only at places of its own house (PACK-09)."""
    if not venue_ids:
        return
    own = db.session.execute(
        select(func.count()).where(PartnerVenue.partner_id == partner_id, PartnerVenue.id.in_(venue_ids))
    ).scalar_one()
    if own != len(set(venue_ids)):
        raise InvalidInput(_("Please choose among your own places."), field="venue_ids")


def _free_slug(name: str) -> str:
    """The name as a part of an address, with a few letters more when it is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MAX_SLUG] or "pack"
    taken = db.session.execute(select(Pack.id).where(Pack.slug == slug)).scalar()
    return f"{slug}-{random_code(6, UNAMBIGUOUS).lower()}" if taken else slug


def _facts_of(pack: Pack) -> dict[str, Any]:
    return {name: getattr(pack, name) for name in PackFacts.__slots__}


def _as_json(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in facts.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
