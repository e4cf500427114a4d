"""One migrated template for the run, one clone for each test process, and two ways to keep tests apart."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask_sqlalchemy.session import Session as FlaskSession
from psycopg import sql
from psycopg.pq import ExecStatus
from sqlalchemy import Connection, Engine, event, make_url, text
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from portal.kernel.db import db
from portal.supervisor.postgres import WEB_ROLE
from tests.harness.as_new import AsNew

PROJECT_ROOT = Path(__file__).resolve().parents[2]
_TEMPLATE = "portal_template"
_CHECK = "SAVEPOINT checked; SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK TO SAVEPOINT checked; RELEASE SAVEPOINT checked"


class Databases:
    """Makes and replaces databases of the run's PostgreSQL as copies of the migrated template."""

    def __init__(self, maintenance_url: str, web_url: str) -> None:
        self._maintenance_url = maintenance_url
        self._web_url = web_url

    def url(self, name: str) -> str:
        """The address of the database `name` for the role that the portal works as."""
        return make_url(self._web_url).set(database=name).render_as_string(hide_password=False)

    def owner_url(self, name: str) -> str:
        """The address of the database `name` for its owner, who migrates."""
        return make_url(self._maintenance_url).set(database=name).render_as_string(hide_password=False)

    def clone(self, name: str) -> str:
        """Make `name` anew from the template, ending every connection to the old one; answers its address."""
        with psycopg.connect(self._maintenance_url, autocommit=True) as connection:
            target = sql.Identifier(name)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(target))
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    target, sql.Identifier(_TEMPLATE)
                )
            )
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove the database `name`."""
        with psycopg.connect(self._maintenance_url, autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def migrate_template(self, environ: dict[str, str]) -> None:
        """Create the template with the migrations, as an operator would."""
        with psycopg.connect(self._maintenance_url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
            # A test may become the owner (`as_owner`); the portal by itself never does.
            connection.execute(
                sql.SQL("GRANT portal TO {} WITH INHERIT FALSE").format(sql.Identifier(WEB_ROLE))
            )
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"],
            cwd=PROJECT_ROOT,
            env={
                **os.environ,
                **environ,
                "DATABASE_URL": self.owner_url(_TEMPLATE),
                "DATABASE_WEB_ROLE": WEB_ROLE,
            },
            check=True,
            capture_output=True,
            text=True,
        )


@pytest.fixture(scope="session")
def databases(postgres_url: str, web_url: str, valkey_url: str, run_folder: Path) -> Databases:
    """The run's databases, with the template in place."""
    made = Databases(postgres_url, web_url)
    done = run_folder / "template.done"
    with (run_folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            try:
                made.migrate_template({"REDIS_URL": valkey_url})
            except subprocess.CalledProcessError as error:
                made.drop(_TEMPLATE)
                pytest.fail(f"The migrations failed:\n{error.stderr}", pytrace=False)
            done.touch()
    return made


@pytest.fixture(scope="session")
def process_database() -> str:
    """The name of this test process's database."""
    return f"portal_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


@pytest.fixture(scope="session")
def as_new(databases: Databases, process_database: str) -> AsNew:
    """This test process's database, migrated and empty, as it is to be again after each test."""
    databases.clone(process_database)
    return AsNew.remember(databases.owner_url(process_database))


@pytest.fixture(scope="session")
def database_url(databases: Databases, process_database: str, as_new: AsNew) -> str:
    """The address of this test process's database."""
    return databases.url(process_database)


def become_owner(session: Session | scoped_session[FlaskSession]) -> None:
    """From here to the end of the transaction, somebody who owns the database and whom nothing stops."""
    session.execute(text("SET LOCAL ROLE portal"))


class _BoundSession(FlaskSession):
    """A session that stays on the connection whose transaction the test will roll back."""

    def get_bind(self, *args: object, **kwargs: object) -> Engine | Connection:
        assert self.bind is not None
        return self.bind


@event.listens_for(_BoundSession, "before_commit")
def _check_deferred_constraints(session: Session) -> None:
    """What the database would refuse at commit is refused here too, although this commit is a savepoint."""
    session.flush()
    connection = session.connection()
    if directly(connection, _CHECK):
        return
    # Refused: once more in the way that tells what and why.
    directly(connection, "ROLLBACK TO SAVEPOINT checked; RELEASE SAVEPOINT checked")
    with connection.begin_nested() as check:
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        check.rollback()


def directly(connection: Connection, statements: str) -> bool:
    """Send statements past the driver's cursors, in one round trip; False when one was refused.

    Hundreds of thousands of savepoints are set and given up in a run: as statements of SQLAlchemy they would cost more
    than what tests do between them.
    """
    driver: Any = connection.connection.driver_connection
    return bool(driver.pgconn.exec_(statements.encode()).status == ExecStatus.COMMAND_OK)


@pytest.fixture
def db_session(app: Flask) -> Iterator[scoped_session[FlaskSession]]:
    """The session, inside an app context; whatever test and requests commit is undone afterwards.

    Requests run in app contexts of their own, so objects loaded before one need `db_session.expire_all()`.
    """
    with app.app_context(), db.engine.connect() as connection:
        undone = connection.begin()
        with session_on(connection) as session:
            yield session
        undone.rollback()


@contextmanager
def session_on(connection: Connection) -> Iterator[scoped_session[FlaskSession]]:
    """The portal's session on this connection: what it commits, the transaction around it can undo."""
    everyday = db.session
    factory: sessionmaker[FlaskSession] = sessionmaker(
        class_=_BoundSession, db=db, bind=connection, join_transaction_mode="create_savepoint"
    )
    db.session = scoped_session(factory, scopefunc=everyday.registry.scopefunc)
    try:
        yield db.session
    finally:
        db.session.remove()
        db.session = everyday


@pytest.fixture
def committed_db(
    app: Flask, databases: Databases, process_database: str, as_new: AsNew
) -> Iterator[scoped_session[FlaskSession]]:
    """The session, inside an app context, on a database where commits are real; it is as new afterwards.

    For threads, locks, jobs and everything else that needs a second connection to see the first one's work.
    """
    with app.app_context():
        try:
            yield db.session
        finally:
            db.session.remove()
            db.engine.dispose()
            if not as_new.restore(databases.owner_url(process_database)):
                databases.clone(process_database)
