"""How an address hears that a minor asks its reader to answer for them: after the answer has left, and not too often.

1. A job takes the question up (`ask`); only here is looked whose the address is.
2. Whoever has proved to read there is told in their account; anybody else is written to at the address, and told how to
   open one. Nobody who is blocked with the minor, and no account that is closed, hears of it.
3. Past what one minor or one address gets in a day, the message waits for the next. The same minor's question is not
   sent to the same place again within some days, and not at all once somebody there has said no.
4. What nobody answers in time ends (`expire_requests`).
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from portal.config.people_values import (
    GUARDIAN_AGAIN_DAYS,
    GUARDIAN_MESSAGES_OF_ONE,
    GUARDIAN_MESSAGES_TO_ONE,
)
from portal.config.values import value_of
from portal.identity.directory import Holder, account_of, holder_at
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import db, transaction
from portal.kernel.jobs import follow_up
from portal.people.events import guardian_asked, guardian_unanswered
from portal.people.guardian_requests import end_request
from portal.people.models import GuardianRequest, RequestStatus
from portal.people.queries import blocked_between

ASK_JOB = "people.ask_guardian"
_A_DAY = timedelta(days=1)
_CHUNK = 200


def ask(request_id: UUID, *, by: Actor) -> None:
    """Let the address of a question know, once; a question that has ended meanwhile is told to nobody."""
    request = db.session.get(GuardianRequest, request_id, with_for_update=True, populate_existing=True)
    if request is None or not request.is_open or request.told_at is not None:
        return
    if not account_of(request.minor_user_id).is_open:
        return
    # Counted one after the other: the minor's before the place's, so that nobody waits in a circle.
    for name in (f"guardian_asked_of:{request.minor_user_id}", f"guardian_asked_at:{request.mailbox}"):
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
    if _knows_already(request):
        return
    if _is_enough(request):
        _ask_tomorrow(request)
        return
    # Counted whoever reads there: a minor whose next message still came the same day would know who has blocked them.
    request.told_at = clock.now()
    db.session.flush()
    holder = holder_at(request.contact)
    if holder is not None and not _may_hear(holder, request):
        return
    is_theirs = holder is not None and holder.is_proved
    guardian_asked.send(request, guardian_id=holder.user_id if holder and is_theirs else None, by=by)


def expire_requests() -> int:
    """End the questions that nobody has answered in time, and tell those who asked; how many. Commits."""
    ended = 0
    while some := _expire_some():
        ended += some
    return ended


def _knows_already(request: GuardianRequest) -> bool:
    """Whether the place has had this minor's question lately, or its reader has said no to one."""
    since = clock.now() - timedelta(days=value_of(GUARDIAN_AGAIN_DAYS))
    earlier = select(GuardianRequest.id).where(
        GuardianRequest.minor_user_id == request.minor_user_id,
        GuardianRequest.mailbox == request.mailbox,
        GuardianRequest.id != request.id,
        or_(GuardianRequest.told_at > since, GuardianRequest.status == RequestStatus.REFUSED),
    )
    return bool(db.session.scalar(select(earlier.exists())))


def _is_enough(request: GuardianRequest) -> bool:
    """Whether the minor has had as many sent, or the place got as many, as a day allows."""
    by_minor = GuardianRequest.minor_user_id == request.minor_user_id
    by_place = GuardianRequest.mailbox == request.mailbox
    return _told_today(by_minor) >= value_of(GUARDIAN_MESSAGES_OF_ONE) or _told_today(by_place) >= value_of(
        GUARDIAN_MESSAGES_TO_ONE
    )


def _told_today(which: ColumnElement[bool]) -> int:
    told = select(func.count()).where(which, GuardianRequest.told_at > clock.now() - _A_DAY)
    return db.session.scalar(told) or 0


def _ask_tomorrow(request: GuardianRequest) -> None:
    follow_up(
        ASK_JOB,
        dedupe_key=f"guardian_request:{request.id}:{clock.today()}",
        payload={"request_id": str(request.id)},
        delay=_A_DAY,
    )


def _may_hear(holder: Holder, request: GuardianRequest) -> bool:
    minor_id = request.minor_user_id
    return holder.is_open and holder.user_id != minor_id and not blocked_between(minor_id, holder.user_id)


def _expire_some() -> int:
    with transaction():
        due = db.session.scalars(
            select(GuardianRequest)
            .where(GuardianRequest.status == RequestStatus.WAITING, GuardianRequest.expires_at <= clock.now())
            .order_by(GuardianRequest.id)
            .limit(_CHUNK)
            .with_for_update(skip_locked=True)
        ).all()
        for request in due:
            end_request(request, RequestStatus.EXPIRED, by=SYSTEM)
            guardian_unanswered.send(request, by=SYSTEM)
    return len(due)
