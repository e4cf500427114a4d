"""What this room must know of an organisation into which people are invited; each kind says it for itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import InstrumentedAttribute

from portal.kernel.actor import Actor
from portal.teams.models import TeamInvitation


@dataclass(frozen=True, slots=True)
class Standing:
    """An organisation that is held: nobody else changes its people meanwhile."""

    name: str
    is_active: bool
    # Taken in by staff and not decided about: its first owner may come before.
    is_pending: bool


@dataclass(frozen=True, slots=True)
class Home:
    """One kind of organisation, with what its own room alone can say and do."""

    id_column: InstrumentedAttribute[UUID | None]
    #: Each role with what it lets people do.
    roles: Mapping[str, str]
    #: Why nobody can be invited before the organisation works.
    closed: str
    #: Where its people land, where they see who works there, and the same page for staff.
    entrance: str
    team_page: str
    staff_page: str
    #: The cookie that says for which of several somebody works.
    cookie: str
    #: Locks the organisation. Raises `NotFound`.
    hold: Callable[[UUID], Standing]
    names: Callable[[Sequence[UUID]], Sequence[tuple[UUID, str]]]
    #: Raises `Forbidden` unless this hand may give, change and take a place with that role.
    require_right: Callable[[UUID, str, Actor], None]
    role_of: Callable[[UUID, UUID], str | None]
    owners: Callable[[UUID], Sequence[UUID]]
    open_place: Callable[[UUID, UUID, str, Actor], None]


HOMES: dict[str, Home] = {}


def register(home: Home) -> Home:
    """Let people be invited into organisations of this kind."""
    if HOMES.setdefault(home.id_column.key, home) is not home:
        raise ValueError(f"{home.id_column.key} has two homes")
    return home


def home_of(invitation: TeamInvitation) -> Home:
    """The kind of organisation that an invitation leads to."""
    column = TeamInvitation.partner_id if invitation.partner_id is not None else TeamInvitation.company_id
    return HOMES[column.key]
