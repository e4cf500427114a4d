"""The end of a guardianship that was confirmed: by the guardian, by the team, or because the minor asks for another.

1. The minor says why (`ask_for_another`); one question waits for each minor, and the team finds it in its list.
2. The team ends the guardianship (`end_guardianship`), asked or not, or leaves it (`keep_guardianship`); both with a
   reason. The guardian may step back at any time (guardians.py). Either way the question is over.
3. From then on nothing that needs a guardian opens: no new pot, none that was planned, no invitation that waits; the
   adult no longer sees the minor's page. What was opened, accepted or earned before stays: it was right when it was done.

Whoever changes something here has locked the minor's profile before.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from portal.audit.services import record
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, Forbidden
from portal.kernel.i18n import _
from portal.kernel.ids import new_id
from portal.kernel.states import advance, remember
from portal.people.birthdays import locked_profile
from portal.people.completion import refresh_completion
from portal.people.events import guardian_change_refused, guardianship_ended
from portal.people.models import ChangeStatus, GuardianChange, Profile

RESOURCE = Profile.__tablename__


def ask_for_another(minor_id: UUID, reason: str, *, by: Actor) -> GuardianChange:
    """The minor asks the team for the end of the guardianship; asked again, the newer words count.

    Raises `Conflict` when nobody answers for them.
    """
    profile = locked_profile(minor_id)
    guardian_id = _confirmed_guardian(profile)
    if guardian_id is None:
        raise Conflict(_("Nobody answers for you now. You can name an adult on your profile."))
    waiting = waiting_change(minor_id)
    if waiting is not None:
        waiting.reason = reason
        db.session.flush()
        return waiting
    change = GuardianChange(
        id=new_id(),
        minor_user_id=minor_id,
        guardian_user_id=guardian_id,
        reason=reason,
        status=ChangeStatus.WAITING,
        asked_at=clock.now(),
    )
    db.session.add(change)
    db.session.flush()
    remember(GuardianChange.__tablename__, change.id, "status", None, ChangeStatus.WAITING, by=by)
    record("guardian_change_asked", (RESOURCE, minor_id), by=by)
    return change


def withdraw_change(minor_id: UUID, *, by: Actor) -> None:
    """The minor asks for nobody else any more. Safe to repeat."""
    locked_profile(minor_id)
    if close_change(minor_id, ChangeStatus.WITHDRAWN, by=by):
        record("guardian_change_withdrawn", (RESOURCE, minor_id), by=by)


def end_guardianship(minor_id: UUID, guardian_id: UUID, *, reason: str, by: Actor) -> bool:
    """The team ends what this adult has said yes to; False when it is over already. Both are told.

    Raises `NotFound`, and `Forbidden` for whoever is one of the two.
    """
    profile = locked_profile(minor_id)
    _refuse_own(by, minor_id, guardian_id)
    if _confirmed_guardian(profile) != guardian_id:
        return False
    old = {"guardian_user_id": str(guardian_id)}
    record("guardianship_revoked", (RESOURCE, minor_id), by=by, old=old, reason=reason)
    end_confirmed(profile, by=by)
    guardianship_ended.send(profile, guardian_id=guardian_id, reason=reason, by=by)
    return True


def keep_guardianship(minor_id: UUID, *, reason: str, by: Actor) -> bool:
    """The team leaves the guardian who is; the minor is told why. False when nothing waits any more.

    Raises `NotFound`, and `Forbidden` for whoever is one of the two.
    """
    locked_profile(minor_id)
    change = waiting_change(minor_id)
    if change is None:
        return False
    _refuse_own(by, minor_id, change.guardian_user_id)
    _end_change(change, ChangeStatus.REFUSED, by, reason)
    record("guardian_change_refused", (RESOURCE, minor_id), by=by, reason=reason)
    guardian_change_refused.send(change, reason=reason, by=by)
    return True


def end_confirmed(profile: Profile, *, by: Actor) -> None:
    """Let a confirmed guardian be one no more. The link stays until somebody else agrees: no minor is without one."""
    profile.guardian_confirmed_at = None
    profile.guardian_refused_at = clock.now()
    close_change(profile.user_id, ChangeStatus.ENDED, by=by)
    refresh_completion(profile.user_id)


def close_change(minor_id: UUID, how: ChangeStatus, *, by: Actor) -> bool:
    """End the minor's question for another guardian, if one waits; whether one did."""
    change = waiting_change(minor_id)
    if change is None:
        return False
    _end_change(change, how, by)
    return True


def waiting_change(minor_id: UUID) -> GuardianChange | None:
    """The minor's question for another guardian that waits."""
    return db.session.scalars(
        select(GuardianChange)
        .where(GuardianChange.minor_user_id == minor_id, GuardianChange.status == ChangeStatus.WAITING)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _end_change(change: GuardianChange, how: ChangeStatus, by: Actor, reason: str | None = None) -> None:
    advance(change, how, by=by, reason=reason)
    change.ended_at = clock.now()
    db.session.flush()


def _confirmed_guardian(profile: Profile) -> UUID | None:
    return profile.guardian_user_id if profile.guardian_confirmed_at is not None else None


def _refuse_own(by: Actor, *parties: UUID) -> None:
    if by.user_id in parties:
        raise Forbidden(_("Somebody else of the team has to decide about your own matter."))
