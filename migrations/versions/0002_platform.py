"""Files, histories, follow-ups, runs, audit trail, operator values."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_APPEND_ONLY = ("status_history", "audit_logs")
_REFUSE_CHANGE = """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END
    $$
"""
# A row falls into the month it happened in; what was not foreseen lands in the default partition.
_MONTHS_AHEAD = 24


def upgrade() -> None:
    op.create_table(
        "audit_logs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "actor_type",
            sa.Enum(
                "user",
                "system",
                "api",
                name="actor_type",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("actor_user_id", sa.Uuid(), nullable=True),
        sa.Column("actor_ip", postgresql.INET(), nullable=True),
        sa.Column("action", sa.String(length=100), nullable=False),
        sa.Column("resource_type", sa.String(length=50), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("old_values", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("new_values", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("request_id", sa.String(length=100), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", "occurred_at", name=op.f("pk_audit_logs")),
        postgresql_partition_by="RANGE (occurred_at)",
    )
    op.create_index(
        op.f("ix_audit_logs_action_occurred_at"), "audit_logs", ["action", "occurred_at"], unique=False
    )
    op.create_index(
        "ix_audit_logs_actor_user_id",
        "audit_logs",
        ["actor_user_id", "occurred_at"],
        unique=False,
        postgresql_where=sa.text("actor_user_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_audit_logs_occurred_at"), "audit_logs", ["occurred_at"], unique=False)
    op.create_index(
        op.f("ix_audit_logs_resource_type_resource_id"),
        "audit_logs",
        ["resource_type", "resource_id"],
        unique=False,
    )
    op.create_table(
        "feature_flags",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("flag_key", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("is_enabled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "flag_type",
            sa.Enum(
                "boolean",
                "string",
                "number",
                "json",
                name="flag_type",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="boolean",
            nullable=False,
        ),
        sa.Column("flag_value", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("rollout_percentage", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "target_user_groups", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "target_regions", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "environment",
            sa.Enum(
                "development",
                "staging",
                "production",
                name="environment",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="production",
            nullable=False,
        ),
        sa.Column("last_modified_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "rollout_percentage BETWEEN 0 AND 100", name=op.f("ck_feature_flags_rollout_range")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feature_flags")),
        sa.UniqueConstraint("flag_key", name=op.f("uq_feature_flags_flag_key")),
    )
    op.create_table(
        "job_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job_name", sa.String(length=100), nullable=False),
        sa.Column("run_key", sa.String(length=100), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "running",
                "succeeded",
                "failed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "counts",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_runs")),
        sa.UniqueConstraint("job_name", "run_key", name=op.f("uq_job_runs_job_name_run_key")),
    )
    op.create_index(
        op.f("ix_job_runs_job_name_started_at"), "job_runs", ["job_name", "started_at"], unique=False
    )
    op.create_table(
        "outbox_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job", sa.String(length=100), nullable=False),
        sa.Column(
            "payload",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("entity_type", sa.String(length=50), nullable=True),
        sa.Column("entity_id", sa.Uuid(), nullable=True),
        sa.Column("dedupe_key", sa.String(length=255), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_outbox_events_attempts_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_events")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outbox_events_dedupe_key")),
    )
    op.create_index(
        "ix_outbox_events_due",
        "outbox_events",
        ["available_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
    )
    op.create_index(
        "ix_outbox_events_failed",
        "outbox_events",
        ["failed_at"],
        unique=False,
        postgresql_where=sa.text("failed_at IS NOT NULL"),
    )
    op.create_table(
        "status_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entity_type", sa.String(length=50), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("column_name", sa.String(length=50), nullable=False),
        sa.Column("from_status", sa.String(length=50), nullable=True),
        sa.Column("to_status", sa.String(length=50), nullable=False),
        sa.Column(
            "actor_kind",
            sa.Enum(
                "user",
                "system",
                "api",
                name="actor_kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("actor_user_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_history")),
    )
    op.create_index(
        op.f("ix_status_history_entity_type_entity_id_occurred_at"),
        "status_history",
        ["entity_type", "entity_id", "occurred_at"],
        unique=False,
    )
    op.create_table(
        "system_config",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("config_key", sa.String(length=100), nullable=False),
        sa.Column("config_value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column(
            "data_type",
            sa.Enum(
                "string",
                "number",
                "boolean",
                "object",
                "array",
                name="data_type",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("is_sensitive", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "validation_rules",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "environment",
            sa.Enum(
                "development",
                "staging",
                "production",
                name="environment",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="production",
            nullable=False,
        ),
        sa.Column("last_modified_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_system_config")),
        sa.UniqueConstraint("config_key", name=op.f("uq_system_config_config_key")),
    )
    op.create_table(
        "system_health_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_name", sa.String(length=100), nullable=False),
        sa.Column("check_name", sa.String(length=100), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "healthy",
                "degraded",
                "unhealthy",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("response_time_ms", sa.Integer(), nullable=True),
        sa.Column(
            "check_data",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_system_health_checks")),
    )
    op.create_index(
        op.f("ix_system_health_checks_checked_at"), "system_health_checks", ["checked_at"], unique=False
    )
    op.create_index(
        op.f("ix_system_health_checks_service_name_check_name_checked_at"),
        "system_health_checks",
        ["service_name", "check_name", "checked_at"],
        unique=False,
    )
    op.create_table(
        "stored_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("storage_key", sa.String(length=255), nullable=False),
        sa.Column("mime_type", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("encrypted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "avatar",
                "pot_image",
                "pack_image",
                "qr_picture",
                "identity_document",
                "settlement_document",
                "privacy_export",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("owner_user_id", sa.Uuid(), nullable=True),
        sa.Column("owner_partner_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_stored_files_size_positive")),
        sa.ForeignKeyConstraint(
            ["owner_partner_id"], ["partners.id"], name=op.f("fk_stored_files_owner_partner_id")
        ),
        sa.ForeignKeyConstraint(["owner_user_id"], ["users.id"], name=op.f("fk_stored_files_owner_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_files")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_stored_files_storage_key")),
    )
    op.create_index(
        op.f("ix_stored_files_owner_partner_id"), "stored_files", ["owner_partner_id"], unique=False
    )
    op.create_index(op.f("ix_stored_files_owner_user_id"), "stored_files", ["owner_user_id"], unique=False)
    op.create_index(
        op.f("ix_stored_files_purpose_created_at"), "stored_files", ["purpose", "created_at"], unique=False
    )
    _partition_audit_logs()
    op.execute(_REFUSE_CHANGE)
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _partition_audit_logs() -> None:
    op.execute("CREATE TABLE audit_logs_default PARTITION OF audit_logs DEFAULT")
    year, month = 2026, 1
    for _ in range(_MONTHS_AHEAD):
        following = (year + month // 12, month % 12 + 1)
        op.execute(
            f"CREATE TABLE audit_logs_{year}_{month:02d} PARTITION OF audit_logs"
            f" FOR VALUES FROM ('{year}-{month:02d}-01+00') TO ('{following[0]}-{following[1]:02d}-01+00')"
        )
        year, month = following


def downgrade() -> None:
    op.drop_index(op.f("ix_stored_files_purpose_created_at"), table_name="stored_files")
    op.drop_index(op.f("ix_stored_files_owner_user_id"), table_name="stored_files")
    op.drop_index(op.f("ix_stored_files_owner_partner_id"), table_name="stored_files")
    op.drop_table("stored_files")
    op.drop_index(
        op.f("ix_system_health_checks_service_name_check_name_checked_at"), table_name="system_health_checks"
    )
    op.drop_index(op.f("ix_system_health_checks_checked_at"), table_name="system_health_checks")
    op.drop_table("system_health_checks")
    op.drop_table("system_config")
    op.drop_index(op.f("ix_status_history_entity_type_entity_id_occurred_at"), table_name="status_history")
    op.drop_table("status_history")
    op.drop_index(
        "ix_outbox_events_failed",
        table_name="outbox_events",
        postgresql_where=sa.text("failed_at IS NOT NULL"),
    )
    op.drop_index(
        "ix_outbox_events_due",
        table_name="outbox_events",
        postgresql_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
    )
    op.drop_table("outbox_events")
    op.drop_index(op.f("ix_job_runs_job_name_started_at"), table_name="job_runs")
    op.drop_table("job_runs")
    op.drop_table("feature_flags")
    op.drop_index(op.f("ix_audit_logs_resource_type_resource_id"), table_name="audit_logs")
    op.drop_index(op.f("ix_audit_logs_occurred_at"), table_name="audit_logs")
    op.drop_index(
        "ix_audit_logs_actor_user_id",
        table_name="audit_logs",
        postgresql_where=sa.text("actor_user_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_audit_logs_action_occurred_at"), table_name="audit_logs")
    op.drop_table("audit_logs")
    op.execute("DROP FUNCTION refuse_change()")
