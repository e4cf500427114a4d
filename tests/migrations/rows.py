"""A row of any table, made of nothing but what the database says of its columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.harness.database import become_owner

# Columns by the SQL that fills them.
Row = dict[str, str]

_COLUMNS = """
    SELECT table_name, column_name, udt_name, character_maximum_length
    FROM information_schema.columns
    WHERE table_schema = 'public' AND is_nullable = 'NO' AND column_default IS NULL AND is_generated = 'NEVER'
    ORDER BY table_name, ordinal_position
"""
_LISTED = re.compile(
    r"CHECK \(\(\((\w+)\)::text = ANY \(\(ARRAY\['(\w+)'::character varying[^()]*\]\)::text\[\]\)\)\)"
)
_ANY_KEY = re.compile(r"gen_random_uuid\(\)")
_PLAIN = {
    "bool": "false",
    "bytea": "''::bytea",
    "date": "current_date",
    "inet": "'127.0.0.1'",
    "int2": "1",
    "int4": "1",
    "int8": "1",
    "jsonb": "'{}'",
    "numeric": "1",
    "timestamptz": "now()",
    "_text": "'{}'",
    "_uuid": "'{}'",
}
_UNITS = {"currency": "'XOF'", "unit": "'XOF'"}
# What a row needs besides, where columns hang together.
_TOGETHER: dict[str, Row] = {
    "contact_changes": {
        "old_value": "gen_random_uuid()::text",
        "take_back_hash": "gen_random_uuid()::text",
        "take_back_until": "now()",
    },
    "guardian_requests": {"expires_at": "now() + interval '30 days'"},
    "ledger_accounts": {"owner_id": "gen_random_uuid()", "keeps_balance": "true"},
    "ledger_transfers": {"entry_count": "2"},
    "notifications": {"user_id": "gen_random_uuid()"},
    "partner_settlements": {"is_carried": "true"},
    "partners": {"revenue_split_percentage": "80"},
    "data_accesses": {"subject_user_id": "gen_random_uuid()"},
    "payment_methods": {"partner_id": "gen_random_uuid()"},
    "payouts": {"partner_id": "gen_random_uuid()"},
    "pots": {"birthday_date": "current_date + 30"},
    "privacy_requests": {"user_id": "gen_random_uuid()"},
    "qr_codes": {"expires_at": "now() + interval '90 days'"},
    "referral_campaigns": {"ends_at": "now() + interval '1 day'"},
    "referrals": {"referred_email": "gen_random_uuid()::text", "expires_at": "now() + interval '7 days'"},
    "sponsor_campaigns": {"ends_at": "now() + interval '1 day'"},
    "sponsor_contact_batches": {"end_position": "2"},
    "sponsor_contacts": {"email": "gen_random_uuid()::text"},
    "team_invitations": {
        "partner_id": "gen_random_uuid()",
        "role": "'staff'",
        "expires_at": "now() + interval '7 days'",
    },
    "users": {"email": "gen_random_uuid()::text"},
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A constraint or a unique index: its table, its name and its definition."""

    table: str
    name: str
    says: str

    @property
    def list_of(self) -> str | None:
        """The column whose values it lists, where that is all it does."""
        found = _LISTED.fullmatch(self.says)
        return found.group(1) if found else None


# A unique key that is checked at the end of the statement is a trigger as well.
_KEYS_THAT_WAIT = """
    SELECT watch.tgrelid::regclass, watch.tgname
    FROM pg_trigger AS watch JOIN pg_constraint AS rule ON rule.oid = watch.tgconstraint
    WHERE rule.contype = 'u'
"""


class Rows:
    """Makes rows for every table; nothing that a row refers to has to be there."""

    def __init__(self, session: Session, checks: list[Rule]) -> None:
        self._session = session
        # Foreign keys are triggers, and triggers rest; everything else is checked as ever.
        become_owner(session)
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for table, trigger in session.execute(text(_KEYS_THAT_WAIT)).all():
            session.execute(text(f'ALTER TABLE {table} ENABLE ALWAYS TRIGGER "{trigger}"'))
        self._first_of = {(rule.table, rule.list_of): _LISTED.fullmatch(rule.says) for rule in checks}
        self._columns: dict[str, list[tuple[str, str, int | None]]] = {}
        for table, column, kind, length in session.execute(text(_COLUMNS)):
            self._columns.setdefault(table, []).append((column, kind, length))

    def row(self, table: str, **changes: str) -> Row:
        """A row that the table takes, except for what `changes` says."""
        plain = {column: self._value(table, column, *facts) for column, *facts in self._columns[table]}
        whole = plain | _TOGETHER.get(table, {}) | changes
        # Drawn here and not by the database, so that a second row can be given the same.
        return {column: _ANY_KEY.sub(lambda _: f"'{uuid4()}'", value) for column, value in whole.items()}

    def filler(self, table: str, columns: list[str]) -> Row:
        """Values for columns that a row may leave out."""
        asked = text(
            "SELECT column_name, udt_name, character_maximum_length FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = :table AND column_name = ANY(:columns)"
        )
        found = self._session.execute(asked, {"table": table, "columns": columns})
        return {column: self._value(table, column, kind, length) for column, kind, length in found}

    def insert(self, table: str, row: Row) -> None:
        """Try to keep a row. Raises what the database raises."""
        names = ", ".join(f'"{column}"' for column in row)
        values = ", ".join(value.replace(":", r"\:") for value in row.values())
        with self._session.begin_nested():
            self._session.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"))

    def _value(self, table: str, column: str, kind: str, length: int | None) -> str:
        listed = self._first_of.get((table, column))
        if listed is not None:
            return f"'{listed.group(2)}'"
        if column in _UNITS:
            return _UNITS[column]
        if kind == "uuid":
            return f"'{uuid4()}'"
        if kind in {"varchar", "text", "bpchar"}:
            return f"'{uuid4().hex[:length]}'"
        return _PLAIN[kind]
