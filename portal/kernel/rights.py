"""What the role that the portal works as may do in the database: read and write rows, own nothing, empty nothing.

The tables belong to another role, which migrates them; `flask db upgrade` gives these rights anew each time to the
role that `DATABASE_WEB_ROLE` names. Rows of what is only ever added to can be neither changed nor deleted.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

# By table, the columns that may be filled in later (a seal, a forgotten address), if any.
_ONLY_ADDED = {
    "audit_cuts": "",
    "audit_logs": "position, previous_hash, row_hash",
    "status_history": "",
    "ledger_entries": "",
    "consent_records": "",
    "referral_clicks": "ip_address, user_agent",
    "qr_redemption_logs": "ip_address, user_agent",
}


def grant_to(connection: Connection, role: str) -> None:
    """Give `role` what the portal needs, and take what it must not have; the same any number of times."""
    quoted = connection.dialect.identifier_preparer.quote(role)
    for statement in (*_statements(), *_months_of_the_trail(connection)):
        connection.execute(text(statement.format(role=quoted)))


def owns_tables(connection: Connection) -> bool:
    """Whether whoever is connected could switch policies and triggers off: an owner, a superuser, a BYPASSRLS."""
    statement = """
        SELECT rolsuper OR rolbypassrls OR pg_has_role(rolname, relowner, 'USAGE')
        FROM pg_roles, pg_class WHERE rolname = current_user AND pg_class.oid = 'partner_settlements'::regclass
    """
    return bool(connection.execute(text(statement)).scalar())


def _months_of_the_trail(connection: Connection) -> list[str]:
    """The trail's tables by month have rights of their own, which are no wider than the trail's."""
    months = connection.execute(
        text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_logs'::regclass")
    )
    return [f"REVOKE INSERT, UPDATE, DELETE ON {month} FROM {{role}}" for month in months.scalars()]


def _statements() -> list[str]:
    statements = [
        "GRANT USAGE ON SCHEMA public TO {role}",
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
        "REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}",
    ]
    for table, columns in _ONLY_ADDED.items():
        statements.append(f"REVOKE UPDATE, DELETE ON {table} FROM {{role}}")
        if columns:
            statements.append(f"GRANT UPDATE ({columns}) ON {table} TO {{role}}")
    # Where the trail begins is said by the function that removes what came before, and by nobody else.
    statements += [
        "REVOKE INSERT ON audit_cuts FROM {role}",
        # A trigger says how old a look must be before it may go.
        "REVOKE UPDATE ON data_accesses FROM {role}",
        # And how old an opened link must be.
        "GRANT DELETE ON referral_clicks TO {role}",
        "GRANT EXECUTE ON FUNCTION remove_old_trail(uuid, date) TO {role}",
        "GRANT EXECUTE ON FUNCTION make_months_of_trail(date, date) TO {role}",
    ]
    return statements
