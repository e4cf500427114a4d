"""What the pages of every kind of organisation share: invite, send again, withdraw, and what is said then."""

from __future__ import annotations

from uuid import UUID

from portal.config.rates import rate
from portal.config.team_values import INVITATION_DAYS, INVITES_PER_HOUR
from portal.config.values import value_of
from portal.kernel.errors import TooMany
from portal.kernel.i18n import _, ngettext
from portal.kernel.limits import by_caller, limiter
from portal.kernel.phones import for_people
from portal.kernel.visitor import actor
from portal.teams.homes import Home
from portal.teams.inviting import cancel, invite, send_again

# Whoever invites from several pages is counted once.
invite_limit = limiter.shared_limit(
    rate(INVITES_PER_HOUR, "hour"), scope="team_invitations", methods=["POST"], key_func=by_caller
)


def invite_somebody(home: Home, organisation_id: UUID, contact: str, role: str) -> str:
    """Invite as `invite`; the sentence that says so, the same for every contact."""
    row = invite(home, organisation_id, contact, role, by=actor())
    days = value_of(INVITATION_DAYS)
    return ngettext(
        "We have sent an invitation to %(contact)s. They have %(num)s day to accept.",
        "We have sent an invitation to %(contact)s. They have %(num)s days to accept.",
        days,
        contact=row.contact if "@" in row.contact else for_people(row.contact),
    )


def take_step(step: str, home: Home, organisation_id: UUID, invitation_id: UUID) -> tuple[str, str]:
    """Withdraw an invitation (`cancellation`) or send it again (`sending`); the sentence to flash, and its tone.

    What is too soon is said on the list, where the other steps are. Raises as they do otherwise.
    """
    if step == "sending":
        try:
            send_again(home, organisation_id, invitation_id, by=actor())
        except TooMany as refusal:
            return refusal.message, "warning"
        return _("The invitation is on its way again."), "success"
    cancel(home, organisation_id, invitation_id, by=actor())
    return _("The invitation is withdrawn."), "success"
