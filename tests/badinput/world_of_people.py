"""What a person keeps about themselves: an address, a calendar, a paper, a friend, a copy of all their data."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.files import store_file
from portal.kernel.ids import new_id
from portal.kernel.models import FilePurpose
from portal.people.addresses import AddressFacts, add_address
from portal.people.calendars import renew_link
from portal.people.models import AddressType, DocumentType
from portal.people.papers import PaperFacts, hand_in
from portal.people.places import Place
from portal.privacy.models import PrivacyRequest, RequestKind, RequestStatus
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
        "copy": str(_make_copy(client).id),
        "calendar": renew_link(client.id, by=acting(client)),
    }


def _make_copy(client: User) -> PrivacyRequest:
    """A copy that can be fetched."""
    file = store_file(
        b"PK", mime_type="application/zip", purpose=FilePurpose.PRIVACY_EXPORT, owner_user_id=client.id
    )
    copy = PrivacyRequest(
        id=new_id(),
        kind=RequestKind.EXPORT,
        user_id=client.id,
        status=RequestStatus.DONE,
        file_id=file.id,
        done_at=clock.now(),
        expires_at=clock.now() + timedelta(days=7),
    )
    db.session.add(copy)
    db.session.flush()
    return copy
