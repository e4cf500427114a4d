"""What invitations into teams hold of people: where they go, who answered and who invited (PRV-05)."""

from __future__ import annotations

from portal.kernel.personal import (
    Blank,
    Remove,
    Share,
    Stay,
    any_of,
    erased_by_id,
    holds,
    names_guests,
    own,
    proved_at,
)
from portal.teams.models import TeamInvitation

holds(
    TeamInvitation,
    {"contact": "where the invitation goes", "mailbox": "to write to one place only so often"},
    Share(
        "team_invitations_received",
        any_of(
            own(TeamInvitation.user_id), proved_at(TeamInvitation.contact), proved_at(TeamInvitation.mailbox)
        ),
        Remove(),
        tells=("id", "partner_id", "company_id", "contact", "role", "status", "sent_at", "answered_at"),
        ties=True,
        traces=("contact",),
    ),
    Share(
        "team_invitations_sent",
        own(TeamInvitation.invited_by),
        Stay("who invited, as an id that leads to a stub"),
        tells=("id", "partner_id", "company_id", "contact", "role", "status", "sent_at", "answered_at"),
    ),
    plain=("role",),
)
names_guests(
    TeamInvitation,
    any_of(proved_at(TeamInvitation.contact), proved_at(TeamInvitation.mailbox)),
    Blank(
        {
            "contact": lambda _person: erased_by_id(TeamInvitation.id),
            "mailbox": lambda _person: erased_by_id(TeamInvitation.id),
        }
    ),
    ties=True,
)
