"""What people of the demo world say about themselves beyond a name, and the papers of the young."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from portal.demo.cast import Person
from portal.demo.stage import Stage
from portal.kernel.art import portrait
from portal.kernel.db import db, transaction
from portal.people.about import AboutFacts, Gender, Network, Occupation, save_about
from portal.people.addresses import AddressFacts, add_address
from portal.people.models import AddressType, DocumentType, HostType, Profile
from portal.people.offering import Offer, save_offer
from portal.people.papers import PaperFacts, hand_in, papers_of
from portal.people.places import Place
from portal.people.reviewing import approve, refuse

_DAY = timedelta(days=1)


def plan_selves(stage: Stage) -> None:
    """Awa says most about herself; young people hand in a paper, and the last one's waits to be looked at."""
    cast, agenda = stage.cast, stage.agenda
    agenda.at(cast.awa.joined + _DAY, partial(_settle_in, cast.awa))
    for number, minor in enumerate(cast.minors):
        agenda.at(minor.joined + _DAY, partial(_hand_in, minor, number))
        if minor is not cast.minors[-1]:
            decides = partial(_decide, minor, cast.admins[0], is_good=number != 0)
            agenda.at(minor.joined + 2 * _DAY, decides)


def _settle_in(person: Person) -> None:
    me, by = person.user_id, person.actor
    home = Place(region=person.region, city=person.town)
    with transaction(by):
        db.session.get_one(Profile, me).interests = ["Musique", "Cuisine", "Lutte sénégalaise"]
        handles = {Network.INSTAGRAM: "awa.ndiaye", Network.TIKTOK: "awandiaye"}
        save_about(me, AboutFacts(Gender.WOMAN, Occupation.OWN_BUSINESS, 6, handles), by=by)
        add_address(me, AddressFacts(AddressType.PRIMARY, "Grand Standing, villa 12", home), by=by)
        add_address(me, AddressFacts(AddressType.DELIVERY, "Atelier, rue 22", home), by=by)
        offer = Offer(HostType.GUIDE, "Je montre la ville à pied, le soir.", "wolof, français", True)
        save_offer(me, offer, by=by)


def _hand_in(person: Person, number: int) -> None:
    with transaction(person.actor):
        facts = PaperFacts(DocumentType.BIRTH_CERTIFICATE, "SEN", f"SN-{person.phone[-7:]}-{number}")
        hand_in(person.user_id, facts, portrait(person.name), by=person.actor)


def _decide(person: Person, admin: Person, *, is_good: bool) -> None:
    with transaction(admin.actor):
        (paper,) = papers_of(person.user_id)
        if is_good:
            approve(paper.id, by=admin.actor)
        else:
            refuse(paper.id, reason="La photo est floue. Merci de la refaire en plein jour.", by=admin.actor)
