"""Scenes set by the services in a process of its own, as an operator's command would: `python -m … SCENE`.

A portal that runs has its clock, its database and its queue; this process shares them and says what it made.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from portal import create_app
from portal.identity.models import User
from portal.identity.sessions import start_session
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db, transaction
from portal.notifications.services import notify
from portal.partners.models import PaymentTerms
from portal.privacy.leaving import ask_to_leave
from portal.redemptions.signing import sign
from portal.referrals.limits import day_row
from tests.harness.house import make_admin, make_code, make_member, make_pack, make_person, make_venue
from tests.pots.gifts import make_open_pot, make_owner
from tests.referrals.word_of_mouth import make_sponsor
from tests.settlements.world import make_house, settled

POTS = 6
STAFF = 16
MAILS = 60
SENT_TODAY = 45
LEAVER = ("Ndèyekumba Guèye", "+221775550199", "ndeyekumba@crash.example")


def town() -> dict[str, Any]:
    """Somebody for every test: an admin, pots that collect, a house that is owed money and serves a gift."""
    house, owner = make_house(auto_approve_redemptions=True, payment_terms=PaymentTerms.WEEKLY)
    venue = make_venue(house)
    settlement_id = settled(house)
    pack = make_pack(house)
    codes = [make_code(pack) for _number in range(2)]
    birthday = clock.today() + timedelta(days=25)
    pots = [make_open_pot(make_owner(birthday), target=1_000_000) for _number in range(POTS)]
    key = current_app.config["SETTINGS"].qr_signing_key
    return {
        "admin": admin(),
        "owner": _session(owner),
        "staff": [_session(make_member(house, name=f"Équipe {number}")) for number in range(STAFF)],
        "venue": str(venue.id),
        "settlement": str(settlement_id),
        "codes": [{"id": str(code.id), "token": sign(code.id, key)} for code in codes],
        "pots": [{"id": str(pot.id), "slug": pot.public_slug} for pot in pots],
    }


def admin() -> str:
    """Somebody who steers the portal, and has just signed in."""
    return _session(make_admin())


def sponsor() -> dict[str, str]:
    """Somebody who has invited most of the people that may be invited today."""
    person = make_sponsor()
    day_row(person.id).invitations_sent_today = SENT_TODAY
    return {"id": str(person.id), "session": _session(person)}


def leaver() -> dict[str, str]:
    """Somebody of whom everything is known, who is signed in."""
    name, phone, email = LEAVER
    person = make_person(
        name, phone=phone, email=email, phone_verified_at=clock.now(), email_verified_at=clock.now()
    )
    return {"id": str(person.id), "session": _session(person)}


def goodbye() -> None:
    """That person asked to leave so long ago that the time to think is over."""
    person = db.session.scalars(select(User).where(User.email == LEAVER[2])).one()
    with clock.travel(clock.now() - timedelta(days=31)):
        ask_to_leave(person.id, by=Actor(user_id=person.id))


def mailing() -> list[str]:
    """Many people are told something at once."""
    addresses = [f"guest{number}@crash.example" for number in range(MAILS)]
    for address in addresses:
        notify(
            "operations_alert",
            event_key=f"tests:{address}",
            data={"subject": "n° 1", "detail": "Voyez ceci."},
            email=address,
            by=SYSTEM,
        )
    return addresses


def _session(person: User) -> str:
    db.session.flush()
    return start_session(person.id, by=SYSTEM)


SCENES: dict[str, Callable[[], Any]] = {
    "town": town,
    "admin": admin,
    "sponsor": sponsor,
    "leaver": leaver,
    "goodbye": goodbye,
    "mailing": mailing,
}


def main() -> None:
    """Set the scene and commit; what it made is printed as JSON."""
    with create_app().app_context(), transaction():
        made = SCENES[sys.argv[1]]()
    sys.stdout.write(json.dumps(made))


if __name__ == "__main__":
    main()
