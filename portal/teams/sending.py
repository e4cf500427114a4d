"""Writing to whoever is invited: the one place that looks whether the address has an account, after the commit."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import exists, func, select

from portal.config.team_values import MESSAGES_TO_ONE
from portal.config.values import value_of
from portal.identity.directory import holder_at
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.teams.events import invitation_sent
from portal.teams.homes import home_of
from portal.teams.models import InvitationStatus, TeamInvitation
from portal.teams.queries import name_of


def send(invitation_id: UUID, time: int, *, by: Actor) -> bool:
    """Have the invitation told for the `time`th time; whether it was. Safe to repeat.

    Nothing goes out for one that was answered, withdrawn or sent anew meanwhile, nor to a mailbox or number that has
    got enough of them within a day, whoever invited, or whose reader has said no to this organisation.
    """
    row = db.session.get(TeamInvitation, invitation_id)
    if row is None or not row.is_open or row.times_sent != time or _wants_none(row):
        return False
    organisation = name_of(home_of(row), row.organisation_id)
    holder = holder_at(row.contact)
    user_id = holder.user_id if holder and holder.is_open and holder.is_proved else None
    invitation_sent.send(row, user_id=user_id, organisation=organisation, by=by)
    return True


def _wants_none(row: TeamInvitation) -> bool:
    there = TeamInvitation.mailbox == row.mailbox
    # A new one stands on the page of who declined; a message that comes again and again would pester them.
    declined = exists().where(
        there,
        home_of(row).id_column == row.organisation_id,
        TeamInvitation.status == InvitationStatus.DECLINED,
    )
    earlier = select(func.count()).where(
        there,
        TeamInvitation.id != row.id,
        TeamInvitation.sent_at > row.sent_at - timedelta(days=1),
        TeamInvitation.sent_at <= row.sent_at,
    )
    if db.session.scalar(select(declined)):
        return True
    return (db.session.scalar(earlier) or 0) >= value_of(MESSAGES_TO_ONE)
