"""What the pages of every kind of organisation share: invite, send again, withdraw, decide, end a place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from flask import Response, flash, request

from portal.config.rates import rate
from portal.config.team_values import INVITATION_DAYS, INVITES_PER_HOUR
from portal.config.values import value_of
from portal.kernel.errors import TooMany
from portal.kernel.forms import ReasonForm
from portal.kernel.i18n import _, ngettext
from portal.kernel.limits import by_caller, limiter
from portal.kernel.pages import page, see_other
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


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing that staff may decide about an organisation in some of its states, with its reason."""

    decide: Callable[..., object]
    title: str
    text: str
    button: str
    allowed: frozenset[StrEnum]


def decide(way: Decision, organisation_id: UUID, back: tuple[str, str], *, name: str, hint: str) -> Response:
    """Ask staff for their reason and decide; `back` is the organisation's page, as it is called and where it is."""
    form = ReasonForm()
    if form.validate_on_submit():
        with form.attempt():
            way.decide(organisation_id, form.reason.data, by=actor())
            flash(_("Decided and written down."), "success")
            return see_other(back[1])
    status = 422 if form.is_submitted() else 200
    return page("teams/decision.html", form=form, way=way, back=back, name=name, hint=hint, status=status)


def end_place(remove: Callable[[], None], back: str, *, question: str, text: str, done: str) -> Response:
    """Ask staff whether they mean it, and end somebody's place."""
    if request.method == "POST":
        remove()
        flash(done, "success")
        return see_other(back)
    return page("teams/remove_member.html", question=question, text=text, back=back)
