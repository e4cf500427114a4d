"""A row of the trail is sealed with the next number and no other: nobody can use the numbers up."""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_SEALED = """
    CREATE OR REPLACE FUNCTION audit_log_is_only_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        seal CONSTANT text[] := '{position,previous_hash,row_hash}';
    BEGIN
        IF TG_OP = 'INSERT' AND num_nonnulls(NEW.position, NEW.previous_hash, NEW.row_hash) = 0 THEN
            RETURN NEW;
        END IF;
        IF TG_OP = 'UPDATE' AND num_nonnulls(OLD.position, OLD.previous_hash, OLD.row_hash) = 0
           AND num_nulls(NEW.position, NEW.previous_hash, NEW.row_hash) = 0
           AND to_jsonb(NEW) - seal = to_jsonb(OLD) - seal /*more*/THEN
            RETURN NEW;
        END IF;
        IF TG_OP = 'DELETE' AND OLD.occurred_at < now() - interval '5 years'
           AND OLD.position <= (SELECT max(last_position) FROM audit_cuts) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END
    $$
"""
_IN_ORDER = """
           AND length(NEW.row_hash) = 64 AND NEW.row_hash !~ '[^0-9a-f]'
           AND length(NEW.previous_hash) = 64 AND NEW.previous_hash !~ '[^0-9a-f]'
           AND NEW.position = 1 + greatest(
               (SELECT max(position) FROM audit_logs), (SELECT max(last_position) FROM audit_cuts), 0
           )
        """


def upgrade() -> None:
    op.execute(_SEALED.replace("/*more*/", _IN_ORDER))


def downgrade() -> None:
    op.execute(_SEALED.replace("/*more*/", ""))
