"""The database: the declarative base, the session, and the owners of a commit.

Exactly two places commit: the request wrapper (`portal.web.application`) and `transaction` below.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from flask_sqlalchemy import SQLAlchemy
from psycopg import OperationalError as OperationalErrorOfDriver
from sqlalchemy import CursorResult, Date, DateTime, Engine, Executable, Integer, MetaData, Text, Uuid, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InterfaceError,
    InvalidatePoolError,
    OperationalError,
    PendingRollbackError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.pool import ConnectionPoolEntry, Pool

from portal.kernel import scope  # noqa: F401  (every transaction begins with its declaration)
from portal.kernel.actor import SYSTEM, Actor

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# Serialisation failure and deadlock: PostgreSQL undid everything, so doing it again is safe.
_RETRYABLE = frozenset({"40001", "40P01"})
_ATTEMPTS = 6
_LAST = "last_of_all"

# What a question meets when PostgreSQL is away, is overrun, or went away before in the same transaction.
DATABASE_AWAY = (OperationalError, InterfaceError, NoConnectionFree, PendingRollbackError)
# SQLAlchemy's code for a session whose connection broke, asked again before it was rolled back.
_BROKE_BEFORE = "8s2b"

# What a message of the database says below its first line, up to the next part.
_QUOTED = re.compile(r"\n(?:DETAIL|CONTEXT): .*?(?=\n[A-Z]+: |\Z)", re.DOTALL)

# How long a pooled connection may lie unused and still be trusted.
_RESTED = 2.0

Result = TypeVar("Result")


class Base(DeclarativeBase):
    """What every table of the one model set inherits."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            UUID: Uuid(),
            datetime: DateTime(timezone=True),
            date: Date(),
            int: Integer(),
            str: Text(),
            dict[str, Any]: JSONB(),
            list[Any]: JSONB(),
        },
    )


db = SQLAlchemy(model_class=Base)


@contextmanager
def transaction(by: Actor = SYSTEM) -> Iterator[Session]:
    """Commit once at the end, or roll everything back; for jobs and commands.

    A job that calls the outside world opens one before the call and one after, never around it.
    """
    session = db.session()
    session.info["actor"] = by
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        db.session.remove()


def in_transaction(work: Callable[[], Result], by: Actor = SYSTEM) -> Result:
    """Run `work` in one transaction, again when PostgreSQL undid it for a deadlock."""
    for attempt in range(_ATTEMPTS):
        try:
            with transaction(by):
                return work()
        except OperationalError as error:
            if not is_retryable(error) or attempt == _ATTEMPTS - 1:
                raise
            pause_before_retry(attempt)
    raise AssertionError("unreachable")


def last_of_all(work: Callable[[], None]) -> None:
    """Have this done when everything else of the transaction is: what it locks, nobody waits for longer than a commit."""
    db.session().info.setdefault(_LAST, []).append(work)


def run(statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> CursorResult[Any]:
    """Send a prebuilt statement in the session's transaction, past what a session does for objects (wall 9)."""
    return db.session().connection().execute(statement, values)


def is_retryable(error: OperationalError | PendingRollbackError) -> bool:
    """Whether the same work may simply be done again."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) in _RETRYABLE


def is_connection_lost(error: SQLAlchemyError) -> bool:
    """Whether the connection broke, now or before in the same transaction: what was done in it is undone."""
    if isinstance(error, PendingRollbackError):
        return error.code == _BROKE_BEFORE
    return isinstance(error, DBAPIError) and error.connection_invalidated


def pause_before_retry(attempt: int) -> None:
    """Wait a little, longer each time and never in step with others."""
    time.sleep(random.uniform(0.005, 0.02) * 2**attempt)


def violated(error: IntegrityError) -> str | None:
    """The name of the constraint that refused the row."""
    diagnostics = getattr(error.orig, "diag", None)
    return getattr(diagnostics, "constraint_name", None)


@event.listens_for(Pool, "checkin")
def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = time.monotonic()


@event.listens_for(Pool, "checkout")
def _ask_after_a_rest(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """See that a connection that has rested still works, and drop what the pool holds if it does not.

    In a busy portal nothing rests, and no request pays for the question.
    """
    used_at = record.info.get("used_at")
    if used_at is None or time.monotonic() - used_at < _RESTED:
        return
    try:
        connection.autocommit = True
        connection.execute("")
        connection.autocommit = False
    except OperationalErrorOfDriver as error:
        raise InvalidatePoolError from error


@event.listens_for(Engine, "handle_error")
def _keep_rows_out_of_errors(context: ExceptionContext) -> None:
    """Take from an error what the database quotes of the row: it would go into logs, and outlive who is named there."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args and isinstance(error.args[0], str):
            error.args = (_QUOTED.sub("", error.args[0]), *error.args[1:])


@event.listens_for(Session, "before_commit")
def _do_the_last(session: Session) -> None:
    if not session.in_nested_transaction():
        session.flush()
        for work in session.info.pop(_LAST, ()):
            work()


@event.listens_for(Session, "before_flush")
def _stamp_last_hand(session: Session, context: object, instances: object) -> None:
    """Fill created_by and updated_by from the acting person of this transaction (ID-18)."""
    actor: Actor = session.info.get("actor", SYSTEM)
    if actor.user_id is None:
        return
    for row in session.new:
        if getattr(row, "created_by", 0) is None:
            row.created_by = actor.user_id
    for row in session.dirty:
        if hasattr(row, "updated_by"):
            row.updated_by = actor.user_id
