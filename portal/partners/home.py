"""A partner's house as the room of teams knows it: who may invite whom into its team (R-04, PRT-12)."""

from __future__ import annotations

from uuid import UUID

from portal.kernel.access import PARTNER_COOKIE
from portal.kernel.actor import Actor
from portal.kernel.i18n import marked
from portal.kernel.roles import MemberRole
from portal.partners import members
from portal.partners.models import PartnerStatus
from portal.partners.queries import partner_names
from portal.partners.words import ROLE_LABELS
from portal.teams.homes import Home, Standing, register
from portal.teams.models import TeamInvitation


def _hold(partner_id: UUID) -> Standing:
    partner = members.hold(partner_id)
    return Standing(
        partner.name, partner.status is PartnerStatus.ACTIVE, partner.status is PartnerStatus.PENDING
    )


def _require_right(partner_id: UUID, role: str, by: Actor) -> None:
    members.require_right(partner_id, MemberRole(role), by)


def _open_place(partner_id: UUID, user_id: UUID, role: str, by: Actor) -> None:
    members.open_place(partner_id, user_id, MemberRole(role), by=by)


PARTNER = register(
    Home(
        id_column=TeamInvitation.partner_id,
        roles=ROLE_LABELS,
        closed=marked("You can invite people into the team once your business has been verified."),
        entrance="/partner/organisation",
        team_page="/partner/team",
        staff_page="/admin/partners",
        cookie=PARTNER_COOKIE,
        hold=_hold,
        names=partner_names,
        require_right=_require_right,
        role_of=members.role_of,
        owners=members.owners_of,
        open_place=_open_place,
    )
)
