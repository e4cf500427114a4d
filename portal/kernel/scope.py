"""Whose rows of organisations a transaction sees and changes: the second lock below every query's own (R-18, SEC-04).

The database holds policies on the tables of partners' teams, places, settlements, their corrections and scans, and of
sponsor companies. Each transaction says in its first breath, with its BEGIN and so without a round trip of its own, for
whom it works; one that says nothing sees nothing. Whoever owns the tables is not held by the policies: the portal works as another role.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask import g, has_request_context
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session, SessionTransaction

_DECLARED = "scope"


class Kind(StrEnum):
    """For whom a transaction works."""

    SYSTEM = "system"
    STAFF = "staff"
    PERSON = "person"
    GUEST = "guest"


@dataclass(frozen=True, slots=True)
class Scope:
    """The whole declaration: a person is known by id, and with them the partners and companies they work for."""

    kind: Kind
    user_id: UUID | None = None
    partner_ids: tuple[UUID, ...] = ()
    company_ids: tuple[UUID, ...] = ()

    def settings(self) -> Iterator[tuple[str, str]]:
        """The declaration as the policies read it."""
        yield "portal.scope", self.kind.value
        yield "portal.user_id", str(self.user_id or "")
        yield "portal.partner_ids", _listed(self.partner_ids)
        yield "portal.company_ids", _listed(self.company_ids)


def _listed(ids: tuple[UUID, ...]) -> str:
    """Nothing but ids reaches the statement, whatever was given as one."""
    return ",".join(str(UUID(str(one))) for one in ids)


SYSTEM = Scope(Kind.SYSTEM)
GUEST = Scope(Kind.GUEST)


def present_scope() -> Scope:
    """For whom work is done here: the visitor of a request, as far as known; jobs and commands are the portal itself."""
    if not has_request_context():
        return SYSTEM
    person = g.get("visitor")
    if person is None:
        return GUEST
    # Staff see every house while their work is open, and are people like any other afterwards.
    kind = Kind.STAFF if person.admin is not None else Kind.PERSON
    return Scope(
        kind,
        person.user_id,
        tuple(place.partner_id for place in person.memberships),
        tuple(place.company_id for place in person.companies),
    )


def declare(session: Session, scope: Scope) -> None:
    """Let the running transaction work for `scope` from here on; one statement, none when it does already."""
    if session.in_transaction() and session.info.get(_DECLARED) != scope:
        _say(session.connection(), scope)
        session.info[_DECLARED] = scope


def include(session: Session, partner_id: UUID) -> None:
    """Let the running transaction also work for a partner that it has just made."""
    declared = session.info.get(_DECLARED, SYSTEM)
    declare(session, replace(declared, partner_ids=(*declared.partner_ids, partner_id)))


@contextmanager
def as_the_portal(session: Session) -> Iterator[None]:
    """For a question that goes beyond whoever asks, and whose answer they are not shown."""
    declared = session.info.get(_DECLARED, SYSTEM)
    declare(session, SYSTEM)
    try:
        yield
    finally:
        declare(session, declared)


@event.listens_for(Session, "after_begin")
def _declare_first(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """Each transaction begins with its declaration; savepoints inherit it."""
    if not transaction.nested:
        scope = present_scope()
        _say(connection, scope)
        session.info[_DECLARED] = scope


def _say(connection: Connection, scope: Scope) -> None:
    """Send it past the driver's cursors, together with the BEGIN that the driver would have sent by itself.

    What goes wrong here goes wrong again in the statement that follows, where it is understood.
    """
    driver: Any = connection.connection.driver_connection
    begins = driver.pgconn.transaction_status == TransactionStatus.IDLE
    # What a new transaction does not say is empty; one that goes on may have said otherwise.
    said = [f"SET LOCAL {name} = '{value}'" for name, value in scope.settings() if value or not begins]
    driver.pgconn.exec_("; ".join([*(["BEGIN"] if begins else []), *said]).encode())
