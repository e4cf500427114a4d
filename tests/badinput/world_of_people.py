"""What a person keeps about themselves: an address."""

from __future__ import annotations

from portal.identity.models import User
from portal.people.addresses import AddressFacts, add_address
from portal.people.models import AddressType
from portal.people.places import Place
from tests.harness.house import acting


def make_selves(people: dict[str, User]) -> dict[str, str]:
    """One of each."""
    client = people["client"]
    home = AddressFacts(AddressType.PRIMARY, "Fann Hock", Place(region="Dakar", city="Dakar"))
    return {"address": str(add_address(client.id, home, by=acting(client)).id)}
