"""Whether a case changed anything: which tables were written to, and whether their rows differ now.

Hashing every table for every case would cost more than the cases themselves. PostgreSQL counts what a
transaction has written to each table, undone savepoints included; only tables that were written to are hashed.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from portal.kernel.db import Base

# Counted through all savepoints of the transaction, so the numbers never go down. PostgreSQL's own view of them
# (`pg_stat_xact_user_tables`) looks up the indexes of each table as well, and takes three times as long.
_WRITTEN = text(
    "SELECT id::regclass::text, count FROM (SELECT oid AS id, pg_stat_get_xact_tuples_inserted(oid)"
    " + pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid) AS count FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace OFFSET 0) AS counted WHERE count > 0"
)


class Fingerprint:
    """The content of every table at one moment of a transaction, to compare with later ones."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._hashes = {table: self._hash(table) for table in sorted(Base.metadata.tables)}
        self._written = self._writes()

    def changed(self) -> set[str]:
        """The tables whose rows differ from those of that moment."""
        written = self._writes()
        touched = {_table_of(name) for name, count in written.items() if count != self._written.get(name)}
        self._written = written
        return {table for table in touched if self._hash(table) != self._hashes[table]}

    def _writes(self) -> dict[str, int]:
        return dict(self._connection.execute(_WRITTEN).all())

    def _hash(self, table: str) -> str:
        rows = f"SELECT md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) FROM {table} t"
        return str(self._connection.execute(text(rows)).scalar_one())


def _table_of(name: str) -> str:
    """The model's table; a month's partition belongs to its parent."""
    tables = Base.metadata.tables
    return name if name in tables else max((table for table in tables if name.startswith(table)), key=len)
