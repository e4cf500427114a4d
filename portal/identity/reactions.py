"""What identity does when another room's signal arrives."""

from __future__ import annotations

from uuid import UUID

from portal.identity.administration import follow_membership
from portal.identity.attempts import note_security_event
from portal.identity.models import Severity
from portal.identity.sessions import forget_cached
from portal.kernel.actor import Actor
from portal.partners.events import member_changed
from portal.people.events import calendar_changed, person_changed


@member_changed.connect
def _keep_partner_role(user_id: UUID, *, is_member: bool, by: Actor) -> None:
    follow_membership(user_id, is_member=is_member, by=by)


@person_changed.connect
def _show_the_change_at_once(user_id: UUID, **_about: object) -> None:
    forget_cached(user_id)


@calendar_changed.connect
def _note_the_link(user_id: UUID, *, is_on: bool, by: Actor) -> None:
    kind = "calendar_link_made" if is_on else "calendar_link_ended"
    note_security_event(user_id, kind, Severity.INFO, by=by)
