"""Yes or no to a place: only from the account that has proved to read what is sent to the invitation's contact."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from portal.audit.services import record
from portal.identity.directory import rights_of
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, Forbidden
from portal.kernel.i18n import _
from portal.kernel.roles import ADMIN_ROLES
from portal.kernel.scope import as_the_portal
from portal.kernel.states import advance
from portal.teams.events import invitation_answered
from portal.teams.homes import Home, Standing, home_of
from portal.teams.inviting import RESOURCE, facts, require_open
from portal.teams.models import InvitationStatus, TeamInvitation
from portal.teams.queries import own_invitation


def accept(invitation_id: UUID, user_id: UUID, *, by: Actor) -> bool:
    """Take the place; whether anything changed: who works there already keeps the place they have.

    Raises `NotFound` for another's, `Conflict` once it is answered, withdrawn or too old, while the organisation
    takes nobody in, and when whoever invited has lost the right to.
    """
    found = own_invitation(invitation_id, user_id)
    home = home_of(found)
    # The organisation is not theirs to see until the last step is done.
    with as_the_portal(db.session()):
        standing = home.hold(found.organisation_id)
        row = _locked(found.id)
        _require_waiting(row)
        _require_still_meant(home, standing, row)
        is_new = home.role_of(row.organisation_id, user_id) is None
        _answer(row, InvitationStatus.ACCEPTED, user_id, by)
        if is_new:
            home.open_place(row.organisation_id, user_id, row.role, by)
        _tell(home, standing.name, row, by)
        db.session.flush()
    return is_new


def decline(invitation_id: UUID, user_id: UUID, *, by: Actor) -> None:
    """Leave the place. Raises `NotFound` for another's, `Conflict` once it is answered, withdrawn or too old."""
    found = own_invitation(invitation_id, user_id)
    home = home_of(found)
    with as_the_portal(db.session()):
        standing = home.hold(found.organisation_id)
        row = _locked(found.id)
        _require_waiting(row)
        _answer(row, InvitationStatus.DECLINED, user_id, by)
        _tell(home, standing.name, row, by)
        db.session.flush()


def decline_by_contact(invitation_id: UUID, *, by: Actor) -> None:
    """Whoever reads at the contact says no without an account. Safe to repeat; nothing once the invitation is over."""
    with as_the_portal(db.session()):
        found = db.session.get(TeamInvitation, invitation_id)
        if found is None:
            return
        home = home_of(found)
        standing = home.hold(found.organisation_id)
        row = _locked(found.id)
        if row.stands is not InvitationStatus.WAITING:
            return
        _answer(row, InvitationStatus.DECLINED, None, by)
        _tell(home, standing.name, row, by)
        db.session.flush()


def _answer(row: TeamInvitation, status: InvitationStatus, user_id: UUID | None, by: Actor) -> None:
    advance(row, status, by=by)
    row.answered_at, row.user_id = clock.now(), user_id
    record(f"team_invitation_{status}", (RESOURCE, row.id), by=by, new=facts(row))


def _locked(invitation_id: UUID) -> TeamInvitation:
    return db.session.scalars(
        select(TeamInvitation)
        .where(TeamInvitation.id == invitation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _require_waiting(row: TeamInvitation) -> None:
    said = {
        InvitationStatus.ACCEPTED: _("You have accepted this invitation already."),
        InvitationStatus.DECLINED: _("You have declined this invitation already."),
        InvitationStatus.CANCELED: _("This invitation has been withdrawn."),
        InvitationStatus.EXPIRED: _("This invitation is too old. Ask for a new one."),
    }
    if row.stands in said:
        raise Conflict(said[row.stands])


def _require_still_meant(home: Home, standing: Standing, row: TeamInvitation) -> None:
    """Raise `Conflict` unless whoever invited could still do so now."""
    roles = rights_of(row.invited_by)
    inviter = Actor(user_id=row.invited_by, roles=roles or frozenset())
    try:
        require_open(home, standing, row.role, inviter)
    except Conflict:
        raise Conflict(
            _("%(name)s takes nobody in at the moment. Please try again later.", name=standing.name)
        ) from None
    try:
        if roles is None:
            raise Forbidden("")
        home.require_right(row.organisation_id, row.role, inviter)
    except Forbidden:
        raise Conflict(
            _(
                "Whoever invited you may no longer do so. Ask %(name)s for a new invitation.",
                name=standing.name,
            )
        ) from None


def _tell(home: Home, organisation: str, row: TeamInvitation, by: Actor) -> None:
    """The owners hear of the answer, and whoever invited, unless they have left."""
    told = dict.fromkeys(home.owners(row.organisation_id), home.team_page)
    if home.role_of(row.organisation_id, row.invited_by) is not None:
        told[row.invited_by] = home.team_page
    elif not ADMIN_ROLES.isdisjoint(rights_of(row.invited_by) or ()):
        told[row.invited_by] = f"{home.staff_page}/{row.organisation_id}"
    others = {user_id: link for user_id, link in told.items() if user_id != row.user_id}
    invitation_answered.send(row, organisation=organisation, told=others, by=by)
