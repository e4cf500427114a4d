"""The places where a partner serves (PRT-07)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.audit.services import record
from portal.kernel.actor import Actor
from portal.kernel.db import db, violated
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.i18n import _
from portal.kernel.phones import to_e164
from portal.kernel.places import REGIONS
from portal.partners.models import PartnerVenue

RESOURCE = PartnerVenue.__tablename__


@dataclass(frozen=True, slots=True)
class Place:
    """Where a venue is and how to reach it; coordinates in degrees."""

    name: str
    city: str
    region: str
    street: str | None = None
    phone: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None


def add_venue(partner_id: UUID, place: Place, *, by: Actor) -> PartnerVenue:
    """Open a place. Raises `InvalidInput` for an unknown region or phone, `Conflict` for a name in use."""
    venue = PartnerVenue(partner_id=partner_id)
    _store(venue, place)
    record("partner_venue_added", (RESOURCE, venue.id), by=by, new={"name": place.name})
    return venue


def change_venue(partner_id: UUID, venue_id: UUID, place: Place, *, by: Actor) -> PartnerVenue:
    """Correct what is said about a place. Raises as `add_venue`, and `NotFound`."""
    venue = venue_of(partner_id, venue_id)
    before = _facts(venue)
    _store(venue, place)
    after = _facts(venue)
    if before != after:
        record("partner_venue_changed", (RESOURCE, venue.id), by=by, old=before, new=after)
    return venue


def open_venue(partner_id: UUID, venue_id: UUID, *, is_active: bool, by: Actor) -> PartnerVenue:
    """Open or close a place; a closed one serves no gift."""
    venue = venue_of(partner_id, venue_id)
    if venue.is_active is not is_active:
        venue.is_active = is_active
        action = "partner_venue_opened" if is_active else "partner_venue_closed"
        record(action, (RESOURCE, venue.id), by=by)
    return venue


def venue_of(partner_id: UUID, venue_id: UUID) -> PartnerVenue:
    """A place of this partner. Raises `NotFound`."""
    statement = select(PartnerVenue).where(PartnerVenue.partner_id == partner_id, PartnerVenue.id == venue_id)
    venue = db.session.execute(statement).scalar_one_or_none()
    if venue is None:
        raise NotFound
    return venue


def _facts(venue: PartnerVenue) -> dict[str, Any]:
    """What is said about a place, as the trail keeps it."""
    facts = {field.name: getattr(venue, field.name) for field in fields(Place)}
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in facts.items()}


def _store(venue: PartnerVenue, place: Place) -> None:
    """Write the place down; one name stands once in a house."""
    if place.region not in REGIONS:
        raise InvalidInput(_("Please choose one of the regions."), field="region")
    facts = asdict(place)
    if place.phone:
        facts["phone"] = to_e164(place.phone)
    try:
        with db.session.begin_nested():
            for name, value in facts.items():
                setattr(venue, name, value)
            db.session.add(venue)
            db.session.flush()
    except IntegrityError as error:
        if violated(error) != "uq_partner_venues_partner_id_name":
            raise
        raise Conflict(_("You already have a place with this name."), field="name") from None
