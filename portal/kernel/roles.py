"""The one vocabulary of rights. No role or permission is spelled anywhere else."""

from __future__ import annotations

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


ADMIN_ROLES = frozenset({Role.ADMIN, Role.SUPER_ADMIN})
TEAM = frozenset(MemberRole)
MANAGERS = frozenset({MemberRole.OWNER, MemberRole.MANAGER})
OWNERS = frozenset({MemberRole.OWNER})
