"""A database that tests commit to, put back to what it held when it was cloned.

To clone it anew copies more than a thousand files; what most tests leave in it are a few rows of a few tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql

# What nobody but the system made before there was a database of ours.
_OURS = 16384
# Every change of the schema, of rights or of rules leaves a row of one of these that another transaction wrote.
_CATALOGS = {
    "pg_class": "oid",
    "pg_attribute": "attrelid",
    "pg_constraint": "oid",
    "pg_index": "indexrelid",
    "pg_attrdef": "oid",
    "pg_trigger": "oid",
    "pg_policy": "oid",
    "pg_proc": "oid",
    "pg_type": "oid",
    "pg_namespace": "oid",
}
_SHAPE = " UNION ALL ".join(
    [
        *(
            f"SELECT '{catalog}', count(*), coalesce(sum(xmin::text::bigint), 0) FROM {catalog} WHERE {id_} >= {_OURS}"
            for catalog, id_ in _CATALOGS.items()
        ),
        "SELECT 'pg_db_role_setting', count(*), 0 FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase"
        " WHERE datname = current_database()",
    ]
)
_TABLES = """
    SELECT oid::regclass::text, relkind FROM pg_class
    WHERE relkind IN ('r', 'S') AND relpersistence = 'p' AND oid >= 16384
      AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)
    ORDER BY oid
"""
# Whoever is still connected, as threads and killed processes may be, would hold rows or write more of them.
_ALONE = """
    SELECT bool_and(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True)
class AsNew:
    """What a clone holds before a test has used it: its shape, and the rows and numbers that migrations put there."""

    shape: frozenset[tuple[str, int, int]]
    rows: dict[str, bytes]
    numbers: dict[str, tuple[int, bool]]
    empty: tuple[str, ...]

    @classmethod
    def remember(cls, owner_url: str) -> AsNew:
        """Look at a database that nobody has used yet."""
        with psycopg.connect(owner_url) as connection:
            found = connection.execute(_TABLES).fetchall()
            tables = [name for name, kind in found if kind == "r"]
            filled = _filled(connection, tables)
            return cls(
                _shape(connection),
                {table: _rows(connection, table) for table in filled},
                _numbers(connection, [name for name, kind in found if kind == "S"]),
                tuple(table for table in tables if table not in filled),
            )

    def restore(self, owner_url: str) -> bool:
        """Take away what was committed since; False when more than rows has changed, and nothing was done."""
        with psycopg.connect(owner_url, autocommit=True) as connection:
            is_alone = connection.execute(_ALONE).fetchone()
            if is_alone == (False,) or _shape(connection) != self.shape:
                return False
            with connection.transaction():
                # Neither what refers to a row nor what keeps it for ever counts here.
                connection.execute("SET LOCAL session_replication_role = replica")
                touched = self._remove_rows(connection)
                for name, (last, is_called) in self.numbers.items():
                    connection.execute("SELECT setval(%s, %s, %s)", [name, last, is_called])
            if touched:
                # The next rows lie in the files as the first ones of a new clone would.
                connection.execute(f"VACUUM (INDEX_CLEANUP ON) {', '.join(touched)}")
        return True

    def _remove_rows(self, connection: psycopg.Connection) -> list[str]:
        """Empty the tables that were empty, and fill those anew that held something else; answers which."""
        changed = [table for table, rows in self.rows.items() if _rows(connection, table) != rows]
        touched = [*_filled(connection, self.empty), *changed]
        for table in touched:
            connection.execute(f"DELETE FROM ONLY {table}")
        for table in changed:
            with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(self.rows[table])
        return touched


def _shape(connection: psycopg.Connection) -> frozenset[tuple[str, int, int]]:
    return frozenset((name, count, int(total)) for name, count, total in connection.execute(_SHAPE))


def _filled(connection: psycopg.Connection, tables: list[str] | tuple[str, ...]) -> list[str]:
    """Those of the tables that hold a row."""
    asked = " UNION ALL ".join(
        f"SELECT {sql.quote(table)} WHERE EXISTS (SELECT FROM ONLY {table})" for table in tables
    )
    return [name for (name,) in connection.execute(asked)]


def _rows(connection: psycopg.Connection, table: str) -> bytes:
    with connection.cursor().copy(f"COPY {table} TO STDOUT") as copy:
        return b"".join(bytes(piece) for piece in copy)


def _numbers(connection: psycopg.Connection, sequences: list[str]) -> dict[str, tuple[int, bool]]:
    return {
        name: connection.execute(f"SELECT last_value, is_called FROM {name}").fetchone() or (1, False)
        for name in sequences
    }
