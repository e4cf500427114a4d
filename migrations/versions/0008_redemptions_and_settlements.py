"""Codes, scans, and what partners are owed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE TYPE uuidrange AS RANGE (subtype = uuid)")
    op.execute("CREATE SEQUENCE settlement_invoice_numbers")
    op.create_table(
        "partner_settlements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("terms", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), server_default="XOF", nullable=False),
        sa.Column("split_percentage", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("total_redemptions_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("total_revenue_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("partner_share_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("platform_commission_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("adjustment_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("carried_in_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("carried_out_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("payable_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("is_carried", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "approved",
                "paid",
                "disputed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("payout_id", sa.Uuid(), nullable=True),
        sa.Column("payment_reference", sa.String(length=100), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dispute_reason", sa.Text(), nullable=True),
        sa.Column("disputed_by", sa.Uuid(), nullable=True),
        sa.Column("disputed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invoice_number", sa.String(length=100), nullable=True),
        sa.Column("invoice_file_id", sa.Uuid(), nullable=True),
        sa.Column("receipt_file_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.text("uuidrange(partner_id, partner_id, '[]')"), "&&"),
            (sa.text("daterange(period_start, period_end, '[]')"), "&&"),
            using="gist",
            name="ex_partner_settlements_period",
        ),
        sa.CheckConstraint(
            "status <> 'disputed' OR dispute_reason IS NOT NULL",
            name=op.f("ck_partner_settlements_dispute_has_reason"),
        ),
        sa.CheckConstraint(
            "status <> 'paid' OR paid_at IS NOT NULL", name=op.f("ck_partner_settlements_paid_has_time")
        ),
        sa.CheckConstraint(
            "partner_share_minor + platform_commission_minor = total_revenue_minor",
            name=op.f("ck_partner_settlements_shares_are_the_revenue"),
        ),
        sa.CheckConstraint(
            "payable_minor = partner_share_minor + adjustment_minor + carried_in_minor - carried_out_minor",
            name=op.f("ck_partner_settlements_carry_adds_up"),
        ),
        sa.CheckConstraint("payable_minor >= 0", name=op.f("ck_partner_settlements_payable_not_negative")),
        sa.CheckConstraint(
            "is_carried = (payable_minor = 0) AND (is_carried OR carried_out_minor = 0)",
            name=op.f("ck_partner_settlements_pays_all_or_carries_all"),
        ),
        sa.CheckConstraint("currency = 'XOF'", name=op.f("ck_partner_settlements_currency_xof")),
        sa.CheckConstraint(
            "status NOT IN ('approved', 'paid') OR (approved_by IS NOT NULL AND approved_at IS NOT NULL)",
            name=op.f("ck_partner_settlements_approved_has_hand"),
        ),
        sa.CheckConstraint("period_end >= period_start", name=op.f("ck_partner_settlements_period_forward")),
        sa.CheckConstraint(
            "total_redemptions_count >= 0", name=op.f("ck_partner_settlements_count_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["users.id"], name=op.f("fk_partner_settlements_approved_by")
        ),
        sa.ForeignKeyConstraint(
            ["invoice_file_id"], ["stored_files.id"], name=op.f("fk_partner_settlements_invoice_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_partner_settlements_partner_id")
        ),
        sa.ForeignKeyConstraint(["payout_id"], ["payouts.id"], name=op.f("fk_partner_settlements_payout_id")),
        sa.ForeignKeyConstraint(
            ["receipt_file_id"], ["stored_files.id"], name=op.f("fk_partner_settlements_receipt_file_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_settlements")),
        sa.UniqueConstraint("invoice_number", name=op.f("uq_partner_settlements_invoice_number")),
        sa.UniqueConstraint(
            "partner_id",
            "period_start",
            "period_end",
            name=op.f("uq_partner_settlements_partner_id_period_start_period_end"),
        ),
    )
    op.create_index(
        op.f("ix_partner_settlements_approved_by"), "partner_settlements", ["approved_by"], unique=False
    )
    op.create_index(
        op.f("ix_partner_settlements_invoice_file_id"),
        "partner_settlements",
        ["invoice_file_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_partner_settlements_payout_id"), "partner_settlements", ["payout_id"], unique=False
    )
    op.create_index(
        op.f("ix_partner_settlements_receipt_file_id"),
        "partner_settlements",
        ["receipt_file_id"],
        unique=False,
    )
    op.create_index(op.f("ix_partner_settlements_status"), "partner_settlements", ["status"], unique=False)
    op.create_table(
        "partner_periods",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("split_percentage", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("redemption_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("revenue_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("partner_share_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("settlement_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "partner_share_minor BETWEEN 0 AND revenue_minor",
            name=op.f("ck_partner_periods_share_within_revenue"),
        ),
        sa.CheckConstraint("period_end >= period_start", name=op.f("ck_partner_periods_period_forward")),
        sa.CheckConstraint(
            "revenue_minor >= 0 AND redemption_count >= 0",
            name=op.f("ck_partner_periods_totals_not_negative"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_partner_periods_partner_id")),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["partner_settlements.id"], name=op.f("fk_partner_periods_settlement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_periods")),
    )
    op.create_index(
        "ix_partner_periods_due",
        "partner_periods",
        ["period_end"],
        unique=False,
        postgresql_where=sa.text("settlement_id IS NULL"),
    )
    op.create_index(
        op.f("ix_partner_periods_settlement_id"), "partner_periods", ["settlement_id"], unique=False
    )
    op.create_index(
        "uq_partner_periods_open",
        "partner_periods",
        ["partner_id", "period_start", "period_end", "split_percentage"],
        unique=True,
        postgresql_where=sa.text("settlement_id IS NULL"),
    )
    op.create_table(
        "settlement_adjustments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("settlement_id", sa.Uuid(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("btrim(reason) <> ''", name=op.f("ck_settlement_adjustments_reason_present")),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_settlement_adjustments_amount_not_zero")),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_settlement_adjustments_partner_id")
        ),
        sa.ForeignKeyConstraint(
            ["settlement_id"],
            ["partner_settlements.id"],
            name=op.f("fk_settlement_adjustments_settlement_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_adjustments")),
    )
    op.create_index(
        op.f("ix_settlement_adjustments_partner_id"), "settlement_adjustments", ["partner_id"], unique=False
    )
    op.create_index(
        op.f("ix_settlement_adjustments_settlement_id"),
        "settlement_adjustments",
        ["settlement_id"],
        unique=False,
    )
    op.create_table(
        "qr_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pot_id", sa.Uuid(), nullable=False),
        sa.Column("pack_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("beneficiary_user_id", sa.Uuid(), nullable=False),
        sa.Column("beneficiary_name", sa.String(length=100), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("qr_file_id", sa.Uuid(), nullable=True),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), server_default="XOF", nullable=False),
        sa.Column("redeemable_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "issued",
                "redeemed",
                "expired",
                "canceled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="issued",
            nullable=False,
        ),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redeemed_by_partner_id", sa.Uuid(), nullable=True),
        sa.Column("redeemed_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("redeemed_venue_id", sa.Uuid(), nullable=True),
        sa.Column("redemption_nonce", sa.String(length=50), nullable=True),
        sa.Column("partner_notes", sa.Text(), nullable=True),
        sa.Column("split_percentage", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("partner_share_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("commission_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("issue_transfer_id", sa.Uuid(), nullable=True),
        sa.Column("redeem_transfer_id", sa.Uuid(), nullable=True),
        sa.Column("partner_period_id", sa.Uuid(), nullable=True),
        sa.Column("canceled_reason", sa.Text(), nullable=True),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(status = 'redeemed') = (partner_period_id IS NOT NULL)",
            name=op.f("ck_qr_codes_redeemed_is_counted"),
        ),
        sa.CheckConstraint(
            "(status = 'redeemed') = (redeemed_at IS NOT NULL)", name=op.f("ck_qr_codes_redeemed_has_time")
        ),
        sa.CheckConstraint(
            "status <> 'redeemed' OR partner_share_minor + commission_minor = price_minor",
            name=op.f("ck_qr_codes_shares_are_the_price"),
        ),
        sa.CheckConstraint("expires_at > redeemable_from", name=op.f("check_valid_redemption_period")),
        sa.CheckConstraint("price_minor > 0", name=op.f("ck_qr_codes_price_positive")),
        sa.ForeignKeyConstraint(
            ["beneficiary_user_id"], ["users.id"], name=op.f("fk_qr_codes_beneficiary_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["issue_transfer_id"], ["ledger_transfers.id"], name=op.f("fk_qr_codes_issue_transfer_id")
        ),
        sa.ForeignKeyConstraint(["pack_id"], ["packs.id"], name=op.f("fk_qr_codes_pack_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_qr_codes_partner_id")),
        sa.ForeignKeyConstraint(
            ["partner_period_id"], ["partner_periods.id"], name=op.f("fk_qr_codes_partner_period_id")
        ),
        sa.ForeignKeyConstraint(["pot_id"], ["pots.id"], name=op.f("fk_qr_codes_pot_id")),
        sa.ForeignKeyConstraint(["qr_file_id"], ["stored_files.id"], name=op.f("fk_qr_codes_qr_file_id")),
        sa.ForeignKeyConstraint(
            ["redeem_transfer_id"], ["ledger_transfers.id"], name=op.f("fk_qr_codes_redeem_transfer_id")
        ),
        sa.ForeignKeyConstraint(
            ["redeemed_by_partner_id"], ["partners.id"], name=op.f("fk_qr_codes_redeemed_by_partner_id")
        ),
        sa.ForeignKeyConstraint(
            ["redeemed_by_user_id"], ["users.id"], name=op.f("fk_qr_codes_redeemed_by_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["redeemed_venue_id"], ["partner_venues.id"], name=op.f("fk_qr_codes_redeemed_venue_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qr_codes")),
        sa.UniqueConstraint("code", name=op.f("uq_qr_codes_code")),
    )
    op.create_index(
        op.f("ix_qr_codes_beneficiary_user_id_pack_id"),
        "qr_codes",
        ["beneficiary_user_id", "pack_id"],
        unique=False,
    )
    op.create_index(op.f("ix_qr_codes_expires_at"), "qr_codes", ["expires_at"], unique=False)
    op.create_index(op.f("ix_qr_codes_issue_transfer_id"), "qr_codes", ["issue_transfer_id"], unique=False)
    op.create_index(op.f("ix_qr_codes_pack_id"), "qr_codes", ["pack_id"], unique=False)
    op.create_index(
        op.f("ix_qr_codes_partner_id_redeemed_at"), "qr_codes", ["partner_id", "redeemed_at"], unique=False
    )
    op.create_index(op.f("ix_qr_codes_partner_period_id"), "qr_codes", ["partner_period_id"], unique=False)
    op.create_index(op.f("ix_qr_codes_pot_id"), "qr_codes", ["pot_id"], unique=False)
    op.create_index(op.f("ix_qr_codes_qr_file_id"), "qr_codes", ["qr_file_id"], unique=False)
    op.create_index(op.f("ix_qr_codes_redeem_transfer_id"), "qr_codes", ["redeem_transfer_id"], unique=False)
    op.create_index(
        op.f("ix_qr_codes_redeemed_by_partner_id"), "qr_codes", ["redeemed_by_partner_id"], unique=False
    )
    op.create_index(
        op.f("ix_qr_codes_redeemed_by_user_id"), "qr_codes", ["redeemed_by_user_id"], unique=False
    )
    op.create_index(op.f("ix_qr_codes_redeemed_venue_id"), "qr_codes", ["redeemed_venue_id"], unique=False)
    op.create_index(op.f("ix_qr_codes_status"), "qr_codes", ["status"], unique=False)
    op.create_index(
        "ix_qr_codes_to_announce",
        "qr_codes",
        ["redeemed_at"],
        unique=False,
        postgresql_where=sa.text("status = 'redeemed' AND announced_at IS NULL"),
    )
    op.create_index(
        "ix_qr_codes_to_expire",
        "qr_codes",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'issued'"),
    )
    op.create_index(
        "uq_qr_codes_pot_live",
        "qr_codes",
        ["pot_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('issued', 'redeemed')"),
    )
    op.create_table(
        "qr_redemption_logs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("qr_code_id", sa.Uuid(), nullable=True),
        sa.Column("scanned_code", sa.String(length=255), nullable=False),
        sa.Column("scanned_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column(
            "validation_result",
            sa.Enum(
                "success",
                "expired",
                "already_used",
                "invalid",
                name="validation_result",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "error_code",
            sa.Enum(
                "too_early",
                "wrong_partner",
                "wrong_venue",
                "canceled",
                "unknown_code",
                "forged",
                "expired",
                "already_used",
                "partner_inactive",
                name="error_code",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("ip_address", postgresql.INET(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column(
            "venue_context",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_qr_redemption_logs_partner_id")
        ),
        sa.ForeignKeyConstraint(
            ["qr_code_id"], ["qr_codes.id"], name=op.f("fk_qr_redemption_logs_qr_code_id")
        ),
        sa.ForeignKeyConstraint(
            ["scanned_by_user_id"], ["users.id"], name=op.f("fk_qr_redemption_logs_scanned_by_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qr_redemption_logs")),
    )
    op.create_index(
        op.f("ix_qr_redemption_logs_occurred_at_id"),
        "qr_redemption_logs",
        ["occurred_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_qr_redemption_logs_partner_id_occurred_at_id"),
        "qr_redemption_logs",
        ["partner_id", "occurred_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_qr_redemption_logs_qr_code_id_occurred_at"),
        "qr_redemption_logs",
        ["qr_code_id", "occurred_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_qr_redemption_logs_scanned_by_user_id"),
        "qr_redemption_logs",
        ["scanned_by_user_id"],
        unique=False,
    )
    op.execute(
        "CREATE TRIGGER qr_redemption_logs_append_only BEFORE UPDATE OR DELETE ON qr_redemption_logs"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_qr_redemption_logs_scanned_by_user_id"), table_name="qr_redemption_logs")
    op.drop_index(op.f("ix_qr_redemption_logs_qr_code_id_occurred_at"), table_name="qr_redemption_logs")
    op.drop_index(op.f("ix_qr_redemption_logs_partner_id_occurred_at_id"), table_name="qr_redemption_logs")
    op.drop_index(op.f("ix_qr_redemption_logs_occurred_at_id"), table_name="qr_redemption_logs")
    op.drop_table("qr_redemption_logs")
    op.drop_index(
        "uq_qr_codes_pot_live",
        table_name="qr_codes",
        postgresql_where=sa.text("status IN ('issued', 'redeemed')"),
    )
    op.drop_index(
        "ix_qr_codes_to_expire", table_name="qr_codes", postgresql_where=sa.text("status = 'issued'")
    )
    op.drop_index(
        "ix_qr_codes_to_announce",
        table_name="qr_codes",
        postgresql_where=sa.text("status = 'redeemed' AND announced_at IS NULL"),
    )
    op.drop_index(op.f("ix_qr_codes_status"), table_name="qr_codes")
    op.drop_index(op.f("ix_qr_codes_redeemed_venue_id"), table_name="qr_codes")
    op.drop_index(op.f("ix_qr_codes_redeemed_by_user_id"), table_name="qr_codes")
    op.drop_index(op.f("ix_qr_codes_redeemed_by_partner_id"), table_name="qr_codes")
    op.drop_index(op.f("ix_qr_codes_redeem_transfer_id"), table_name="qr_codes")
    op.drop_index(op.f("ix_qr_codes_qr_file_id"), table_name="qr_codes")
    op.drop_index(op.f("ix_qr_codes_pot_id"), table_name="qr_codes")
    op.drop_index(op.f("ix_qr_codes_partner_period_id"), table_name="qr_codes")
    op.drop_index(op.f("ix_qr_codes_partner_id_redeemed_at"), table_name="qr_codes")
    op.drop_index(op.f("ix_qr_codes_pack_id"), table_name="qr_codes")
    op.drop_index(op.f("ix_qr_codes_issue_transfer_id"), table_name="qr_codes")
    op.drop_index(op.f("ix_qr_codes_expires_at"), table_name="qr_codes")
    op.drop_index(op.f("ix_qr_codes_beneficiary_user_id_pack_id"), table_name="qr_codes")
    op.drop_table("qr_codes")
    op.drop_index(op.f("ix_settlement_adjustments_settlement_id"), table_name="settlement_adjustments")
    op.drop_index(op.f("ix_settlement_adjustments_partner_id"), table_name="settlement_adjustments")
    op.drop_table("settlement_adjustments")
    op.drop_index(
        "uq_partner_periods_open",
        table_name="partner_periods",
        postgresql_where=sa.text("settlement_id IS NULL"),
    )
    op.drop_index(op.f("ix_partner_periods_settlement_id"), table_name="partner_periods")
    op.drop_index(
        "ix_partner_periods_due",
        table_name="partner_periods",
        postgresql_where=sa.text("settlement_id IS NULL"),
    )
    op.drop_table("partner_periods")
    op.drop_index(op.f("ix_partner_settlements_status"), table_name="partner_settlements")
    op.drop_index(op.f("ix_partner_settlements_receipt_file_id"), table_name="partner_settlements")
    op.drop_index(op.f("ix_partner_settlements_payout_id"), table_name="partner_settlements")
    op.drop_index(op.f("ix_partner_settlements_invoice_file_id"), table_name="partner_settlements")
    op.drop_index(op.f("ix_partner_settlements_approved_by"), table_name="partner_settlements")
    op.drop_table("partner_settlements")
    op.execute("DROP SEQUENCE settlement_invoice_numbers")
    op.execute("DROP TYPE uuidrange")
