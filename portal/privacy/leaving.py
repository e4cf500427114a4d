"""How a person leaves (PRV-02, PRV-07, PRV-14).

1. Nothing may be open: a pot that runs, money in the wallet, a gift not used, a payout on its way.
2. The account is closed at once: no session, no page, no pot that opens by itself.
3. For some weeks signing in takes it all back, and so do a new password, a lock opened by link, a change of contact
   taken back, and our team; a pot that was planned has only waited.
4. Then a job closes what was planned and makes the person anonymous, unless a gift may still have to go back: it
   looks again each time.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from portal.config.values import LEAVING_DAYS, value_of
from portal.identity.attempts import note_security_event
from portal.identity.holding import hold
from portal.identity.models import Severity, User, UserStatus
from portal.identity.sessions import end_all_sessions
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.personal import OPEN_MATTERS
from portal.kernel.states import advance, advance_held
from portal.notifications.services import notify
from portal.privacy.models import PrivacyRequest, RequestKind, RequestStatus


def open_matters(user_id: UUID) -> list[str]:
    """What keeps the account from being closed, each as a sentence; empty when nothing does."""
    return [sentence for look in OPEN_MATTERS if (sentence := look(user_id)) is not None]


def ask_to_leave(user_id: UUID, *, by: Actor) -> PrivacyRequest:
    """Close the account now and have it erased after the time to think. Safe to repeat.

    Raises `Conflict` with the first matter that is still open, `NotFound`.
    """
    user = hold(user_id, closes=True)
    if user is None:
        raise NotFound
    waiting = leaving_of(user_id)
    if waiting is not None:
        return waiting
    for sentence in open_matters(user_id):
        raise Conflict(sentence)
    until = clock.now() + timedelta(days=value_of(LEAVING_DAYS))
    _say_goodbye(user, until.isoformat(), by)
    advance_held(user, UserStatus.PENDING_DELETION, by=by)
    user.deleted_at = clock.now()
    note_security_event(user_id, "leaving_asked", Severity.WARNING, by=by)
    request = PrivacyRequest(kind=RequestKind.ERASURE, user_id=user_id, due_at=until)
    db.session.add(request)
    db.session.flush()
    end_all_sessions(user_id)
    return request


def leaving_of(user_id: UUID) -> PrivacyRequest | None:
    """The erasure that the person waits for, if there is one."""
    return db.session.scalars(
        select(PrivacyRequest).where(
            PrivacyRequest.user_id == user_id,
            PrivacyRequest.kind == RequestKind.ERASURE,
            PrivacyRequest.status.in_((RequestStatus.RECEIVED, RequestStatus.RUNNING)),
        )
    ).one_or_none()


def take_back(user: User, *, by: Actor) -> None:
    """The person comes back in time: the erasure is called off, and the person is told."""
    waiting = leaving_of(user.id)
    if waiting is None:
        return
    advance(waiting, RequestStatus.CANCELED, by=by)
    note_security_event(user.id, "leaving_taken_back", Severity.WARNING, by=by)
    notify(
        "leaving_taken_back",
        event_key=f"leaving_taken_back:{waiting.id}",
        data={},
        user_id=user.id,
        related=(PrivacyRequest.__tablename__, waiting.id),
        action_link="/privacy",
        by=by,
    )


def _say_goodbye(user: User, key: str, by: Actor) -> None:
    """Told while the account can still be reached: somebody who did not ask must learn of it."""
    notify(
        "leaving_asked",
        event_key=f"leaving_asked:{key}",
        data={"days": value_of(LEAVING_DAYS)},
        user_id=user.id,
        action_link="/sign-in",
        by=by,
    )
