"""One of everything that an address or a form can name, and the people who may open it.

Made once for all tests of this folder, inside a transaction that is never committed; every case is undone by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import select, text

from portal.identity.models import User, UserSession
from portal.identity.sessions import start_session
from portal.kernel.actor import SYSTEM
from portal.kernel.crypto import token_hash
from portal.kernel.db import db
from portal.kernel.roles import Duty
from portal.notifications.templates import sync_templates
from portal.redemptions.permits import Permit, give_permit
from portal.referrals import previews
from portal.referrals.addresses import Reachable
from tests.badinput.world_of_houses import make_companies, make_houses
from tests.badinput.world_of_people import make_selves
from tests.badinput.world_of_pots import make_gifts, make_pots
from tests.badinput.world_of_steering import make_work
from tests.badinput.world_of_words import make_careful, make_links, make_messages, make_sponsoring
from tests.harness.house import make_admin, make_person
from tests.identity.doorway import open_account

MOMENT = datetime(2026, 3, 2, 10, tzinfo=UTC)
ADULT = date(1990, 5, 14)
# A birthday that is near, so that a pot opens at once.
SOON = date(1996, 3, 12)

Names = dict[str, str]
People = dict[str, User]
Part = Callable[[People], Names]

_PARTS: tuple[Part, ...] = (
    make_houses,
    make_companies,
    make_pots,
    make_gifts,
    make_sponsoring,
    make_messages,
    make_links,
    make_careful,
    make_selves,
    make_work,
)


class World:
    """What a row of the table fills in (`{pot}`), and the session of everybody who visits."""

    def __init__(self) -> None:
        self.people = _make_people()
        sync_templates()
        self.names: Names = {}
        for part in _PARTS:
            self.names |= part(self.people)
        self.names |= {name: str(person.id) for name, person in self.people.items()}
        self.sessions = {name: start_session(person.id, by=SYSTEM) for name, person in self.people.items()}
        self.names |= self._seals()
        db.session.commit()
        # What the commits of this world left for later is checked now, once, and not with every case.
        db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        db.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        db.session.commit()
        db.session.expunge_all()

    def _seals(self) -> Names:
        """What a page hands out signed, for one session or one person."""
        session_id = db.session.scalars(
            select(UserSession.id).where(UserSession.token_hash == token_hash(self.sessions["staff"]))
        ).one()
        held = Permit(UUID(self.names["code_to_confirm"]), None, "tap")
        people = [Reachable("Astou Cissé", "+221775554433", None)]
        return {
            "permit": give_permit(held, session_id),
            "sealed": previews.seal(people, self.people["sponsor"].id),
        }

    def fill(self, text: str) -> str:
        """The text with the world's own ids in place of `{names}`."""
        return text.format_map(self.names) if text.startswith("{") and not text.startswith("{{") else text


def _make_people() -> People:
    """The five audiences, and a few whose life is at a point that some page asks for."""
    client = open_account("Awa Ndiaye", phone="77 100 00 01", born=SOON)
    return {
        "client": client,
        "stranger": open_account("Fatou Sow", email="fatou@example.org", phone="77 100 00 02", born=ADULT),
        "guardian": open_account("Khady Sow", email="khady@example.org", phone="77 100 00 03", born=ADULT),
        "child": open_account("Ibou Sow", email="ibou@example.org", phone="77 100 00 04"),
        "newcomer": open_account("Modou Gueye", email="modou@example.org", phone="77 100 00 05"),
        "sponsor": open_account("Binta Diop", email="binta@example.org", phone="77 100 00 06", born=SOON),
        "undecided": make_person("Adama Ba", has_agreed=False),
        "admin": make_admin(),
        **{duty.value: make_admin(duty) for duty in Duty},
    }
