"""What a person keeps about themselves: an address, a calendar, a paper, a friend who is written to."""

from __future__ import annotations

from portal.identity.models import User
from portal.people.addresses import AddressFacts, add_address
from portal.people.calendars import renew_link
from portal.people.models import AddressType, DocumentType
from portal.people.papers import PaperFacts, hand_in
from portal.people.places import Place
from tests.badinput.pictures import photo
from tests.harness.house import acting
from tests.identity.doorway import open_account


def make_selves(people: dict[str, User]) -> dict[str, str]:
    """One of each."""
    client = people["client"]
    friend = people["friend"] = open_account("Ndeye Ba", email="ndeye@example.org")
    friend.referred_by = people["sponsor"].id
    home = AddressFacts(AddressType.PRIMARY, "Fann Hock", Place(region="Dakar", city="Dakar"))
    passport = PaperFacts(DocumentType.PASSPORT, "SEN", "P12345678")
    return {
        "address": str(add_address(client.id, home, by=acting(client)).id),
        "paper": str(hand_in(people["guardian"].id, passport, photo(), by=acting(people["guardian"])).id),
        "calendar": renew_link(client.id, by=acting(client)),
    }
