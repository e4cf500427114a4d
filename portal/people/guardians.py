"""The adult behind a minor: named with the day of birth, asked, and answering from an account of their own.

1. The minor gives the day of birth and names an adult who has an account (`name_guardian`).
2. `guardian_asked` goes out; the adult confirms (`confirm_guardianship`) or refuses (`refuse_guardianship`).
3. Until somebody has confirmed, nothing that needs a guardian opens (`require_confirmed_guardian`).
4. After a refusal the minor names somebody else; the day of birth stays, so nobody grows up by trying again.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from portal.audit.services import record
from portal.identity.directory import account_at, same_mailbox
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.i18n import _
from portal.people.ages import is_adult
from portal.people.birthdays import check_birthday, keep_birthday, locked_profile, refuse_another_day
from portal.people.completion import refresh_completion
from portal.people.events import guardian_asked, guardian_confirmed, guardian_refused
from portal.people.models import Profile, Relationship
from portal.people.queries import blocked_between

RESOURCE = Profile.__tablename__


def name_guardian(
    user_id: UUID, born: date, contact: str, relationship: Relationship, *, by: Actor
) -> Profile:
    """Keep a minor's day of birth together with the adult who answers for them, and ask that adult (PPL-12).

    `contact` is the e-mail address or phone number of an adult's account. Raises `InvalidInput` when there is
    none that can be asked (one sentence for every reason, so that nobody's account is told apart), and
    `Conflict` when a guardian has confirmed already, another day is kept, or the person is an adult.
    """
    check_birthday(born)
    profile = locked_profile(user_id)
    refuse_another_day(profile, born)
    if is_adult(born):
        raise Conflict(_("You are 18 or older: you need no guardian."), field="date_of_birth")
    if profile.guardian_confirmed_at is not None:
        raise Conflict(_("Your guardian has already confirmed. They can step back from their own account."))
    before = profile.guardian_user_id
    profile.guardian_user_id = _adult_at(contact, user_id)
    profile.relationship_type = relationship
    profile.guardian_refused_at = None
    keep_birthday(profile, born, by=by)
    db.session.flush()
    record(
        "guardian_named",
        (RESOURCE, user_id),
        by=by,
        old={"guardian_user_id": str(before) if before else None},
        new={"guardian_user_id": str(profile.guardian_user_id), "relationship_type": relationship},
    )
    guardian_asked.send(profile, by=by)
    return profile


def confirm_guardianship(minor_id: UUID, guardian_id: UUID, *, by: Actor) -> None:
    """The named adult agrees (PPL-15). Safe to repeat.

    Raises `NotFound` for anybody else, `Conflict` after a refusal or when the adult can no longer stand.
    """
    profile = _tied(minor_id, guardian_id)
    if profile.guardian_confirmed_at is not None:
        return
    if profile.guardian_refused_at is not None:
        raise Conflict(_("You have refused. The young person can ask you again from their profile."))
    guardian = db.session.get(Profile, guardian_id)
    if guardian is None or not is_adult(guardian.date_of_birth):
        raise Conflict(_("Only an adult whose day of birth is known can be a guardian."))
    profile.guardian_confirmed_at = clock.now()
    record("guardian_confirmed", (RESOURCE, minor_id), by=by, new={"guardian_user_id": str(guardian_id)})
    refresh_completion(minor_id)
    guardian_confirmed.send(profile, by=by)


def refuse_guardianship(minor_id: UUID, guardian_id: UUID, *, by: Actor) -> None:
    """The named adult refuses, or steps back later (PPL-15). Safe to repeat. Raises `NotFound` for others."""
    profile = _tied(minor_id, guardian_id)
    if profile.guardian_refused_at is not None:
        return
    profile.guardian_confirmed_at = None
    profile.guardian_refused_at = clock.now()
    record("guardian_refused", (RESOURCE, minor_id), by=by, old={"guardian_user_id": str(guardian_id)})
    refresh_completion(minor_id)
    guardian_refused.send(profile, by=by)


def _adult_at(contact: str, minor_id: UUID) -> UUID:
    guardian_id = account_at(contact)
    if guardian_id == minor_id:
        raise InvalidInput(_("You cannot be your own guardian. Please name an adult."), field="contact")
    guardian = db.session.get(Profile, guardian_id) if guardian_id else None
    if (
        guardian is None
        or not is_adult(guardian.date_of_birth)
        or blocked_between(minor_id, guardian.user_id)
        # One person with two accounts is not two.
        or same_mailbox(minor_id, guardian.user_id)
    ):
        raise InvalidInput(
            _(
                "We could not ask this person. A guardian needs an account of their own, with their day of"
                " birth, and must be 18 or older. Please check the address, or ask them to sign up first."
            ),
            field="contact",
        )
    return guardian.user_id


def _tied(minor_id: UUID, guardian_id: UUID) -> Profile:
    """The minor's profile, locked, when it names this guardian. Raises `NotFound`."""
    profile = locked_profile(minor_id)
    if profile.guardian_user_id != guardian_id:
        raise NotFound
    return profile
