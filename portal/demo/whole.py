"""One transaction around everything: the demo world appears whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import scoped_session, sessionmaker

from portal.kernel.db import db


class _BoundSession(FlaskSession):
    """A session that stays on the one connection, whatever it is asked for."""

    def get_bind(self, *args: object, **kwargs: object) -> Engine | Connection:
        assert self.bind is not None
        return self.bind


@contextmanager
def all_or_nothing() -> Iterator[Connection]:
    """Make every commit inside a savepoint of one transaction, which is committed at the end.

    Nobody sees half a world: neither people, nor jobs that run meanwhile, nor a second try after an error.
    """
    everyday = db.session
    with db.engine.connect() as connection, connection.begin():
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        factory: sessionmaker[FlaskSession] = sessionmaker(
            class_=_BoundSession, db=db, bind=connection, join_transaction_mode="create_savepoint"
        )
        db.session = scoped_session(factory, scopefunc=everyday.registry.scopefunc)
        try:
            yield connection
        finally:
            db.session.remove()
            db.session = everyday
