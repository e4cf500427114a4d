"""A sponsor company is taken in, approved, and names the people who work for it."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from portal.campaigns.companies import approve, create_company
from portal.campaigns.home import COMPANY
from portal.demo.stage import Stage
from portal.demo.teams import hire
from portal.kernel.db import transaction
from portal.kernel.roles import CompanyRole
from portal.teams.answering import accept
from portal.teams.queries import open_offers

_NAME, _CONTACT = "Baobab Télécom", "parrainage@baobab.example"


def plan_companies(stage: Stage) -> None:
    """Moussa's company comes in the third month, once his friends have brought theirs."""
    stage.agenda.at(stage.days.at(-100, 10), partial(_found, stage))


def _found(stage: Stage) -> None:
    admin, owner = stage.cast.admins[0], stage.cast.moussa
    with transaction(admin.actor):
        company = create_company(_NAME, _CONTACT, owner.phone, by=admin.actor)
        approve(company.id, by=admin.actor)
        company_id = company.id
    with transaction(owner.actor):
        (offer,) = open_offers(owner.user_id)
        accept(offer.invitation.id, owner.user_id, by=owner.actor)
    _staff(stage, company_id)


def _staff(stage: Stage, company_id: UUID) -> None:
    """A manager and somebody who looks: people whose accounts are open by then."""
    owner = stage.cast.moussa
    roles = (CompanyRole.MANAGER, CompanyRole.VIEWER)
    for person, role in zip(stage.cast.owners[1:3], roles, strict=True):
        hire(COMPANY, company_id, person, role, by=owner)
