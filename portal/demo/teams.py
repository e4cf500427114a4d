"""People are invited to work for a house or a company, and say yes; some invitations still wait."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

from portal.demo.cast import Person
from portal.demo.stage import Stage
from portal.kernel.db import transaction
from portal.kernel.roles import MemberRole
from portal.partners.home import PARTNER
from portal.teams.answering import accept
from portal.teams.homes import Home
from portal.teams.inviting import invite

# Somebody who has no account here.
_NEWCOMER = "binta.ba@exemple.sn"


def hire(home: Home, organisation_id: UUID, person: Person, role: str, *, by: Person) -> None:
    """Invite somebody whose account is open, who says yes at once."""
    with transaction(by.actor):
        invitation_id = invite(home, organisation_id, person.phone, role, by=by.actor).id
    with transaction(person.actor):
        accept(invitation_id, person.user_id, by=person.actor)


def plan_waiting_invitations(stage: Stage) -> None:
    """The first house would like to have Awa and somebody without an account; an earlier letter was not answered."""
    now, awa = stage.days.now, stage.cast.awa
    assert awa.email is not None
    for ago, contact, role in (
        (timedelta(days=12), "moussa.kane@exemple.sn", MemberRole.STAFF),
        (timedelta(days=2), awa.email, MemberRole.STAFF),
        (timedelta(hours=20), _NEWCOMER, MemberRole.MANAGER),
    ):
        stage.agenda.at(now - ago, partial(_invite, stage, contact, role))


def _invite(stage: Stage, contact: str, role: MemberRole) -> None:
    kept = stage.houses[0]
    with transaction(kept.owner.actor):
        invite(PARTNER, kept.partner_id, contact, role, by=kept.owner.actor)
