"""The adult behind a minor: asked by address, and answering from an account of their own.

1. The minor says the day of birth, and names an adult by e-mail address or number (`name_guardian`). Nobody looks whether
   anybody has that address, so nothing tells: neither words nor pages nor time.
2. A job writes to it (asking.py). Whoever has proved to read there finds the question on their page (minors.py), now or
   once they have an account; they confirm (`confirm_guardianship`) or refuse (`refuse_guardianship`).
3. Only the yes writes the guardian, and the day of birth as one that counts, into the profile. Until then nothing that
   needs a guardian opens (`require_confirmed_guardian`), and no other day is taken: nobody grows up by trying again.
4. One question waits for each minor: naming somebody else and `withdraw_request` end it, and so does time.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from portal.audit.services import record
from portal.identity.directory import contacts_of, place_of
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.i18n import _
from portal.kernel.jobs import follow_up
from portal.people.ages import is_adult
from portal.people.asking import ASK_JOB
from portal.people.birthdays import (
    check_birthday,
    keep_birthday,
    locked_profile,
    refuse_another_day,
    state_birthday,
)
from portal.people.completion import refresh_completion
from portal.people.ending import end_confirmed
from portal.people.events import guardian_confirmed, guardian_declined, guardian_refused
from portal.people.guardian_requests import (
    close_request,
    end_request,
    open_request,
    reachable,
    waiting_request,
)
from portal.people.minors import Obstacle, is_addressed_to, obstacles
from portal.people.models import GuardianRequest, Profile, Relationship, RequestStatus

RESOURCE = Profile.__tablename__


def name_guardian(
    user_id: UUID, born: date, contact: str, relationship: Relationship, *, by: Actor
) -> GuardianRequest:
    """Ask the adult at an e-mail address or number to answer for a minor (PPL-12, PPL-13).

    Whether anybody has an account there is not looked at. The same question again is the one that waits; any other
    takes its place. Raises `InvalidInput` for an address that cannot be written to or is the minor's own, and
    `Conflict` when a guardian has confirmed already, another day was said, or the person is an adult.
    """
    check_birthday(born)
    reached = reachable(contact)
    profile = locked_profile(user_id)
    refuse_another_day(profile, born)
    if is_adult(born):
        raise Conflict(_("You are 18 or older: you need no guardian."), field="date_of_birth")
    if profile.guardian_confirmed_at is not None:
        raise _confirmed_already()
    _refuse_own(user_id, reached)
    state_birthday(user_id, born, by=by)
    waiting = waiting_request(user_id)
    if waiting is not None:
        if waiting.is_open and (waiting.contact, waiting.relationship_type) == (reached, relationship):
            return waiting
        close_request(user_id, RequestStatus.WITHDRAWN, by=by)
    request = open_request(user_id, reached, relationship, by=by)
    record("guardian_named", (RESOURCE, user_id), by=by, new={"relationship_type": relationship})
    follow_up(ASK_JOB, dedupe_key=f"guardian_request:{request.id}", payload={"request_id": str(request.id)})
    return request


def withdraw_request(user_id: UUID, *, by: Actor) -> None:
    """The minor asks nobody any more. Safe to repeat. Raises `Conflict` when the guardian has confirmed."""
    profile = locked_profile(user_id)
    if close_request(user_id, RequestStatus.WITHDRAWN, by=by):
        record("guardian_request_withdrawn", (RESOURCE, user_id), by=by)
    elif profile.guardian_confirmed_at is not None:
        raise _confirmed_already()


def confirm_guardianship(minor_id: UUID, guardian_id: UUID, *, by: Actor) -> None:
    """Whoever has proved to read at the named address agrees (PPL-15). Safe to repeat.

    Raises `NotFound` for anybody else, `Conflict` when the question no longer stands or the person cannot be a guardian.
    """
    profile = locked_profile(minor_id)
    if profile.guardian_user_id == guardian_id and profile.guardian_confirmed_at is not None:
        return
    request = _request_to(minor_id, guardian_id)
    born = profile.said_birthday
    if request is None or born is None or is_adult(born):
        raise NotFound
    _refuse_ended(request)
    _refuse_unfit(guardian_id, minor_id)
    profile.guardian_user_id, profile.relationship_type = guardian_id, request.relationship_type
    profile.guardian_confirmed_at, profile.guardian_refused_at = clock.now(), None
    end_request(request, RequestStatus.CONFIRMED, answered_by=guardian_id, by=by)
    record("guardian_confirmed", (RESOURCE, minor_id), by=by, new={"guardian_user_id": str(guardian_id)})
    keep_birthday(profile, born, by=by)
    refresh_completion(minor_id)
    guardian_confirmed.send(profile, by=by)


def refuse_guardianship(minor_id: UUID, guardian_id: UUID, *, by: Actor) -> None:
    """Whoever is asked says no, or the guardian steps back later (PPL-15). Safe to repeat.

    Raises `NotFound` for others.
    """
    profile = locked_profile(minor_id)
    request = _request_to(minor_id, guardian_id)
    if request is not None and request.is_open:
        end_request(request, RequestStatus.REFUSED, answered_by=guardian_id, by=by)
        record("guardian_refused", (RESOURCE, minor_id), by=by)
        guardian_declined.send(request, by=by)
    elif profile.guardian_user_id == guardian_id:
        _step_back(profile, by)
    elif request is None or request.status is not RequestStatus.REFUSED:
        raise NotFound


def refuse_by_contact(request_id: UUID, *, by: Actor) -> None:
    """Whoever reads at the named address says no without an account (PPL-15). Safe to repeat; nothing once it is over."""
    minor_id = db.session.scalar(
        select(GuardianRequest.minor_user_id).where(GuardianRequest.id == request_id)
    )
    if minor_id is None:
        return
    locked_profile(minor_id)
    request = waiting_request(minor_id)
    if request is None or request.id != request_id or not request.is_open:
        return
    end_request(request, RequestStatus.REFUSED, by=by)
    record("guardian_refused", (RESOURCE, minor_id), by=by)
    guardian_declined.send(request, by=by)


def _step_back(profile: Profile, by: Actor) -> None:
    if profile.guardian_refused_at is not None:
        return
    old = {"guardian_user_id": str(profile.guardian_user_id)}
    record("guardian_refused", (RESOURCE, profile.user_id), by=by, old=old)
    end_confirmed(profile, by=by)
    guardian_refused.send(profile, by=by)


def _confirmed_already() -> Conflict:
    return Conflict(
        _("Your guardian has already confirmed. Is it the wrong person? Tell our team on your profile.")
    )


def _refuse_own(minor_id: UUID, contact: str) -> None:
    """Raise `InvalidInput` for the minor's own number, and for their mailbox however its address is spelled."""
    own = contacts_of(minor_id)
    if place_of(contact) in {place_of(one) for one in (own.email, own.phone) if one}:
        raise InvalidInput(_("You cannot be your own guardian. Please name an adult."), field="contact")


def _request_to(minor_id: UUID, guardian_id: UUID) -> GuardianRequest | None:
    """The newest question of the minor that this person may know of, locked."""
    statement = (
        select(GuardianRequest)
        .where(GuardianRequest.minor_user_id == minor_id, is_addressed_to(guardian_id))
        .order_by(GuardianRequest.id.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(statement).one_or_none()


def _refuse_ended(request: GuardianRequest) -> None:
    if request.is_open:
        return
    if request.status is RequestStatus.REFUSED:
        raise Conflict(_("You have refused. The young person can ask you again from their profile."))
    raise Conflict(
        _("This question no longer stands. The young person can ask you again from their profile.")
    )


def _refuse_unfit(guardian_id: UUID, minor_id: UUID) -> None:
    obstacle = obstacles(guardian_id, [minor_id]).get(minor_id)
    if obstacle is Obstacle.MAILBOX:
        raise Conflict(_("You both read mail at one address. A guardian needs an address of their own."))
    if obstacle is not None:
        raise Conflict(_("Only an adult whose day of birth is known can be a guardian."))
