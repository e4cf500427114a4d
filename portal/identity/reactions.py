"""What identity does when another room's signal arrives."""

from __future__ import annotations

from uuid import UUID

from portal.identity.administration import follow_membership
from portal.identity.attempts import note_security_event, security_of
from portal.identity.memberships import works_for_company
from portal.identity.models import Severity
from portal.identity.sessions import forget_cached
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.partners.events import member_changed, place_changed
from portal.partners.models import Partner, PartnerMember
from portal.people.events import (
    calendar_changed,
    guardian_refused,
    guardianship_ended,
    paper_decided,
    paper_submitted,
    person_changed,
)
from portal.people.models import DocumentStatus, IdentityDocument, Profile
from portal.people.queries import identity_verified


@member_changed.connect
def _keep_partner_role(user_id: UUID, *, is_member: bool, by: Actor) -> None:
    follow_membership(user_id, is_member=is_member or works_for_company(user_id), by=by)


@place_changed.connect
def _note_the_place(member: PartnerMember, *, partner: Partner, what: str, by: Actor) -> None:
    details = {"partner": partner.name, "role": member.role}
    note_security_event(member.user_id, f"partner_place_{what}", Severity.INFO, by=by, details=details)


@person_changed.connect
def _show_the_change_at_once(user_id: UUID, **_about: object) -> None:
    forget_cached(user_id)


@calendar_changed.connect
def _note_the_link(user_id: UUID, *, is_on: bool, by: Actor) -> None:
    kind = "calendar_link_made" if is_on else "calendar_link_ended"
    note_security_event(user_id, kind, Severity.INFO, by=by)


@paper_submitted.connect
def _note_the_paper(paper: IdentityDocument, *, by: Actor) -> None:
    note_security_event(paper.user_id, "paper_handed_in", Severity.INFO, by=by)


@paper_decided.connect
def _keep_the_summary(paper: IdentityDocument, *, by: Actor) -> None:
    """Whether anybody has proved who they are, beside the other facts of their safety (R-09)."""
    security = security_of(paper.user_id)
    if not identity_verified(paper.user_id):
        security.identity_verified_at = None
    elif security.identity_verified_at is None:
        security.identity_verified_at = clock.now()
    kind = "paper_verified" if paper.status is DocumentStatus.VERIFIED else "paper_refused"
    note_security_event(paper.user_id, kind, Severity.INFO, by=by)


@guardian_refused.connect
@guardianship_ended.connect
def _note_the_end(minor: Profile, *, by: Actor, **_why: object) -> None:
    """Both the minor and the adult see on their pages that the one answers for the other no more."""
    for user_id in (minor.user_id, minor.guardian_user_id):
        if user_id is not None:
            note_security_event(user_id, "guardianship_over", Severity.WARNING, by=by)
