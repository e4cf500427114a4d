"""Every payment in, every payout."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payment_providers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=50), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("currencies", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column(
            "capabilities",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("settings_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_providers")),
        sa.UniqueConstraint("key", name=op.f("uq_payment_providers_key")),
    )
    op.create_index(
        op.f("ix_payment_providers_currencies"),
        "payment_providers",
        ["currencies"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "payment_transactions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "transaction_type",
            sa.Enum(
                "event_ticket",
                "marketplace_order",
                "service_booking",
                "subscription",
                "donation",
                "refund",
                "lead_credits",
                "case_fee",
                "campaign_budget",
                name="transaction_type",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "processing",
                "succeeded",
                "failed",
                "canceled",
                "partially_refunded",
                "refunded",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("payer_user_id", sa.Uuid(), nullable=True),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("provider_reference", sa.String(length=255), nullable=True),
        sa.Column("provider_session_id", sa.String(length=255), nullable=True),
        sa.Column("payment_url", sa.String(length=500), nullable=True),
        sa.Column("session_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source_type", sa.String(length=50), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("parent_transaction_id", sa.Uuid(), nullable=True),
        sa.Column("idempotency_key", sa.String(length=255), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("failure_code", sa.String(length=100), nullable=True),
        sa.Column("needs_review", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("review_reason", sa.Text(), nullable=True),
        sa.Column(
            "provider_data",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(transaction_type = 'refund') = (parent_transaction_id IS NOT NULL)",
            name=op.f("ck_payment_transactions_refund_has_parent"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_transactions_amount_positive")),
        sa.CheckConstraint(
            "refunded_minor BETWEEN 0 AND amount_minor",
            name=op.f("ck_payment_transactions_refunds_within_amount"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_transaction_id"],
            ["payment_transactions.id"],
            name=op.f("fk_payment_transactions_parent_transaction_id"),
        ),
        sa.ForeignKeyConstraint(
            ["payer_user_id"], ["users.id"], name=op.f("fk_payment_transactions_payer_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["payment_providers.id"], name=op.f("fk_payment_transactions_provider_id")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["ledger_transfers.id"], name=op.f("fk_payment_transactions_transfer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_transactions")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_payment_transactions_idempotency_key")),
    )
    op.create_index(
        op.f("ix_payment_transactions_created_at_id"),
        "payment_transactions",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_payment_transactions_open",
        "payment_transactions",
        ["next_check_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('pending', 'processing')"),
    )
    op.create_index(
        op.f("ix_payment_transactions_parent_transaction_id"),
        "payment_transactions",
        ["parent_transaction_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payment_transactions_payer_user_id"), "payment_transactions", ["payer_user_id"], unique=False
    )
    op.create_index(
        op.f("ix_payment_transactions_provider_id"), "payment_transactions", ["provider_id"], unique=False
    )
    op.create_index(
        op.f("ix_payment_transactions_source_type_source_id"),
        "payment_transactions",
        ["source_type", "source_id"],
        unique=False,
    )
    op.create_index(op.f("ix_payment_transactions_status"), "payment_transactions", ["status"], unique=False)
    op.create_index(
        op.f("ix_payment_transactions_transaction_type"),
        "payment_transactions",
        ["transaction_type"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payment_transactions_transfer_id"), "payment_transactions", ["transfer_id"], unique=False
    )
    op.create_index(
        "uq_payment_transactions_provider_reference",
        "payment_transactions",
        ["provider_id", "provider_reference"],
        unique=True,
        postgresql_where=sa.text("provider_reference IS NOT NULL"),
    )
    op.create_index(
        "uq_payment_transactions_provider_session",
        "payment_transactions",
        ["provider_id", "provider_session_id"],
        unique=True,
        postgresql_where=sa.text("provider_session_id IS NOT NULL"),
    )
    op.create_table(
        "payment_methods",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column(
            "use",
            sa.Enum("pay", "receive", name="use", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column(
            "method",
            sa.Enum(
                "wave",
                "stripe",
                "lemon_squeezy",
                "paypal",
                "bank_transfer",
                name="method",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("token_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("holder_name", sa.String(length=255), nullable=True),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verification", sa.String(length=20), nullable=True),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(user_id, partner_id) = 1", name=op.f("ck_payment_methods_one_owner")
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_payment_methods_partner_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_payment_methods_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_methods")),
    )
    op.create_index(op.f("ix_payment_methods_partner_id"), "payment_methods", ["partner_id"], unique=False)
    op.create_index(op.f("ix_payment_methods_user_id"), "payment_methods", ["user_id"], unique=False)
    op.create_index(
        "uq_payment_methods_default",
        "payment_methods",
        [sa.literal_column("COALESCE(user_id, partner_id)"), "use"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "payment_webhook_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("provider_event_id", sa.String(length=100), nullable=False),
        sa.Column("idempotency_key", sa.String(length=255), nullable=False),
        sa.Column("event_type", sa.String(length=50), nullable=False),
        sa.Column("payment_transaction_id", sa.Uuid(), nullable=True),
        sa.Column("raw_payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "received",
                "processed",
                "ignored",
                "failed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="received",
            nullable=False,
        ),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("processing_error", sa.Text(), nullable=True),
        sa.Column("retry_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "retry_count >= 0", name=op.f("ck_payment_webhook_events_retry_count_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["payment_transaction_id"],
            ["payment_transactions.id"],
            name=op.f("fk_payment_webhook_events_payment_transaction_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["payment_providers.id"], name=op.f("fk_payment_webhook_events_provider_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_webhook_events")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_payment_webhook_events_idempotency_key")),
        sa.UniqueConstraint(
            "provider_id",
            "provider_event_id",
            name=op.f("uq_payment_webhook_events_provider_id_provider_event_id"),
        ),
    )
    op.create_index(
        op.f("ix_payment_webhook_events_created_at_id"),
        "payment_webhook_events",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_payment_webhook_events_open",
        "payment_webhook_events",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('received', 'failed')"),
    )
    op.create_index(
        op.f("ix_payment_webhook_events_payment_transaction_id"),
        "payment_webhook_events",
        ["payment_transaction_id"],
        unique=False,
    )
    op.create_table(
        "payouts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "wave",
                "stripe",
                "lemon_squeezy",
                "paypal",
                "bank_transfer",
                name="method",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("payment_method_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "processing",
                "completed",
                "failed",
                "canceled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("idempotency_key", sa.String(length=255), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("transaction_reference", sa.String(length=255), nullable=True),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("source_type", sa.String(length=100), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("payment_reason", sa.String(length=40), nullable=False),
        sa.Column(
            "provider_data",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("failure_code", sa.String(length=100), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("check_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("processing_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payouts_amount_positive")),
        sa.CheckConstraint("fee_minor >= 0", name=op.f("ck_payouts_fee_not_negative")),
        sa.CheckConstraint("num_nonnulls(user_id, partner_id) = 1", name=op.f("ck_payouts_one_owner")),
        sa.CheckConstraint(
            "status <> 'completed' OR (completed_at IS NOT NULL AND transaction_reference IS NOT NULL)",
            name=op.f("ck_payouts_completed_has_proof"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_payouts_partner_id")),
        sa.ForeignKeyConstraint(
            ["payment_method_id"], ["payment_methods.id"], name=op.f("fk_payouts_payment_method_id")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["ledger_transfers.id"], name=op.f("fk_payouts_transfer_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_payouts_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payouts")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_payouts_idempotency_key")),
        sa.UniqueConstraint("source_type", "source_id", name=op.f("uq_payouts_source_type_source_id")),
    )
    op.create_index(op.f("ix_payouts_partner_id"), "payouts", ["partner_id"], unique=False)
    op.create_index(op.f("ix_payouts_payment_method_id"), "payouts", ["payment_method_id"], unique=False)
    op.create_index(op.f("ix_payouts_status_created_at"), "payouts", ["status", "created_at"], unique=False)
    op.create_index(op.f("ix_payouts_transfer_id"), "payouts", ["transfer_id"], unique=False)
    op.create_index(op.f("ix_payouts_user_id_status"), "payouts", ["user_id", "status"], unique=False)
    op.create_index(
        "uq_payouts_transaction_reference",
        "payouts",
        ["transaction_reference"],
        unique=True,
        postgresql_where=sa.text("transaction_reference IS NOT NULL"),
    )
    op.execute(
        "INSERT INTO payment_providers (id, key, name, currencies, capabilities, created_at, updated_at)"
        " VALUES ('24f1f213-bc97-5b13-a7f5-271b5958c91c', 'wave', 'Wave', '{XOF}',"
        ' \'{"checkout": true, "refund": true, "payout": true}\', now(), now())'
    )


def downgrade() -> None:
    op.drop_index(
        "uq_payouts_transaction_reference",
        table_name="payouts",
        postgresql_where=sa.text("transaction_reference IS NOT NULL"),
    )
    op.drop_index(op.f("ix_payouts_user_id_status"), table_name="payouts")
    op.drop_index(op.f("ix_payouts_transfer_id"), table_name="payouts")
    op.drop_index(op.f("ix_payouts_status_created_at"), table_name="payouts")
    op.drop_index(op.f("ix_payouts_payment_method_id"), table_name="payouts")
    op.drop_index(op.f("ix_payouts_partner_id"), table_name="payouts")
    op.drop_table("payouts")
    op.drop_index(
        op.f("ix_payment_webhook_events_payment_transaction_id"), table_name="payment_webhook_events"
    )
    op.drop_index(
        "ix_payment_webhook_events_open",
        table_name="payment_webhook_events",
        postgresql_where=sa.text("status IN ('received', 'failed')"),
    )
    op.drop_index(op.f("ix_payment_webhook_events_created_at_id"), table_name="payment_webhook_events")
    op.drop_table("payment_webhook_events")
    op.drop_index(
        "uq_payment_methods_default", table_name="payment_methods", postgresql_where=sa.text("is_default")
    )
    op.drop_index(op.f("ix_payment_methods_user_id"), table_name="payment_methods")
    op.drop_index(op.f("ix_payment_methods_partner_id"), table_name="payment_methods")
    op.drop_table("payment_methods")
    op.drop_index(
        "uq_payment_transactions_provider_session",
        table_name="payment_transactions",
        postgresql_where=sa.text("provider_session_id IS NOT NULL"),
    )
    op.drop_index(
        "uq_payment_transactions_provider_reference",
        table_name="payment_transactions",
        postgresql_where=sa.text("provider_reference IS NOT NULL"),
    )
    op.drop_index(op.f("ix_payment_transactions_transfer_id"), table_name="payment_transactions")
    op.drop_index(op.f("ix_payment_transactions_transaction_type"), table_name="payment_transactions")
    op.drop_index(op.f("ix_payment_transactions_status"), table_name="payment_transactions")
    op.drop_index(op.f("ix_payment_transactions_source_type_source_id"), table_name="payment_transactions")
    op.drop_index(op.f("ix_payment_transactions_provider_id"), table_name="payment_transactions")
    op.drop_index(op.f("ix_payment_transactions_payer_user_id"), table_name="payment_transactions")
    op.drop_index(op.f("ix_payment_transactions_parent_transaction_id"), table_name="payment_transactions")
    op.drop_index(
        "ix_payment_transactions_open",
        table_name="payment_transactions",
        postgresql_where=sa.text("status IN ('pending', 'processing')"),
    )
    op.drop_index(op.f("ix_payment_transactions_created_at_id"), table_name="payment_transactions")
    op.drop_table("payment_transactions")
    op.drop_index(
        op.f("ix_payment_providers_currencies"), table_name="payment_providers", postgresql_using="gin"
    )
    op.drop_table("payment_providers")
