"""What can be asked of invitations into teams: by the organisation, and by the person invited."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from portal.identity.directory import contacts_of
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.scope import as_the_portal
from portal.teams.accounts import profiles
from portal.teams.homes import HOMES, Home, home_of
from portal.teams.models import InvitationStatus, TeamInvitation

# More than may wait; what ran out of time and was never put away comes after.
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Offer:
    """An invitation as the person invited sees it."""

    invitation: TeamInvitation
    organisation: str
    home: Home
    inviter: str | None = None
    # The role of somebody who works there already.
    held: str | None = None

    @property
    def role(self) -> str:
        """The role, with what it lets people do."""
        return self.home.roles[self.invitation.role]


def unanswered(home: Home, organisation_id: UUID) -> Sequence[tuple[TeamInvitation, str | None]]:
    """The organisation's invitations that wait or ran out of time, with who invited, the newest first."""
    rows = db.session.execute(
        select(TeamInvitation, profiles.c.full_name)
        .outerjoin(profiles, profiles.c.user_id == TeamInvitation.invited_by)
        .where(
            home.id_column == organisation_id,
            TeamInvitation.status.in_((InvitationStatus.WAITING, InvitationStatus.EXPIRED)),
        )
        .order_by(TeamInvitation.sent_at.desc(), TeamInvitation.id.desc())
        .limit(MOST_SHOWN)
    )
    return [(invitation, name) for invitation, name in rows]


def own_invitation(invitation_id: UUID, user_id: UUID) -> TeamInvitation:
    """An invitation that this person may answer or has answered. Raises `NotFound`."""
    row = db.session.scalars(
        select(TeamInvitation).where(TeamInvitation.id == invitation_id, _theirs(user_id))
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


def offer(invitation_id: UUID, user_id: UUID) -> Offer:
    """The same with the organisation's name and who invited. Raises `NotFound`."""
    found = own_invitation(invitation_id, user_id)
    home = home_of(found)
    with as_the_portal(db.session()):
        inviter = db.session.scalar(
            select(profiles.c.full_name).where(profiles.c.user_id == found.invited_by)
        )
        held = home.role_of(found.organisation_id, user_id)
        return Offer(found, name_of(home, found.organisation_id), home, inviter, held)


def open_offers(user_id: UUID) -> list[Offer]:
    """What waits for this person's answer, the newest first."""
    rows = db.session.scalars(
        select(TeamInvitation)
        .where(_theirs(user_id), *_open())
        .order_by(TeamInvitation.sent_at.desc(), TeamInvitation.id.desc())
        .limit(MOST_SHOWN)
    ).all()
    return _named(rows)


def waiting_at(contacts: Collection[str]) -> list[Offer]:
    """What waits at addresses that somebody has just proved to be theirs."""
    with as_the_portal(db.session()):
        rows = db.session.scalars(
            select(TeamInvitation)
            .where(TeamInvitation.contact.in_(contacts), *_open())
            .order_by(TeamInvitation.id)
            .limit(MOST_SHOWN)
        ).all()
    return _named(rows)


def name_of(home: Home, organisation_id: UUID) -> str:
    """What the organisation is called."""
    return dict(home.names([organisation_id]))[organisation_id]


def _named(rows: Sequence[TeamInvitation]) -> list[Offer]:
    """With the names of the organisations, in one statement a kind."""
    names: dict[UUID, str] = {}
    with as_the_portal(db.session()):
        for home in HOMES.values():
            ids = [row.organisation_id for row in rows if home_of(row) is home]
            names |= dict(home.names(ids)) if ids else {}
    return [Offer(row, names[row.organisation_id], home_of(row)) for row in rows]


def _theirs(user_id: UUID) -> ColumnElement[bool]:
    return or_(
        TeamInvitation.user_id == user_id,
        and_(TeamInvitation.user_id.is_(None), TeamInvitation.contact.in_(contacts_of(user_id).proved)),
    )


def _open() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return TeamInvitation.status == InvitationStatus.WAITING, TeamInvitation.expires_at > clock.now()
