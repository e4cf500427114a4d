"""The database: the declarative base, the session, and the owners of a commit.

Exactly two places commit: the request wrapper (`portal.web.application`) and `transaction` below.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Date, DateTime, Integer, MetaData, Text, Uuid, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, registry

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


def is_retryable(error: OperationalError) -> bool:
    """Whether the same work may simply be done again."""
    return getattr(error.orig, "sqlstate", None) in _RETRYABLE


def pause_before_retry(attempt: int) -> None:
    """Wait a little, longer each time and never in step with others."""
    time.sleep(random.uniform(0.005, 0.02) * 2**attempt)


def violated(error: IntegrityError) -> str | None:
    """The name of the constraint that refused the row."""
    diagnostics = getattr(error.orig, "diag", None)
    return getattr(diagnostics, "constraint_name", None)


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
