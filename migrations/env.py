"""How Alembic reaches the database: through the app's engine, under a lock, never waiting long."""

from __future__ import annotations

import os
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import text

from portal.kernel.db import db
from portal.kernel.rights import grant_to
from portal.models import metadata

# Two migrations at once (two deployments, two starts) go one after the other.
_ADVISORY_LOCK = 7_034_221_001


def _include_object(item: Any, name: str | None, kind: str, reflected: bool, _compare_to: Any) -> bool:
    """Leave alone what the models do not know: the partitions of partitioned tables."""
    return not (kind == "table" and reflected and name not in metadata.tables)


def run_migrations_online() -> None:
    """Apply or roll back migrations on the live database."""
    options = current_app.extensions["migrate"].configure_args
    with db.engine.connect() as connection:
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.execute(text("SET statement_timeout = '15min'"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _ADVISORY_LOCK})
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=metadata,
            include_object=_include_object,
            transaction_per_migration=True,
            **options,
        )
        with context.begin_transaction():
            context.run_migrations()
        role = os.environ.get("DATABASE_WEB_ROLE")
        if role and role != connection.engine.url.username:
            grant_to(connection, role)
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_LOCK})
        connection.commit()


run_migrations_online()
