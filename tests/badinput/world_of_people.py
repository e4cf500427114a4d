"""What a person keeps about themselves: an address, a calendar, a friend who is written to."""

from __future__ import annotations

from portal.identity.models import User
from portal.people.addresses import AddressFacts, add_address
from portal.people.calendars import renew_link
from portal.people.models import AddressType
from portal.people.places import Place
from tests.harness.house import acting
from tests.identity.doorway import open_account


def make_selves(people: dict[str, User]) -> dict[str, str]:
    """One of each."""
    client = people["client"]
    friend = people["friend"] = open_account("Ndeye Ba", email="ndeye@example.org")
    friend.referred_by = people["sponsor"].id
    home = AddressFacts(AddressType.PRIMARY, "Fann Hock", Place(region="Dakar", city="Dakar"))
    return {
        "address": str(add_address(client.id, home, by=acting(client)).id),
        "calendar": renew_link(client.id, by=acting(client)),
    }
