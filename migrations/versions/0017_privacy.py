"""Consents, requests about one's own data, who looked at it, settings under free keys; IP addresses may be forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_APPEND_ONLY = ("consent_records", "data_accesses")
# Rows that are kept, but may forget from where and with what they came.
_FORGETTING = ("referral_clicks", "qr_redemption_logs")
_ONLY_FORGETS = """
    CREATE FUNCTION only_forgets() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND NEW.ip_address IS NULL AND NEW.user_agent IS NULL
           AND to_jsonb(NEW) - 'ip_address' - 'user_agent' = to_jsonb(OLD) - 'ip_address' - 'user_agent' THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END $$
"""


def upgrade() -> None:
    _create_consent_records()
    _create_data_accesses()
    _create_app_settings()
    _create_privacy_requests()
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    op.execute(_ONLY_FORGETS)
    for table in _FORGETTING:
        _guard(table, "only_forgets")


def downgrade() -> None:
    for table in _FORGETTING:
        _guard(table, "refuse_change")
    op.execute("DROP FUNCTION only_forgets()")
    for table in ("privacy_requests", "app_settings", "data_accesses", "consent_records"):
        op.drop_table(table)


def _guard(table: str, function: str) -> None:
    op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {function}()"
    )


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _stamps() -> list[sa.Column[object]]:
    return [
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
    ]


def _one_of(column: str, *values: str) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _create_consent_records() -> None:
    op.create_table(
        "consent_records",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("text_version", sa.String(length=20), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("page", sa.String(length=255), nullable=False),
        sa.Column("network", sa.String(length=50), nullable=True),
        _moment("occurred_at"),
        sa.CheckConstraint(
            _one_of(
                "purpose",
                "terms",
                "privacy",
                "marketing_email",
                "marketing_sms",
                "marketing_whatsapp",
                "marketing_push",
            ),
            name=op.f("ck_consent_records_purpose"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_consent_records_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_records")),
    )
    op.create_index(
        op.f("ix_consent_records_user_id_purpose_occurred_at"),
        "consent_records",
        ["user_id", "purpose", "occurred_at"],
    )


def _create_data_accesses() -> None:
    op.create_table(
        "data_accesses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_user_id", sa.Uuid(), nullable=False),
        sa.Column("subject_user_id", sa.Uuid(), nullable=False),
        sa.Column("opened", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("request_id", sa.String(length=100), nullable=True),
        _moment("occurred_at"),
        sa.CheckConstraint(
            _one_of("opened", "person_page", "search", "identity_paper", "gift", "file"),
            name=op.f("ck_data_accesses_opened"),
        ),
        sa.ForeignKeyConstraint(["staff_user_id"], ["users.id"], name=op.f("fk_data_accesses_staff_user_id")),
        sa.ForeignKeyConstraint(
            ["subject_user_id"], ["users.id"], name=op.f("fk_data_accesses_subject_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_accesses")),
    )
    for column in ("subject_user_id", "staff_user_id"):
        op.create_index(
            op.f(f"ix_data_accesses_{column}_occurred_at"), "data_accesses", [column, "occurred_at"]
        )


def _create_app_settings() -> None:
    op.create_table(
        "app_settings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("setting_key", sa.String(length=100), nullable=False),
        sa.Column("setting_value", JSONB(), nullable=False),
        sa.Column("setting_type", sa.String(length=20), server_default="user", nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("is_encrypted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_system", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        *_stamps(),
        sa.CheckConstraint(
            _one_of("setting_type", "user", "system", "app", "feature"),
            name=op.f("ck_app_settings_setting_type"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_app_settings_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_settings")),
        sa.UniqueConstraint(
            "user_id",
            "setting_key",
            name=op.f("uq_app_settings_user_id_setting_key"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    for column in ("user_id", "setting_key", "setting_type"):
        op.create_index(op.f(f"ix_app_settings_{column}"), "app_settings", [column])


def _create_privacy_requests() -> None:
    op.create_table(
        "privacy_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("donation_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=20), server_default="received", nullable=False),
        _moment("due_at"),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        _moment("expires_at", nullable=True),
        _moment("done_at", nullable=True),
        *_stamps(),
        sa.CheckConstraint(_one_of("kind", "export", "erasure"), name=op.f("ck_privacy_requests_kind")),
        sa.CheckConstraint(
            _one_of("status", "received", "running", "done", "failed", "canceled"),
            name=op.f("ck_privacy_requests_status"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(user_id, donation_id) = 1", name=op.f("ck_privacy_requests_one_subject")
        ),
        sa.CheckConstraint(
            "kind = 'erasure' OR donation_id IS NULL", name=op.f("ck_privacy_requests_gift_is_erased_only")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_privacy_requests_user_id")),
        sa.ForeignKeyConstraint(
            ["donation_id"], ["donations.id"], name=op.f("fk_privacy_requests_donation_id")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_files.id"], name=op.f("fk_privacy_requests_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_requests")),
        sa.UniqueConstraint("donation_id", name=op.f("uq_privacy_requests_donation_id")),
    )
    for column in ("user_id", "file_id"):
        op.create_index(op.f(f"ix_privacy_requests_{column}"), "privacy_requests", [column])
    op.create_index(op.f("ix_privacy_requests_status_due_at"), "privacy_requests", ["status", "due_at"])
    op.create_index(
        "uq_privacy_requests_open",
        "privacy_requests",
        ["user_id", "kind"],
        unique=True,
        postgresql_where=sa.text("status IN ('received', 'running')"),
    )
