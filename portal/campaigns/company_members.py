"""Who works for a sponsor company, with which rights; its owners decide, and one of them always remains (R-24)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from portal.audit.services import record
from portal.campaigns.models import SponsorCompany, SponsorCompanyMember
from portal.campaigns.telling import tell_of_place
from portal.identity.administration import follow_membership
from portal.identity.memberships import places_of_another
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, Forbidden, NotFound
from portal.kernel.i18n import _
from portal.kernel.roles import ADMIN_ROLES, CompanyRole
from portal.teams.inviting import withdraw_from
from portal.teams.models import TeamInvitation

RESOURCE = SponsorCompanyMember.__tablename__

# Campaigns refer to the company's row meanwhile; only a second change of its people has to wait.
_LOCK = {"key_share": True}


def open_place(
    company: SponsorCompany, user_id: UUID, role: CompanyRole, *, by: Actor
) -> SponsorCompanyMember:
    """Let the person work for the company with `role`."""
    member = SponsorCompanyMember(company_id=company.id, user_id=user_id, role=role)
    db.session.add(member)
    db.session.flush()
    record("company_member_added", (RESOURCE, member.id), by=by, new=_facts(member))
    follow_membership(user_id, is_member=True, by=by)
    tell_of_place(member, company, "company_place_given", by=by)
    return member


def change_role(company_id: UUID, member_id: UUID, role: CompanyRole, *, by: Actor) -> None:
    """Give a member other rights. Raises `Conflict` when the last owner would be gone, `Forbidden`, `NotFound`."""
    company = hold(company_id)
    member = _member(company_id, member_id)
    require_owner(company_id, by)
    if member.role is role:
        return
    _keep_an_owner(member)
    before, member.role = member.role, role
    db.session.flush()
    record("company_member_changed", (RESOURCE, member.id), by=by, old={"role": before}, new={"role": role})
    follow_membership(member.user_id, is_member=True, by=by)
    tell_of_place(member, company, "company_place_changed", by=by)


def remove(company_id: UUID, member_id: UUID, *, by: Actor) -> None:
    """End somebody's place; everybody may end their own. Raises as `change_role`."""
    company = hold(company_id)
    member = _member(company_id, member_id)
    require_removal(member, by)
    _keep_an_owner(member)
    record("company_member_removed", (RESOURCE, member.id), by=by, old=_facts(member))
    tell_of_place(member, company, "company_place_ended", by=by)
    user_id = member.user_id
    withdraw_from(TeamInvitation.company_id, company_id, user_id, by=by)
    db.session.delete(member)
    db.session.flush()
    follow_membership(user_id, is_member=any(places_of_another(user_id)), by=by)


def hold(company_id: UUID) -> SponsorCompany:
    """The company, locked: changes of its people wait for each other, so that an owner always remains. Raises `NotFound`."""
    company = db.session.get(SponsorCompany, company_id, with_for_update=_LOCK, populate_existing=True)
    if company is None:
        raise NotFound
    return company


def role_of(company_id: UUID, user_id: UUID) -> CompanyRole | None:
    """The role in which somebody works for the company now."""
    member = _member_of(company_id, user_id)
    return member.role if member is not None else None


def owners_of(company_id: UUID) -> Sequence[UUID]:
    """The accounts of the company's owners."""
    statement = select(SponsorCompanyMember.user_id).where(
        SponsorCompanyMember.company_id == company_id, SponsorCompanyMember.role == CompanyRole.OWNER
    )
    return db.session.scalars(statement).all()


def require_owner(company_id: UUID, by: Actor) -> None:
    """Staff and owners decide who works for a company; raises `Forbidden` for others."""
    if by.has_role(*ADMIN_ROLES):
        return
    if by.user_id is None or role_of(company_id, by.user_id) is not CompanyRole.OWNER:
        raise Forbidden(_("Only an owner of the company may do this."))


def require_removal(member: SponsorCompanyMember, by: Actor) -> None:
    """Raise `Forbidden` unless this hand may end the place: their own, or any as an owner."""
    if member.user_id != by.user_id:
        require_owner(member.company_id, by)


def _member(company_id: UUID, member_id: UUID) -> SponsorCompanyMember:
    statement = select(SponsorCompanyMember).where(
        SponsorCompanyMember.company_id == company_id, SponsorCompanyMember.id == member_id
    )
    # Another change may have come first while this one waited for the company.
    member = db.session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()
    if member is None:
        raise NotFound
    return member


def _member_of(company_id: UUID, user_id: UUID) -> SponsorCompanyMember | None:
    statement = select(SponsorCompanyMember).where(
        SponsorCompanyMember.company_id == company_id, SponsorCompanyMember.user_id == user_id
    )
    return db.session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def _keep_an_owner(member: SponsorCompanyMember) -> None:
    if member.role is not CompanyRole.OWNER:
        return
    other = select(SponsorCompanyMember.id).where(
        SponsorCompanyMember.company_id == member.company_id,
        SponsorCompanyMember.role == CompanyRole.OWNER,
        SponsorCompanyMember.id != member.id,
    )
    if db.session.execute(other.limit(1)).scalar() is None:
        raise Conflict(_("A company needs at least one owner. Make somebody else an owner first."))


def _facts(member: SponsorCompanyMember) -> dict[str, str]:
    return {"company_id": str(member.company_id), "user_id": str(member.user_id), "role": member.role}
