"""The one vocabulary of rights. No role or permission is spelled anywhere else."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """Rights that belong to the person (R-04)."""

    USER = "user"
    PARTNER = "partner"
    ADMIN = "admin"
    SUPER_ADMIN = "super_admin"


class MemberRole(StrEnum):
    """Rights in a partner's team: staff scan, managers run the house, owners decide where money goes."""

    OWNER = "owner"
    MANAGER = "manager"
    STAFF = "staff"


class CompanyRole(StrEnum):
    """Rights in a sponsor company: viewers look, managers run its campaigns, owners decide who works for it (R-24)."""

    OWNER = "owner"
    MANAGER = "manager"
    VIEWER = "viewer"


class Permission(StrEnum):
    """What staff may do; each of their pages names what it needs (ADM-21, ADM-24)."""

    LOOK = "look"
    SEE_PEOPLE = "see_people"
    HELP_PEOPLE = "help_people"
    # As it stands in the rows of staff work.
    RUN_PARTNERS = "run_houses"
    SEE_MONEY = "see_money"
    MOVE_MONEY = "move_money"
    OPERATE = "operate"
    SEE_TRAIL = "see_trail"
    SET_VALUES = "set_values"
    STEER_STAFF = "steer_staff"


class Duty(StrEnum):
    """What a regular admin is there for: a set of permissions that a super admin gives."""

    SUPPORT = "support"
    FINANCE = "finance"
    OPERATIONS = "operations"


DUTIES = {
    Duty.SUPPORT: frozenset({Permission.SEE_PEOPLE, Permission.HELP_PEOPLE, Permission.RUN_PARTNERS}),
    Duty.FINANCE: frozenset({Permission.SEE_MONEY, Permission.MOVE_MONEY, Permission.SEE_TRAIL}),
    Duty.OPERATIONS: frozenset({Permission.OPERATE, Permission.SET_VALUES, Permission.SEE_TRAIL}),
}


def permissions_of(duties: Iterable[Duty], *, is_super: bool) -> frozenset[Permission]:
    """What an admin may do: a super admin everything, another what their duties hold, and look around."""
    if is_super:
        return frozenset(Permission)
    return frozenset({Permission.LOOK}).union(*(DUTIES[duty] for duty in duties))


ADMIN_ROLES = frozenset({Role.ADMIN, Role.SUPER_ADMIN})
TEAM = frozenset(MemberRole)
MANAGERS = frozenset({MemberRole.OWNER, MemberRole.MANAGER})
OWNERS = frozenset({MemberRole.OWNER})
COMPANY = frozenset(CompanyRole)
COMPANY_OWNERS = frozenset({CompanyRole.OWNER})
