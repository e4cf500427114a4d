"""Who knows whom: one row for two people, asked by one and accepted by the other (R-53)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from portal.config.people_values import RECONNECT_DAYS
from portal.config.values import value_of
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.i18n import _
from portal.kernel.states import advance, remember
from portal.people.models import ConnectionCategory, ConnectionStatus, UserConnection
from portal.people.queries import blocked_between, connection_between

MAX_MESSAGE = 500


def request_connection(
    requester_id: UUID,
    addressee_id: UUID,
    *,
    category: ConnectionCategory | None = None,
    message: str | None = None,
    by: Actor,
) -> UserConnection:
    """Ask somebody to connect, again some days after an earlier connection was ended (G-26).

    Raises `InvalidInput` for oneself, `NotFound` when either blocks the other, `Conflict` when the two are
    connected, one has asked, or one has said no.
    """
    if requester_id == addressee_id:
        raise InvalidInput(_("You cannot connect with yourself."))
    if blocked_between(requester_id, addressee_id):
        raise NotFound
    earlier = connection_between(requester_id, addressee_id)
    if earlier is not None:
        return _ask_again(earlier, requester_id, addressee_id, by)
    row = UserConnection(
        requester_user_id=requester_id,
        addressee_user_id=addressee_id,
        relationship_category=category,
        message=message[:MAX_MESSAGE] if message else None,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        # Both asked at the same moment: one row is enough.
        raise Conflict(_("One of you has already asked.")) from None
    remember(row.__tablename__, row.id, "status", None, row.status, by=by)
    return row


def accept_connection(connection_id: UUID, addressee_id: UUID, *, by: Actor) -> UserConnection:
    """The person who was asked agrees. Raises `NotFound` for others, `IllegalTransition` unless pending."""
    row = db.session.get(UserConnection, connection_id)
    if (
        row is None
        or row.addressee_user_id != addressee_id
        or blocked_between(row.requester_user_id, addressee_id)
    ):
        raise NotFound
    advance(row, ConnectionStatus.ACCEPTED, by=by)
    row.responded_at = clock.now()
    return row


def _ask_again(row: UserConnection, requester_id: UUID, addressee_id: UUID, by: Actor) -> UserConnection:
    if row.status is ConnectionStatus.PENDING:
        raise Conflict(_("One of you has already asked."))
    if row.status is ConnectionStatus.ACCEPTED:
        raise Conflict(_("You are connected already."))
    if row.status is not ConnectionStatus.REMOVED:
        raise Conflict(_("This person cannot be asked again."))
    wait_until = row.updated_at + timedelta(days=value_of(RECONNECT_DAYS))
    if clock.now() < wait_until:
        raise Conflict(_("You can ask again in a few days."))
    advance(row, ConnectionStatus.PENDING, by=by)
    row.requester_user_id, row.addressee_user_id = requester_id, addressee_id
    row.responded_at = None
    return row
