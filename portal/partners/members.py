"""A partner's team: who works there, with which rights (R-04, PRT-12)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, select

from portal.audit.services import record
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, Forbidden, NotFound
from portal.kernel.i18n import _
from portal.kernel.roles import ADMIN_ROLES, MemberRole
from portal.kernel.scope import as_the_portal
from portal.partners.events import member_changed, place_changed
from portal.partners.models import Partner, PartnerMember, PartnerStatus
from portal.partners.policies import manages
from portal.teams.inviting import withdraw_from
from portal.teams.models import TeamInvitation

RESOURCE = PartnerMember.__tablename__

# Scans refer to the partner's row meanwhile; only a second change of the team has to wait.
_LOCK = {"key_share": True}


def open_place(partner_id: UUID, user_id: UUID, role: MemberRole, *, by: Actor) -> PartnerMember:
    """Let the person work for the partner with `role`, again if they did before."""
    member = _member_of(partner_id, user_id)
    if member is None:
        member = PartnerMember(partner_id=partner_id, user_id=user_id, role=role)
        db.session.add(member)
    member.role = role
    member.is_active = True
    db.session.flush()
    record("partner_member_added", (RESOURCE, member.id), by=by, new=_facts(member))
    _tell_of_place(member, "given", by)
    return member


def change_role(partner_id: UUID, member_id: UUID, role: MemberRole, *, by: Actor) -> PartnerMember:
    """Give a member other rights. Raises `Conflict` when the last owner would be gone, `Forbidden`, `NotFound`."""
    hold(partner_id)
    member = _active_member(partner_id, member_id)
    require_right(partner_id, member.role, by)
    require_right(partner_id, role, by)
    if member.role is role:
        return member
    _keep_an_owner(member)
    before = member.role
    member.role = role
    record("partner_member_changed", (RESOURCE, member.id), by=by, old={"role": before}, new={"role": role})
    _tell_of_place(member, "changed", by)
    return member


def remove(partner_id: UUID, member_id: UUID, *, by: Actor) -> None:
    """End somebody's place; everybody may end their own. Raises as `change_role`."""
    hold(partner_id)
    member = _active_member(partner_id, member_id)
    require_removal(member, by)
    _keep_an_owner(member)
    member.is_active = False
    withdraw_from(TeamInvitation.partner_id, partner_id, member.user_id, by=by)
    record("partner_member_removed", (RESOURCE, member.id), by=by, old=_facts(member))
    _tell_of_place(member, "ended", by)


def require_removal(member: PartnerMember, by: Actor) -> None:
    """Raise `Forbidden` unless this hand may end the place: their own, or one that their role manages."""
    if member.user_id != by.user_id:
        require_right(member.partner_id, member.role, by)


def hold(partner_id: UUID) -> Partner:
    """The partner, locked: changes of one team wait for each other, so that an owner always remains. Raises `NotFound`."""
    partner = db.session.get(Partner, partner_id, with_for_update=_LOCK, populate_existing=True)
    if partner is None:
        raise NotFound
    return partner


def role_of(partner_id: UUID, user_id: UUID) -> MemberRole | None:
    """The role in which somebody works for the partner now."""
    member = _member_of(partner_id, user_id)
    return member.role if member is not None and member.is_active else None


def owners_of(partner_id: UUID) -> Sequence[UUID]:
    """The accounts of the partner's owners."""
    statement = select(PartnerMember.user_id).where(
        PartnerMember.partner_id == partner_id,
        PartnerMember.role == MemberRole.OWNER,
        PartnerMember.is_active,
    )
    return db.session.scalars(statement).all()


def require_right(partner_id: UUID, role: MemberRole, by: Actor) -> None:
    """Admins may give every place, members those that their own role manages; raises `Forbidden` for others."""
    if by.has_role(*ADMIN_ROLES):
        return
    own = role_of(partner_id, by.user_id) if by.user_id else None
    if not manages(own, role):
        raise Forbidden(_("Only an owner of the business may do this."))


def tell_all_members(partner_id: UUID, *, by: Actor) -> None:
    """After a decision about the house that changes what its whole team may do."""
    statement = select(PartnerMember.user_id).where(
        PartnerMember.partner_id == partner_id, PartnerMember.is_active
    )
    for user_id in db.session.execute(statement.order_by(PartnerMember.user_id)).scalars().all():
        _tell(user_id, by)


def _tell_of_place(member: PartnerMember, what: str, by: Actor) -> None:
    partner = db.session.get_one(Partner, member.partner_id)
    place_changed.send(member, partner=partner, what=what, by=by)
    _tell(member.user_id, by)


def _tell(user_id: UUID, by: Actor) -> None:
    """Say whether the person still belongs to any team."""
    place = (
        exists()
        .where(PartnerMember.user_id == user_id, PartnerMember.is_active)
        .where(Partner.id == PartnerMember.partner_id, Partner.status != PartnerStatus.TERMINATED)
    )
    with as_the_portal(db.session()):
        is_member = bool(db.session.execute(select(place)).scalar())
    member_changed.send(user_id, is_member=is_member, by=by)


def _member_of(partner_id: UUID, user_id: UUID) -> PartnerMember | None:
    statement = select(PartnerMember).where(
        PartnerMember.partner_id == partner_id, PartnerMember.user_id == user_id
    )
    # Another change may have come first while this one waited for the partner.
    return db.session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def _active_member(partner_id: UUID, member_id: UUID) -> PartnerMember:
    statement = select(PartnerMember).where(
        PartnerMember.partner_id == partner_id, PartnerMember.id == member_id, PartnerMember.is_active
    )
    member = db.session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()
    if member is None:
        raise NotFound
    return member


def _keep_an_owner(member: PartnerMember) -> None:
    """Refuse to take away the last owner (reconciliation §8, partner_members)."""
    if member.role is not MemberRole.OWNER:
        return
    other = select(PartnerMember.id).where(
        PartnerMember.partner_id == member.partner_id,
        PartnerMember.role == MemberRole.OWNER,
        PartnerMember.is_active,
        PartnerMember.id != member.id,
    )
    if db.session.execute(other.limit(1)).scalar() is None:
        raise Conflict(_("A business needs at least one owner. Make somebody else an owner first."))


def _facts(member: PartnerMember) -> dict[str, str]:
    return {"partner_id": str(member.partner_id), "user_id": str(member.user_id), "role": member.role}
