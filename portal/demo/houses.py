"""Houses apply, are accepted, and put their packs on the shelf."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from portal.demo.cast import Person
from portal.demo.data import HOUSES, HOW_TO_USE, OFFERS
from portal.demo.stage import Kept, Stage
from portal.demo.teams import hire
from portal.kernel.art import pack_picture
from portal.kernel.db import transaction
from portal.kernel.roles import MemberRole
from portal.packs.models import PackCategory
from portal.packs.services import PackFacts, create_pack
from portal.partners.home import PARTNER
from portal.partners.models import PartnerType, PaymentTerms
from portal.partners.services import (
    Habits,
    Organisation,
    Terms,
    apply_partner,
    change_habits,
    change_terms,
    verify,
)
from portal.partners.venues import Place, add_venue
from portal.payouts.destinations import change_partner_destination

_MINIMUM_PAYOUT = 10_000
# Here the scan is enough; elsewhere the member confirms.
_TRUSTS_ITS_SCANNER = 5
# What Wave calls the holder of this house's number is not what the house says.
_OTHER_NAME_AT_WAVE = 7
_VALIDITY_DAYS, _SHORT_VALIDITY_DAYS = 90, 30


def plan_houses(stage: Stage) -> None:
    """Each house applies on its owner's first day and works within the week."""
    for number, owner in enumerate(stage.cast.owners):
        applied = owner.joined + timedelta(minutes=20)
        admin = stage.cast.admins[number % 2]
        stage.agenda.at(applied, partial(_apply, stage, number))
        stage.agenda.at(applied + timedelta(hours=19), partial(_accept, stage, number, admin))
        stage.agenda.at(applied + timedelta(hours=22), partial(_furnish, stage, number))
        stage.agenda.at(stage.days.at(-175, 9, number), partial(_hire, stage, number))


def _apply(stage: Stage, number: int) -> None:
    house, owner = HOUSES[number], stage.cast.owners[number]
    details = Organisation(
        name=house.name,
        type=PartnerType(house.type),
        description=house.description,
        contact_name=owner.name,
        contact_email=owner.email,
        contact_phone=owner.phone,
        business_registration=f"SN-DKR-2021-B-{14_000 + 37 * number}",
        tax_id=f"00{5_410_000 + 911 * number}",
    )
    with transaction(owner.actor):
        partner = apply_partner(details, owner.user_id, by=owner.actor)
        stage.houses[number] = Kept(partner.id, owner, stage.cast.teams[number])


def _accept(stage: Stage, number: int, admin: Person) -> None:
    house, partner_id = HOUSES[number], stage.houses[number].partner_id
    terms = Terms(Decimal(house.split), PaymentTerms(house.terms), _MINIMUM_PAYOUT)
    with transaction(admin.actor):
        verify(partner_id, by=admin.actor)
        change_terms(partner_id, terms, by=admin.actor)


def _furnish(stage: Stage, number: int) -> None:
    """Venues, packs with their pictures, habits, and the number where the house is paid."""
    house, kept = HOUSES[number], stage.houses[number]
    by = kept.owner.actor
    holder = "Diallo et fils" if number == _OTHER_NAME_AT_WAVE else house.name
    stage.wave.know(kept.owner.phone, holder)
    with transaction(by):
        for place, (name, region, town) in enumerate(house.venues):
            street = f"{12 + 7 * place} avenue Cheikh Anta Diop"
            venue = Place(name, town, region, street=street, phone=kept.owner.phone)
            kept.venues.append(add_venue(kept.partner_id, venue, by=by).id)
        for place, offer in enumerate(OFFERS):
            if offer.house == number:
                stage.packs[place] = _put_on_shelf(kept, place)
        change_partner_destination(kept.partner_id, kept.owner.phone, house.name, by=by)
        told = {"redemptions": number == 0, "settlements": True}
        change_habits(kept.partner_id, Habits(number == _TRUSTS_ITS_SCANNER, told), by=by)


def _put_on_shelf(kept: Kept, place: int) -> UUID:
    offer = OFFERS[place]
    is_short = offer.stock is not None
    facts = PackFacts(
        name=offer.name,
        description=offer.description,
        category=PackCategory(offer.category),
        base_price_minor=offer.price,
        discounted_price_minor=offer.reduced,
        total_available_quantity=offer.stock,
        validity_days=_SHORT_VALIDITY_DAYS if is_short else _VALIDITY_DAYS,
        venue_ids=tuple(kept.venues[:1]) if is_short else (),
        redemption_instructions=HOW_TO_USE[offer.category],
        terms_and_conditions="Valable une fois, hors jours fériés. Le code ne s'échange pas contre de l'argent.",
        marketing_tags=(offer.category, "anniversaire"),
    )
    photo = pack_picture(offer.category, offer.name)
    return create_pack(kept.partner_id, facts, photo=photo, by=kept.owner.actor).id


def _hire(stage: Stage, number: int) -> None:
    """The team: a manager where there are several, members for the tills."""
    kept = stage.houses[number]
    for place, person in enumerate(kept.team):
        is_manager = place == 0 and len(kept.team) > 2
        role = MemberRole.MANAGER if is_manager else MemberRole.STAFF
        hire(PARTNER, kept.partner_id, person, role, by=kept.owner)
