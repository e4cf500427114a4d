"""The trail's rows are sealed once, each with the hash of the one before it; its months cannot be emptied either."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# A row is written unsealed, sealed once, and that is all that ever happens to it.
_ONLY_SEALED = """
    CREATE FUNCTION audit_log_is_only_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        seal CONSTANT text[] := '{position,previous_hash,row_hash}';
    BEGIN
        IF TG_OP = 'INSERT' AND num_nonnulls(NEW.position, NEW.previous_hash, NEW.row_hash) = 0 THEN
            RETURN NEW;
        END IF;
        IF TG_OP = 'UPDATE' AND num_nonnulls(OLD.position, OLD.previous_hash, OLD.row_hash) = 0
           AND num_nulls(NEW.position, NEW.previous_hash, NEW.row_hash) = 0
           AND to_jsonb(NEW) - seal = to_jsonb(OLD) - seal THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END
    $$
"""
_MONTHS = """
    SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_logs'::regclass ORDER BY 1
"""


def upgrade() -> None:
    op.add_column("audit_logs", sa.Column("position", sa.BigInteger(), nullable=True))
    op.add_column("audit_logs", sa.Column("previous_hash", sa.String(length=64), nullable=True))
    op.add_column("audit_logs", sa.Column("row_hash", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_audit_logs_position"), "audit_logs", ["position"])
    op.execute(_ONLY_SEALED)
    op.execute("DROP TRIGGER audit_logs_append_only ON audit_logs")
    op.execute(
        "CREATE TRIGGER audit_logs_append_only BEFORE INSERT OR UPDATE OR DELETE ON audit_logs"
        " FOR EACH ROW EXECUTE FUNCTION audit_log_is_only_sealed()"
    )
    for month in _months():
        op.execute(
            f"CREATE TRIGGER {month}_not_truncated BEFORE TRUNCATE ON {month}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    for month in _months():
        op.execute(f"DROP TRIGGER {month}_not_truncated ON {month}")
    op.execute("DROP TRIGGER audit_logs_append_only ON audit_logs")
    op.execute(
        "CREATE TRIGGER audit_logs_append_only BEFORE UPDATE OR DELETE ON audit_logs"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute("DROP FUNCTION audit_log_is_only_sealed()")
    op.drop_index(op.f("ix_audit_logs_position"), table_name="audit_logs")
    for column in ("row_hash", "previous_hash", "position"):
        op.drop_column("audit_logs", column)


def _months() -> list[str]:
    return [row[0] for row in op.get_bind().execute(sa.text(_MONTHS))]
