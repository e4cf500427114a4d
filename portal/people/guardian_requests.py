"""The rows behind the questions to guardians: one that waits for each minor, changed under the minor's profile.

Whoever changes one has locked the minor's profile before, but for the job that ends those whose time is over.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, select

from portal.config.people_values import GUARDIAN_DAYS
from portal.config.values import value_of
from portal.identity.directory import normal_email, place_of
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import InvalidInput
from portal.kernel.ids import new_id
from portal.kernel.phones import to_mobile
from portal.kernel.states import advance, remember
from portal.people.models import GuardianRequest, Relationship, RequestStatus


def reachable(typed: str) -> str:
    """The address or number as it is kept. Raises `InvalidInput` for one that nobody can be written to at."""
    try:
        return normal_email(typed.strip()) if "@" in typed else to_mobile(typed.strip())
    except InvalidInput as refusal:
        raise InvalidInput(refusal.message, field="contact") from None


def open_request(minor_id: UUID, contact: str, relationship: Relationship, *, by: Actor) -> GuardianRequest:
    """Write a question that waits for its answer."""
    moment = clock.now()
    request = GuardianRequest(
        id=new_id(),
        minor_user_id=minor_id,
        contact=contact,
        mailbox=place_of(contact),
        relationship_type=relationship,
        status=RequestStatus.WAITING,
        asked_at=moment,
        expires_at=moment + timedelta(days=value_of(GUARDIAN_DAYS)),
    )
    db.session.add(request)
    db.session.flush()
    remember(GuardianRequest.__tablename__, request.id, "status", None, RequestStatus.WAITING, by=by)
    return request


def waiting_request(minor_id: UUID) -> GuardianRequest | None:
    """The minor's question that waits, locked; it may be past its time."""
    return db.session.scalars(_waiting(minor_id).with_for_update()).one_or_none()


def end_request(
    request: GuardianRequest, how: RequestStatus, *, answered_by: UUID | None = None, by: Actor
) -> None:
    """End a question. Raises `IllegalTransition` when it has ended before."""
    advance(request, how, by=by)
    request.ended_at = clock.now()
    request.guardian_user_id = answered_by
    db.session.flush()


def close_request(minor_id: UUID, how: RequestStatus, *, by: Actor) -> bool:
    """End the minor's question, if one waits; whether one did."""
    request = waiting_request(minor_id)
    if request is None:
        return False
    end_request(request, how if request.is_open else RequestStatus.EXPIRED, by=by)
    return True


def _waiting(minor_id: UUID) -> Select[GuardianRequest]:
    return (
        select(GuardianRequest)
        .where(GuardianRequest.minor_user_id == minor_id, GuardianRequest.status == RequestStatus.WAITING)
        .execution_options(populate_existing=True)
    )
