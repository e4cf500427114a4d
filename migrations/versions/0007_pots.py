"""Birthday pots, their gifts, refunds and conversions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# What goes back can never be more than what came in, whoever asks (DON-27).
_REFUNDS_WITHIN_PAYMENT = """
    CREATE FUNCTION check_refunds_within_payment() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        paid bigint;
        back bigint;
    BEGIN
        SELECT amount_minor INTO paid FROM payment_transactions
        WHERE id = NEW.payment_transaction_id FOR UPDATE;
        SELECT coalesce(sum(amount_minor), 0) INTO back FROM refunds
        WHERE payment_transaction_id = NEW.payment_transaction_id AND status NOT IN ('failed', 'canceled');
        IF back > paid THEN
            RAISE EXCEPTION 'refunds of % exceed the payment', NEW.payment_transaction_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'refunds_within_payment';
        END IF;
        RETURN NEW;
    END
    $$
"""


def upgrade() -> None:
    op.create_table(
        "donation_analytics",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "period_type",
            sa.Enum(
                "daily",
                "weekly",
                "monthly",
                name="period_type",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("total_amount_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("transaction_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unique_donors", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("average_donation_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "success_rate", sa.Numeric(precision=5, scale=4), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "region_breakdown",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("period_end >= period_start", name=op.f("ck_donation_analytics_period_forward")),
        sa.CheckConstraint(
            "total_amount_minor >= 0 AND transaction_count >= 0 AND unique_donors >= 0",
            name=op.f("ck_donation_analytics_counts_not_negative"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donation_analytics")),
        sa.UniqueConstraint(
            "period_type",
            "period_start",
            "period_end",
            name=op.f("uq_donation_analytics_period_type_period_start_period_end"),
        ),
    )
    op.create_table(
        "pots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_user_id", sa.Uuid(), nullable=False),
        sa.Column("public_slug", sa.String(length=50), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("target_amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), server_default="XOF", nullable=False),
        sa.Column("birthday_date", sa.Date(), nullable=False),
        sa.Column("scheduled_open_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actual_opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("funded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "scheduled",
                "open",
                "funded",
                "expired",
                "closed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="scheduled",
            nullable=False,
        ),
        sa.Column(
            "visibility",
            sa.Enum(
                "private",
                "public",
                "friends_only",
                name="visibility",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="private",
            nullable=False,
        ),
        sa.Column("preferred_pack_id", sa.Uuid(), nullable=True),
        sa.Column("choose_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=50), nullable=True),
        sa.Column("allow_anonymous_donations", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("show_donor_names", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("enable_messages", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("raised_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("credited_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("donor_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("share_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("view_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cover_file_id", sa.Uuid(), nullable=True),
        sa.Column(
            "gallery_file_ids", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("created_from_referral_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("btrim(title) <> ''", name=op.f("ck_pots_title_present")),
        sa.CheckConstraint("currency = 'XOF'", name=op.f("ck_pots_currency_xof")),
        sa.CheckConstraint(
            "scheduled_open_at <= ((birthday_date - 1)::timestamp AT TIME ZONE 'Africa/Dakar')",
            name=op.f("check_open_before_birthday"),
        ),
        sa.CheckConstraint(
            "donor_count >= 0 AND view_count >= 0 AND share_count >= 0",
            name=op.f("ck_pots_counts_not_negative"),
        ),
        sa.CheckConstraint(
            "raised_minor >= 0 AND credited_minor >= 0", name=op.f("ck_pots_raised_not_negative")
        ),
        sa.CheckConstraint("target_amount_minor > 0", name=op.f("ck_pots_target_positive")),
        sa.ForeignKeyConstraint(["cover_file_id"], ["stored_files.id"], name=op.f("fk_pots_cover_file_id")),
        sa.ForeignKeyConstraint(
            ["created_from_referral_id"], ["referrals.id"], name=op.f("fk_pots_created_from_referral_id")
        ),
        sa.ForeignKeyConstraint(["owner_user_id"], ["users.id"], name=op.f("fk_pots_owner_user_id")),
        sa.ForeignKeyConstraint(["preferred_pack_id"], ["packs.id"], name=op.f("fk_pots_preferred_pack_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pots")),
        sa.UniqueConstraint("created_from_referral_id", name=op.f("uq_pots_created_from_referral_id")),
        sa.UniqueConstraint("public_slug", name=op.f("uq_pots_public_slug")),
    )
    op.create_index(op.f("ix_pots_birthday_date"), "pots", ["birthday_date"], unique=False)
    op.create_index(op.f("ix_pots_cover_file_id"), "pots", ["cover_file_id"], unique=False)
    op.create_index(op.f("ix_pots_owner_user_id"), "pots", ["owner_user_id"], unique=False)
    op.create_index(op.f("ix_pots_preferred_pack_id"), "pots", ["preferred_pack_id"], unique=False)
    op.create_index(op.f("ix_pots_scheduled_open_at"), "pots", ["scheduled_open_at"], unique=False)
    op.create_index(op.f("ix_pots_status_birthday_date"), "pots", ["status", "birthday_date"], unique=False)
    op.create_index(
        "ix_pots_to_open",
        "pots",
        ["scheduled_open_at"],
        unique=False,
        postgresql_where=sa.text("status = 'scheduled'"),
    )
    op.create_index(
        "ix_pots_to_choose",
        "pots",
        ["choose_until"],
        unique=False,
        postgresql_where=sa.text("choose_until IS NOT NULL"),
    )
    op.create_index(
        "uq_pots_live_birthday",
        "pots",
        ["owner_user_id", "birthday_date"],
        unique=True,
        postgresql_where=sa.text("status <> 'closed'"),
    )
    op.create_index(op.f("ix_pots_created_at_id"), "pots", ["created_at", "id"], unique=False)
    op.create_table(
        "donations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pot_id", sa.Uuid(), nullable=False),
        sa.Column("donor_user_id", sa.Uuid(), nullable=True),
        sa.Column("donor_name", sa.String(length=255), nullable=True),
        sa.Column("donor_phone", sa.String(length=20), nullable=True),
        sa.Column("donor_email", sa.String(length=255), nullable=True),
        sa.Column("donor_region", sa.String(length=100), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), server_default="XOF", nullable=False),
        sa.Column("donation_message", sa.Text(), nullable=True),
        sa.Column("is_anonymous", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("show_amount", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "processing",
                "succeeded",
                "failed",
                "refunded",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("payment_transaction_id", sa.Uuid(), nullable=True),
        sa.Column("wave_transaction_id", sa.String(length=100), nullable=True),
        sa.Column("wave_webhook_data", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("receipt_token", sa.String(length=50), nullable=False),
        sa.Column("submission_key", sa.String(length=100), nullable=False),
        sa.Column("ip_address", postgresql.INET(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("risk_score", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "risk_signals",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("is_held", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("locale", sa.String(length=20), server_default="fr", nullable=False),
        sa.Column("initiated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wave_notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("currency = 'XOF'", name=op.f("ck_donations_currency_xof")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_donations_amount_positive")),
        sa.CheckConstraint("risk_score BETWEEN 0 AND 100", name=op.f("ck_donations_risk_score_range")),
        sa.ForeignKeyConstraint(["donor_user_id"], ["users.id"], name=op.f("fk_donations_donor_user_id")),
        sa.ForeignKeyConstraint(
            ["payment_transaction_id"],
            ["payment_transactions.id"],
            name=op.f("fk_donations_payment_transaction_id"),
        ),
        sa.ForeignKeyConstraint(["pot_id"], ["pots.id"], name=op.f("fk_donations_pot_id")),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["ledger_transfers.id"], name=op.f("fk_donations_transfer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donations")),
        sa.UniqueConstraint("payment_transaction_id", name=op.f("uq_donations_payment_transaction_id")),
        sa.UniqueConstraint("receipt_token", name=op.f("uq_donations_receipt_token")),
        sa.UniqueConstraint("submission_key", name=op.f("uq_donations_submission_key")),
    )
    op.create_index(
        "ix_donations_donor_user_id",
        "donations",
        ["donor_user_id"],
        unique=False,
        postgresql_where=sa.text("donor_user_id IS NOT NULL"),
    )
    op.create_index(
        "ix_donations_held", "donations", ["initiated_at"], unique=False, postgresql_where=sa.text("is_held")
    )
    op.create_index(op.f("ix_donations_initiated_at_id"), "donations", ["initiated_at", "id"], unique=False)
    op.create_index(op.f("ix_donations_pot_id"), "donations", ["pot_id"], unique=False)
    op.create_index(
        op.f("ix_donations_pot_id_confirmed_at"), "donations", ["pot_id", "confirmed_at"], unique=False
    )
    op.create_index(op.f("ix_donations_status"), "donations", ["status"], unique=False)
    op.create_index(op.f("ix_donations_transfer_id"), "donations", ["transfer_id"], unique=False)
    op.create_index(
        "uq_donations_wave_transaction_id",
        "donations",
        ["wave_transaction_id"],
        unique=True,
        postgresql_where=sa.text("wave_transaction_id IS NOT NULL"),
    )
    op.create_table(
        "points_conversions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sponsor_user_id", sa.Uuid(), nullable=False),
        sa.Column("pot_id", sa.Uuid(), nullable=False),
        sa.Column("points_converted", sa.Integer(), nullable=False),
        sa.Column("credits_issued_minor", sa.BigInteger(), nullable=False),
        sa.Column("conversion_rate", sa.Numeric(precision=10, scale=4), nullable=False),
        sa.Column("points_transfer_id", sa.Uuid(), nullable=False),
        sa.Column("money_transfer_id", sa.Uuid(), nullable=False),
        sa.Column("submission_key", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("conversion_rate > 0", name=op.f("ck_points_conversions_rate_positive")),
        sa.CheckConstraint(
            "credits_issued_minor >= 0", name=op.f("ck_points_conversions_credits_not_negative")
        ),
        sa.CheckConstraint("points_converted > 0", name=op.f("ck_points_conversions_points_positive")),
        sa.ForeignKeyConstraint(
            ["money_transfer_id"],
            ["ledger_transfers.id"],
            name=op.f("fk_points_conversions_money_transfer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["points_transfer_id"],
            ["ledger_transfers.id"],
            name=op.f("fk_points_conversions_points_transfer_id"),
        ),
        sa.ForeignKeyConstraint(["pot_id"], ["pots.id"], name=op.f("fk_points_conversions_pot_id")),
        sa.ForeignKeyConstraint(
            ["sponsor_user_id"], ["users.id"], name=op.f("fk_points_conversions_sponsor_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_conversions")),
        sa.UniqueConstraint("submission_key", name=op.f("uq_points_conversions_submission_key")),
    )
    op.create_index(
        op.f("ix_points_conversions_money_transfer_id"),
        "points_conversions",
        ["money_transfer_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_points_conversions_points_transfer_id"),
        "points_conversions",
        ["points_transfer_id"],
        unique=False,
    )
    op.create_index(op.f("ix_points_conversions_pot_id"), "points_conversions", ["pot_id"], unique=False)
    op.create_index(
        op.f("ix_points_conversions_sponsor_user_id_id"),
        "points_conversions",
        ["sponsor_user_id", "id"],
        unique=False,
    )
    op.create_table(
        "pot_analytics",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pot_id", sa.Uuid(), nullable=False),
        sa.Column("snapshot_date", sa.Date(), nullable=False),
        sa.Column("total_raised_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("donor_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("donation_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("view_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("share_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "conversion_rate", sa.Numeric(precision=5, scale=4), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "total_raised_minor >= 0 AND donor_count >= 0 AND donation_count >= 0 AND view_count >= 0 AND share_count >= 0",
            name=op.f("ck_pot_analytics_counts_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["pot_id"], ["pots.id"], name=op.f("fk_pot_analytics_pot_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pot_analytics")),
        sa.UniqueConstraint("pot_id", "snapshot_date", name=op.f("uq_pot_analytics_pot_id_snapshot_date")),
    )
    op.create_table(
        "pot_invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pot_id", sa.Uuid(), nullable=False),
        sa.Column("inviter_user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "whatsapp",
                "sms",
                "email",
                "social",
                name="method",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("recipient_identifier", sa.String(length=255), nullable=False),
        sa.Column("custom_message", sa.Text(), nullable=True),
        sa.Column("tracking_token", sa.String(length=50), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clicked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["inviter_user_id"], ["users.id"], name=op.f("fk_pot_invitations_inviter_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["pot_id"], ["pots.id"], name=op.f("fk_pot_invitations_pot_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pot_invitations")),
        sa.UniqueConstraint("tracking_token", name=op.f("uq_pot_invitations_tracking_token")),
    )
    op.create_index(
        op.f("ix_pot_invitations_inviter_user_id"), "pot_invitations", ["inviter_user_id"], unique=False
    )
    op.create_index(
        op.f("ix_pot_invitations_pot_id_sent_at"), "pot_invitations", ["pot_id", "sent_at"], unique=False
    )
    op.create_table(
        "refunds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_transaction_id", sa.Uuid(), nullable=False),
        sa.Column("refund_transaction_id", sa.Uuid(), nullable=True),
        sa.Column("donation_id", sa.Uuid(), nullable=True),
        sa.Column("refunded_by", sa.Uuid(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "user_request",
                "fraud",
                "failed_pot",
                "admin_action",
                "dispute",
                "canceled",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("reason_description", sa.Text(), nullable=True),
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
        sa.Column("provider_refund_id", sa.String(length=100), nullable=True),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refunds_amount_positive")),
        sa.ForeignKeyConstraint(["donation_id"], ["donations.id"], name=op.f("fk_refunds_donation_id")),
        sa.ForeignKeyConstraint(
            ["payment_transaction_id"],
            ["payment_transactions.id"],
            name=op.f("fk_refunds_payment_transaction_id"),
        ),
        sa.ForeignKeyConstraint(
            ["refund_transaction_id"],
            ["payment_transactions.id"],
            name=op.f("fk_refunds_refund_transaction_id"),
        ),
        sa.ForeignKeyConstraint(["refunded_by"], ["users.id"], name=op.f("fk_refunds_refunded_by")),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["ledger_transfers.id"], name=op.f("fk_refunds_transfer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
    )
    op.create_index(op.f("ix_refunds_donation_id"), "refunds", ["donation_id"], unique=False)
    op.create_index(
        op.f("ix_refunds_payment_transaction_id"), "refunds", ["payment_transaction_id"], unique=False
    )
    op.create_index(
        op.f("ix_refunds_refund_transaction_id"), "refunds", ["refund_transaction_id"], unique=False
    )
    op.create_index(op.f("ix_refunds_refunded_by"), "refunds", ["refunded_by"], unique=False)
    op.create_index(op.f("ix_refunds_status"), "refunds", ["status"], unique=False)
    op.create_index(op.f("ix_refunds_transfer_id"), "refunds", ["transfer_id"], unique=False)
    op.create_index(
        "uq_refunds_provider_refund_id",
        "refunds",
        ["provider_refund_id"],
        unique=True,
        postgresql_where=sa.text("provider_refund_id IS NOT NULL"),
    )
    op.create_index(
        "uq_refunds_running",
        "refunds",
        ["payment_transaction_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('pending', 'processing')"),
    )
    op.execute(_REFUNDS_WITHIN_PAYMENT)
    op.execute(
        "CREATE TRIGGER refunds_within_payment AFTER INSERT OR UPDATE OF amount_minor, status ON refunds"
        " FOR EACH ROW EXECUTE FUNCTION check_refunds_within_payment()"
    )


def downgrade() -> None:
    op.drop_index(
        "uq_refunds_running",
        table_name="refunds",
        postgresql_where=sa.text("status IN ('pending', 'processing')"),
    )
    op.drop_index(
        "uq_refunds_provider_refund_id",
        table_name="refunds",
        postgresql_where=sa.text("provider_refund_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_refunds_transfer_id"), table_name="refunds")
    op.drop_index(op.f("ix_refunds_status"), table_name="refunds")
    op.drop_index(op.f("ix_refunds_refunded_by"), table_name="refunds")
    op.drop_index(op.f("ix_refunds_refund_transaction_id"), table_name="refunds")
    op.drop_index(op.f("ix_refunds_payment_transaction_id"), table_name="refunds")
    op.drop_index(op.f("ix_refunds_donation_id"), table_name="refunds")
    op.drop_table("refunds")
    op.drop_index(op.f("ix_pot_invitations_pot_id_sent_at"), table_name="pot_invitations")
    op.drop_index(op.f("ix_pot_invitations_inviter_user_id"), table_name="pot_invitations")
    op.drop_table("pot_invitations")
    op.drop_table("pot_analytics")
    op.drop_index(op.f("ix_points_conversions_sponsor_user_id_id"), table_name="points_conversions")
    op.drop_index(op.f("ix_points_conversions_pot_id"), table_name="points_conversions")
    op.drop_index(op.f("ix_points_conversions_points_transfer_id"), table_name="points_conversions")
    op.drop_index(op.f("ix_points_conversions_money_transfer_id"), table_name="points_conversions")
    op.drop_table("points_conversions")
    op.drop_index(
        "uq_donations_wave_transaction_id",
        table_name="donations",
        postgresql_where=sa.text("wave_transaction_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_donations_transfer_id"), table_name="donations")
    op.drop_index(op.f("ix_donations_status"), table_name="donations")
    op.drop_index(op.f("ix_donations_pot_id_confirmed_at"), table_name="donations")
    op.drop_index(op.f("ix_donations_pot_id"), table_name="donations")
    op.drop_index(op.f("ix_donations_initiated_at_id"), table_name="donations")
    op.drop_index("ix_donations_held", table_name="donations", postgresql_where=sa.text("is_held"))
    op.drop_index(
        "ix_donations_donor_user_id",
        table_name="donations",
        postgresql_where=sa.text("donor_user_id IS NOT NULL"),
    )
    op.drop_table("donations")
    op.drop_index(op.f("ix_pots_created_at_id"), table_name="pots")
    op.drop_index("uq_pots_live_birthday", table_name="pots", postgresql_where=sa.text("status <> 'closed'"))
    op.drop_index(
        "ix_pots_to_choose", table_name="pots", postgresql_where=sa.text("choose_until IS NOT NULL")
    )
    op.drop_index("ix_pots_to_open", table_name="pots", postgresql_where=sa.text("status = 'scheduled'"))
    op.drop_index(op.f("ix_pots_status_birthday_date"), table_name="pots")
    op.drop_index(op.f("ix_pots_scheduled_open_at"), table_name="pots")
    op.drop_index(op.f("ix_pots_preferred_pack_id"), table_name="pots")
    op.drop_index(op.f("ix_pots_owner_user_id"), table_name="pots")
    op.drop_index(op.f("ix_pots_cover_file_id"), table_name="pots")
    op.drop_index(op.f("ix_pots_birthday_date"), table_name="pots")
    op.drop_table("pots")
    op.drop_table("donation_analytics")
    op.execute("DROP FUNCTION check_refunds_within_payment()")
