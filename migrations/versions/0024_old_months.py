"""Old months of the audit trail leave by one function; what proves money stays in sealed archives for its years.

Donors without an account ask by a code to be forgotten.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_PURPOSES = (
    "avatar",
    "pot_image",
    "pack_image",
    "qr_picture",
    "identity_document",
    "settlement_document",
    "privacy_export",
)
_PROOFS = ("sign_in", "sign_up", "confirm_contact", "unlock", "change_contact")
_OPENED = ("person_page", "search", "identity_paper", "gift", "file")
# The law of the trail: no row goes before five years, and none that no cut has passed.
_SEALED_AND_KEPT = """
    CREATE OR REPLACE FUNCTION audit_log_is_only_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
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
        IF TG_OP = 'DELETE' AND OLD.occurred_at < now() - interval '5 years'
           AND OLD.position <= (SELECT max(last_position) FROM audit_cuts) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END
    $$
"""
_ONLY_SEALED = """
    CREATE OR REPLACE FUNCTION audit_log_is_only_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
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
# Runs with the rights of the tables' owner. 7034221002 is the lock of the sealing.
_REMOVE_OLD_TRAIL = """
    CREATE FUNCTION remove_old_trail(cut_id uuid, before date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
    DECLARE
        limit_at CONSTANT timestamptz := before::timestamp AT TIME ZONE 'UTC';
        first_left bigint;
        last_row audit_logs%ROWTYPE;
        removed integer;
        month text;
        is_left boolean;
    BEGIN
        IF before <> date_trunc('month', before)::date OR limit_at > now() - interval '5 years' THEN
            RAISE EXCEPTION 'the trail before % is not of age', before
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        PERFORM pg_advisory_xact_lock(7034221002);
        SELECT min(position) INTO first_left FROM audit_logs WHERE occurred_at >= limit_at;
        SELECT * INTO last_row FROM audit_logs
            WHERE position IS NOT NULL AND (first_left IS NULL OR position < first_left)
            ORDER BY position DESC LIMIT 1;
        IF last_row.position IS NULL THEN
            RETURN 0;
        END IF;
        INSERT INTO audit_cuts (id, removed_before, first_position, last_position, last_hash, row_count, occurred_at)
            SELECT cut_id, before, min(position), last_row.position, last_row.row_hash, count(*), now()
            FROM audit_logs WHERE position <= last_row.position;
        DELETE FROM audit_logs WHERE position <= last_row.position;
        GET DIAGNOSTICS removed = ROW_COUNT;
        FOR month IN
            SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
            WHERE inhparent = 'audit_logs'::regclass AND relname ~ '^audit_logs_[0-9]{4}_[0-9]{2}'
              AND relname < 'audit_logs_' || to_char(before, 'YYYY_MM')
        LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM %I)', month) INTO is_left;
            IF NOT is_left THEN
                EXECUTE format('DROP TABLE %I', month);
            END IF;
        END LOOP;
        RETURN removed;
    END
    $$
"""
# Kept for the years given, then it may go; nothing of it ever changes.
_KEPT_FOR_YEARS = """
    CREATE FUNCTION kept_for_years() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND OLD.occurred_at < now() - make_interval(years => TG_ARGV[0]::int) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END
    $$
"""


def upgrade() -> None:
    _create_audit_cuts()
    _create_audit_archives()
    _allow("stored_files", *_PURPOSES, "archive")
    _allow("verification_tokens", *_PROOFS, "forget_gifts")
    _allow("data_accesses", *_OPENED, "looked_as", column="opened")
    op.execute(_SEALED_AND_KEPT)
    op.execute(_REMOVE_OLD_TRAIL)
    op.execute("REVOKE ALL ON FUNCTION remove_old_trail(uuid, date) FROM PUBLIC")
    op.execute(_KEPT_FOR_YEARS)
    op.execute("DROP TRIGGER data_accesses_append_only ON data_accesses")
    op.execute(
        "CREATE TRIGGER data_accesses_append_only BEFORE UPDATE OR DELETE ON data_accesses"
        " FOR EACH ROW EXECUTE FUNCTION kept_for_years(5)"
    )
    op.create_index(op.f("ix_data_accesses_occurred_at"), "data_accesses", ["occurred_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_data_accesses_occurred_at"), table_name="data_accesses")
    op.execute("DROP TRIGGER data_accesses_append_only ON data_accesses")
    op.execute(
        "CREATE TRIGGER data_accesses_append_only BEFORE UPDATE OR DELETE ON data_accesses"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute("DROP FUNCTION kept_for_years()")
    op.execute("DROP FUNCTION remove_old_trail(uuid, date)")
    op.execute(_ONLY_SEALED)
    op.execute("ALTER TABLE data_accesses DISABLE TRIGGER data_accesses_append_only")
    op.execute("UPDATE data_accesses SET opened = 'person_page' WHERE opened = 'looked_as'")
    op.execute("ALTER TABLE data_accesses ENABLE TRIGGER data_accesses_append_only")
    _allow("data_accesses", *_OPENED, column="opened")
    op.execute("DELETE FROM verification_tokens WHERE purpose = 'forget_gifts'")
    _allow("verification_tokens", *_PROOFS)
    _allow("stored_files", *_PURPOSES)
    op.drop_table("audit_archives")
    op.drop_table("audit_cuts")


def _allow(table: str, *values: str, column: str = "purpose") -> None:
    allowed = ", ".join(repr(value) for value in values)
    op.drop_constraint(op.f(f"ck_{table}_{column}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, f"{column} IN ({allowed})")


def _create_audit_cuts() -> None:
    op.create_table(
        "audit_cuts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("removed_before", sa.Date(), nullable=False),
        sa.Column("first_position", sa.BigInteger(), nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.Column("last_hash", sa.String(length=64), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("last_position >= first_position", name=op.f("ck_audit_cuts_forward")),
        sa.CheckConstraint("row_count > 0", name=op.f("ck_audit_cuts_rows_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_cuts")),
        sa.UniqueConstraint("last_position", name=op.f("uq_audit_cuts_last_position")),
    )
    op.execute(
        "CREATE TRIGGER audit_cuts_append_only BEFORE UPDATE OR DELETE ON audit_cuts"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def _create_audit_archives() -> None:
    op.create_table(
        "audit_archives",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("covers_before", sa.Date(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("row_count > 0", name=op.f("ck_audit_archives_rows_positive")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_files.id"], name=op.f("fk_audit_archives_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_archives")),
    )
    op.create_index(op.f("ix_audit_archives_file_id"), "audit_archives", ["file_id"])
