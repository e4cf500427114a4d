"""A sponsor company as the room of teams knows it: who may invite whom to work for it (R-24)."""

from __future__ import annotations

from uuid import UUID

from portal.campaigns import company_members
from portal.campaigns.models import CompanyStatus
from portal.campaigns.queries import company_facts, company_names
from portal.campaigns.words import ROLE_LABELS
from portal.kernel.access import COMPANY_COOKIE
from portal.kernel.actor import Actor
from portal.kernel.i18n import marked
from portal.kernel.roles import CompanyRole
from portal.teams.homes import Home, Standing, register
from portal.teams.models import TeamInvitation


def _hold(company_id: UUID) -> Standing:
    company = company_members.hold(company_id)
    return Standing(
        company.name, company.status is CompanyStatus.ACTIVE, company.status is CompanyStatus.PENDING
    )


def _require_right(company_id: UUID, _role: str, by: Actor) -> None:
    company_members.require_owner(company_id, by)


def _open_place(company_id: UUID, user_id: UUID, role: str, by: Actor) -> None:
    company_members.open_place(company_facts(company_id), user_id, CompanyRole(role), by=by)


COMPANY = register(
    Home(
        id_column=TeamInvitation.company_id,
        roles=ROLE_LABELS,
        closed=marked("People can be invited while the company is approved and active."),
        entrance="/company",
        team_page="/company",
        staff_page="/admin/companies",
        cookie=COMPANY_COOKIE,
        hold=_hold,
        names=company_names,
        require_right=_require_right,
        role_of=company_members.role_of,
        owners=company_members.owners_of,
        open_place=_open_place,
    )
)
