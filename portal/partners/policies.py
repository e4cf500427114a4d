"""Who may do what in a partner's house, and which house works at all."""

from __future__ import annotations

from enum import StrEnum

from portal.kernel.roles import MANAGERS, MemberRole
from portal.partners.models import Partner, PartnerStatus

# What each role may give, change and take away in the team.
_MANAGES: dict[str, frozenset[MemberRole]] = {
    MemberRole.OWNER: frozenset(MemberRole),
    MemberRole.MANAGER: frozenset({MemberRole.STAFF}),
    MemberRole.STAFF: frozenset(),
}


class Topic(StrEnum):
    """What a partner may want to be told at its contact address (PRT-11)."""

    REDEMPTIONS = "redemptions"
    SETTLEMENTS = "settlements"


_TOLD_BY_DEFAULT = frozenset({Topic.SETTLEMENTS})


def works(partner: Partner) -> bool:
    """Whether the partner serves gifts: verified, active, a venue (PRT-09)."""
    return partner.status is PartnerStatus.ACTIVE and partner.verified_at is not None and partner.is_venue


def manages(role: str | None, other: MemberRole) -> bool:
    """Whether somebody with `role` may give or take a place with the role `other`."""
    return other in _MANAGES.get(role or "", frozenset())


def runs_partner(role: str | None) -> bool:
    """Whether somebody with `role` keeps venues and packs."""
    return role in MANAGERS


def wants(partner: Partner, topic: Topic) -> bool:
    """Whether the partner's contact address is told about `topic`."""
    return bool(partner.notification_settings.get(topic, topic in _TOLD_BY_DEFAULT))
