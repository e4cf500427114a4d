"""Who may change whose account."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from flask import current_app

from portal.config.values import SECOND_FACTOR_REQUIRED, value_of
from portal.kernel.actor import Actor, ActorKind
from portal.kernel.roles import ADMIN_ROLES, CompanyRole, MemberRole, Role
from portal.kernel.visitor import CompanyPlace, Membership


def may_give_role(role: Role, *, by: Actor) -> bool:
    """Super admins, and the operator at the console, make and unmake those who steer the portal.

    Nobody gives the other roles by hand: everybody is a user, and `partner` follows the places people have (R-04).
    """
    return role in ADMIN_ROLES and (by.kind is ActorKind.SYSTEM or by.has_role(Role.SUPER_ADMIN))


def may_dismiss(user_id: UUID, roles: Collection[str], *, by: Actor) -> bool:
    """Who makes admins unmakes them, but nobody themselves; there must be something to take."""
    return by.user_id != user_id and not ADMIN_ROLES.isdisjoint(roles) and may_give_role(Role.ADMIN, by=by)


def may_look_as(roles: Collection[str], *, by: Actor) -> bool:
    """Super admins see the portal as others do, but not as somebody who steers it."""
    return by.has_role(Role.SUPER_ADMIN) and ADMIN_ROLES.isdisjoint(roles)


def may_change_duties(user_id: UUID, roles: Collection[str], *, by: Actor) -> bool:
    """Super admins give other admins their duties; another super admin has all of them."""
    is_regular = Role.ADMIN in roles and Role.SUPER_ADMIN not in roles
    return is_regular and by.user_id != user_id and may_give_role(Role.ADMIN, by=by)


def may_close(user_id: UUID, roles: Collection[str], *, by: Actor) -> bool:
    """Admins suspend and reopen others; an admin's account only a super admin; nobody their own."""
    if by.kind is ActorKind.SYSTEM:
        return True
    if by.user_id == user_id or not by.has_role(*ADMIN_ROLES):
        return False
    return by.has_role(Role.SUPER_ADMIN) or ADMIN_ROLES.isdisjoint(roles)


def needs_second_factor(
    roles: Collection[str], memberships: Collection[Membership], companies: Collection[CompanyPlace]
) -> bool:
    """Whether these rights are only for somebody who signs in with a second step: always in production.

    Elsewhere the operator decides, so that the demo world can be tried with a password alone.
    """
    steers = not ADMIN_ROLES.isdisjoint(roles)
    owns_partner = any(place.role == MemberRole.OWNER for place in memberships)
    owns_company = any(place.role == CompanyRole.OWNER for place in companies)
    if not (steers or owns_partner or owns_company):
        return False
    return current_app.config["SETTINGS"].is_production or value_of(SECOND_FACTOR_REQUIRED)
