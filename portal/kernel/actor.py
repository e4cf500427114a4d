"""Who acts. Services are told, they never look around."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    """What kind of hand moved something (ADM-12)."""

    USER = "user"
    SYSTEM = "system"
    API = "api"


@dataclass(frozen=True, slots=True)
class Actor:
    """The person or process behind a change, with what the audit trail needs to know of the request."""

    kind: ActorKind = ActorKind.USER
    user_id: UUID | None = None
    roles: frozenset[str] = frozenset()
    ip: str | None = None
    user_agent: str | None = None
    request_id: str | None = None

    def has_role(self, *wanted: str) -> bool:
        """Whether any of the roles is held."""
        return not self.roles.isdisjoint(wanted)


SYSTEM = Actor(kind=ActorKind.SYSTEM)
