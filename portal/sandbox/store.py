"""The sandbox's memory: one SQLite file, one connection, one writer at a time."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Row = sqlite3.Row
Database = sqlite3.Connection

_SCHEMA = (Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")


class StoreClosed(Exception):
    """The sandbox is shutting down; whatever was not written will be recovered at the next start."""


class Store:
    """State that survives restarts. Every use is one short transaction under one lock.

    A single connection behind a lock is enough for a sandbox and leaves nothing to get wrong: a request
    that read a balance is the only one running until it has written it.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._is_closed = False
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._database.row_factory = sqlite3.Row
        self._database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
        self._database.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """All or nothing; not to be nested, and nothing slow may happen inside. Raises `StoreClosed`."""
        with self._lock:
            if self._is_closed:
                raise StoreClosed
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def close(self) -> None:
        """Finish the transaction that runs, then let the file go."""
        with self._lock:
            self._is_closed = True
            self._database.close()


def insert(db: Database, table: str, **values: Any) -> int:
    """Add a row and give its number. Table and column names come from code, never from a request."""
    columns = ", ".join(values)
    marks = ", ".join("?" for _ in values)
    cursor = db.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(values.values()))  # nosec B608
    return int(cursor.lastrowid or 0)


def update(db: Database, table: str, row_id: object, **values: Any) -> None:
    """Change the named columns of the row `row_id`."""
    assignments = ", ".join(f"{column} = ?" for column in values)
    db.execute(f"UPDATE {table} SET {assignments} WHERE id = ?", (*values.values(), row_id))  # nosec B608


def get_setting(db: Database, name: str, default: Any) -> Any:
    """A value that the control routes may have changed, else `default`."""
    row = db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return default if row is None else json.loads(row["value"])


def set_setting(db: Database, name: str, value: Any) -> None:
    """Keep a JSON value under `name`."""
    db.execute(
        "INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)",
        (name, json.dumps(value)),
    )


def forget_everything(db: Database, *, keep: str) -> None:
    """Empty every table; only the setting `keep` stays."""
    tables = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    for (table,) in tables.fetchall():
        if table != "settings":
            db.execute(f"DELETE FROM {table}")  # nosec B608 # (names from its own schema)
    db.execute("DELETE FROM settings WHERE name <> ?", (keep,))


def like(text: str) -> str:
    """A LIKE pattern (escape character `\\`) for rows that contain `text` literally."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
