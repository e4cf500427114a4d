"""What gifts are turned into, promotions, and word of mouth."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "referral_campaigns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=50), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column(
            "referrer_reward",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "referee_reward",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("max_uses", sa.Integer(), nullable=True),
        sa.Column("uses", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "target_segments", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "target_countries", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "active",
                "paused",
                "ended",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="draft",
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_referral_campaigns_window_forward")),
        sa.CheckConstraint(
            "uses >= 0 AND (max_uses IS NULL OR uses <= max_uses)",
            name=op.f("ck_referral_campaigns_uses_within_limit"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_campaigns")),
        sa.UniqueConstraint("key", name=op.f("uq_referral_campaigns_key")),
    )
    op.create_index(
        op.f("ix_referral_campaigns_status_starts_at"),
        "referral_campaigns",
        ["status", "starts_at"],
        unique=False,
    )
    op.create_table(
        "sponsor_companies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("contact_email", sa.String(length=255), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "active",
                "suspended",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsor_companies")),
    )
    op.create_index(
        "uq_sponsor_companies_name", "sponsor_companies", [sa.literal_column("lower(name)")], unique=True
    )
    op.create_table(
        "sponsor_campaigns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column(
            "target_demographics",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "pack_categories", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "points_multiplier",
            sa.Numeric(precision=3, scale=2),
            server_default=sa.text("1.5"),
            nullable=False,
        ),
        sa.Column("budget_minor", sa.BigInteger(), nullable=False),
        sa.Column("spent_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "active",
                "paused",
                "completed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="draft",
            nullable=False,
        ),
        sa.Column("impressions", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("clicks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("conversions", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("budget_minor > 0", name=op.f("ck_sponsor_campaigns_budget_positive")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_sponsor_campaigns_window_forward")),
        sa.CheckConstraint(
            "impressions >= 0 AND clicks >= 0 AND conversions >= 0",
            name=op.f("ck_sponsor_campaigns_counts_not_negative"),
        ),
        sa.CheckConstraint(
            "points_multiplier BETWEEN 1.00 AND 9.99",
            name=op.f("ck_sponsor_campaigns_points_multiplier_range"),
        ),
        sa.CheckConstraint(
            "spent_minor BETWEEN 0 AND budget_minor", name=op.f("ck_sponsor_campaigns_spent_within_budget")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["sponsor_companies.id"], name=op.f("fk_sponsor_campaigns_company_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsor_campaigns")),
    )
    op.create_index(
        op.f("ix_sponsor_campaigns_company_id"), "sponsor_campaigns", ["company_id"], unique=False
    )
    op.create_index(
        op.f("ix_sponsor_campaigns_pack_categories"),
        "sponsor_campaigns",
        ["pack_categories"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        op.f("ix_sponsor_campaigns_status_starts_at_ends_at"),
        "sponsor_campaigns",
        ["status", "starts_at", "ends_at"],
        unique=False,
    )
    op.create_table(
        "sponsor_company_members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "owner",
                "manager",
                "viewer",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["sponsor_companies.id"],
            name=op.f("fk_sponsor_company_members_company_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sponsor_company_members_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsor_company_members")),
        sa.UniqueConstraint(
            "company_id", "user_id", name=op.f("uq_sponsor_company_members_company_id_user_id")
        ),
    )
    op.create_index(
        op.f("ix_sponsor_company_members_user_id"), "sponsor_company_members", ["user_id"], unique=False
    )
    op.create_table(
        "sponsor_contact_batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sponsor_user_id", sa.Uuid(), nullable=False),
        sa.Column("batch_date", sa.Date(), nullable=False),
        sa.Column("batch_number", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("start_position", sa.Integer(), nullable=False),
        sa.Column("end_position", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "selected",
                "sent",
                "skipped",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("selected_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "contact_snapshot",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("auto_selected", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "manual_selections",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("end_position - start_position <= 50", name=op.f("check_batch_size")),
        sa.CheckConstraint("end_position > start_position", name=op.f("check_batch_positions")),
        sa.CheckConstraint(
            "selected_count >= 0 AND sent_count >= 0 AND sent_count <= selected_count",
            name=op.f("ck_sponsor_contact_batches_counts_fit"),
        ),
        sa.ForeignKeyConstraint(
            ["sponsor_user_id"], ["users.id"], name=op.f("fk_sponsor_contact_batches_sponsor_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsor_contact_batches")),
        sa.UniqueConstraint(
            "sponsor_user_id",
            "batch_date",
            "batch_number",
            name=op.f("uq_sponsor_contact_batches_sponsor_user_id_batch_date_batch_number"),
        ),
    )
    op.create_table(
        "sponsor_contacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sponsor_user_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("source", sa.String(length=50), server_default="form", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "phone IS NOT NULL OR email IS NOT NULL", name=op.f("ck_sponsor_contacts_phone_or_email")
        ),
        sa.CheckConstraint("position >= 0", name=op.f("ck_sponsor_contacts_position_not_negative")),
        sa.ForeignKeyConstraint(
            ["sponsor_user_id"],
            ["users.id"],
            name=op.f("fk_sponsor_contacts_sponsor_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsor_contacts")),
        sa.UniqueConstraint(
            "sponsor_user_id", "position", name=op.f("uq_sponsor_contacts_sponsor_user_id_position")
        ),
    )
    op.create_index(
        "uq_sponsor_contacts_email",
        "sponsor_contacts",
        ["sponsor_user_id", "email"],
        unique=True,
        postgresql_where=sa.text("email IS NOT NULL"),
    )
    op.create_index(
        "uq_sponsor_contacts_phone",
        "sponsor_contacts",
        ["sponsor_user_id", "phone"],
        unique=True,
        postgresql_where=sa.text("phone IS NOT NULL"),
    )
    op.create_table(
        "sponsor_daily_limits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sponsor_user_id", sa.Uuid(), nullable=False),
        sa.Column("limit_date", sa.Date(), nullable=False),
        sa.Column("invitations_sent_today", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("max_invitations_per_day", sa.Integer(), server_default=sa.text("50"), nullable=False),
        sa.Column("last_reset_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_reset_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("current_batch_start", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "preferred_selection_method",
            sa.Enum(
                "batch",
                "individual",
                name="preferred_selection_method",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="batch",
            nullable=False,
        ),
        sa.Column("consecutive_active_days", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("total_lifetime_invitations", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "consecutive_active_days >= 0 AND total_lifetime_invitations >= 0 AND current_batch_start >= 0",
            name=op.f("ck_sponsor_daily_limits_counts_not_negative"),
        ),
        sa.CheckConstraint(
            "invitations_sent_today BETWEEN 0 AND max_invitations_per_day", name=op.f("check_daily_limit")
        ),
        sa.ForeignKeyConstraint(
            ["sponsor_user_id"], ["users.id"], name=op.f("fk_sponsor_daily_limits_sponsor_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsor_daily_limits")),
        sa.UniqueConstraint(
            "sponsor_user_id", "limit_date", name=op.f("uq_sponsor_daily_limits_sponsor_user_id_limit_date")
        ),
    )
    op.create_table(
        "referrals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referrer_id", sa.Uuid(), nullable=False),
        sa.Column("referred_user_id", sa.Uuid(), nullable=True),
        sa.Column("referred_name", sa.String(length=255), nullable=True),
        sa.Column("referred_email", sa.String(length=255), nullable=True),
        sa.Column("referred_phone", sa.String(length=20), nullable=True),
        sa.Column("referred_country", sa.String(length=100), nullable=True),
        sa.Column("visa_type", sa.String(length=100), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("referral_link", sa.String(length=500), nullable=True),
        sa.Column("referral_code", sa.String(length=20), nullable=False),
        sa.Column(
            "invitation_status",
            sa.Enum(
                "sent",
                "accepted",
                "expired",
                "declined",
                name="invitation_status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column(
            "pipeline_stage",
            sa.Enum(
                "pending",
                "contacted",
                "qualified",
                "converted",
                "completed",
                "rejected",
                name="pipeline_stage",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("rejection_reason", sa.String(length=100), nullable=True),
        sa.Column("source", sa.String(length=100), server_default="app", nullable=False),
        sa.Column("utm_source", sa.String(length=100), nullable=True),
        sa.Column("utm_medium", sa.String(length=100), nullable=True),
        sa.Column("utm_campaign", sa.String(length=100), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clicked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("converted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("conversion_type", sa.String(length=50), nullable=True),
        sa.Column("referrer_reward_given", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("referee_reward_given", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("both_ids_collected", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("sponsor_id_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("sponsored_id_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("daily_limit_id", sa.Uuid(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("invitation_order", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "source = 'link' OR referred_phone IS NOT NULL OR referred_email IS NOT NULL",
            name=op.f("check_invitation_contact"),
        ),
        sa.CheckConstraint("expires_at > sent_at", name=op.f("ck_referrals_expires_after_sent")),
        sa.CheckConstraint("invitation_order >= 1", name=op.f("ck_referrals_order_positive")),
        sa.CheckConstraint("referrer_id <> referred_user_id", name=op.f("ck_referrals_not_self")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["sponsor_contact_batches.id"], name=op.f("fk_referrals_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["referral_campaigns.id"], name=op.f("fk_referrals_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["daily_limit_id"], ["sponsor_daily_limits.id"], name=op.f("fk_referrals_daily_limit_id")
        ),
        sa.ForeignKeyConstraint(
            ["referred_user_id"], ["users.id"], name=op.f("fk_referrals_referred_user_id")
        ),
        sa.ForeignKeyConstraint(["referrer_id"], ["users.id"], name=op.f("fk_referrals_referrer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals")),
        sa.UniqueConstraint(
            "daily_limit_id", "invitation_order", name=op.f("uq_referrals_daily_limit_id_invitation_order")
        ),
        sa.UniqueConstraint("referral_code", name=op.f("uq_referrals_referral_code")),
        sa.UniqueConstraint("referred_user_id", name=op.f("uq_referrals_referred_user_id")),
    )
    op.create_index(op.f("ix_referrals_activated_at"), "referrals", ["activated_at"], unique=False)
    op.create_index(op.f("ix_referrals_batch_id"), "referrals", ["batch_id"], unique=False)
    op.create_index(op.f("ix_referrals_campaign_id"), "referrals", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_referrals_created_at"), "referrals", ["created_at"], unique=False)
    op.create_index(op.f("ix_referrals_invitation_status"), "referrals", ["invitation_status"], unique=False)
    op.create_index(
        "ix_referrals_pipeline_recent",
        "referrals",
        ["pipeline_stage", sa.literal_column("created_at DESC")],
        unique=False,
    )
    op.create_index(op.f("ix_referrals_pipeline_stage"), "referrals", ["pipeline_stage"], unique=False)
    op.create_index(
        "ix_referrals_referred_email", "referrals", [sa.literal_column("lower(referred_email)")], unique=False
    )
    op.create_index(op.f("ix_referrals_referred_phone"), "referrals", ["referred_phone"], unique=False)
    op.create_index(op.f("ix_referrals_referrer_id_id"), "referrals", ["referrer_id", "id"], unique=False)
    op.create_index(
        op.f("ix_referrals_referrer_id_pipeline_stage"),
        "referrals",
        ["referrer_id", "pipeline_stage"],
        unique=False,
    )
    op.create_index(
        "ix_referrals_to_expire",
        "referrals",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("invitation_status = 'sent'"),
    )
    op.create_index(
        "uq_referrals_pending_email",
        "referrals",
        ["referrer_id", sa.literal_column("lower(referred_email)")],
        unique=True,
        postgresql_where=sa.text("invitation_status = 'sent' AND referred_email IS NOT NULL"),
    )
    op.create_index(
        "uq_referrals_pending_phone",
        "referrals",
        ["referrer_id", "referred_phone"],
        unique=True,
        postgresql_where=sa.text("invitation_status = 'sent' AND referred_phone IS NOT NULL"),
    )
    op.create_table(
        "packs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "cinema",
                "restaurant",
                "spa",
                "experience",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("base_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("discounted_price_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), server_default="XOF", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("available_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("available_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("max_redemptions_per_user", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("total_available_quantity", sa.Integer(), nullable=True),
        sa.Column("quantity_taken", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("image_file_id", sa.Uuid(), nullable=True),
        sa.Column(
            "gallery_file_ids", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("venue_ids", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("terms_and_conditions", sa.Text(), nullable=True),
        sa.Column("redemption_instructions", sa.Text(), nullable=True),
        sa.Column("validity_days", sa.Integer(), server_default=sa.text("90"), nullable=False),
        sa.Column("seo_title", sa.String(length=255), nullable=True),
        sa.Column("seo_description", sa.Text(), nullable=True),
        sa.Column(
            "marketing_tags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_packs_name_present")),
        sa.CheckConstraint("currency = 'XOF'", name=op.f("ck_packs_currency_xof")),
        sa.CheckConstraint("available_until >= available_from", name=op.f("ck_packs_window_forward")),
        sa.CheckConstraint("base_price_minor > 0", name=op.f("ck_packs_base_price_positive")),
        sa.CheckConstraint(
            "discounted_price_minor IS NULL OR (discounted_price_minor > 0 AND discounted_price_minor <= base_price_minor)",
            name=op.f("ck_packs_discount_below_base"),
        ),
        sa.CheckConstraint("max_redemptions_per_user >= 1", name=op.f("ck_packs_max_redemptions_positive")),
        sa.CheckConstraint(
            "quantity_taken >= 0 AND (total_available_quantity IS NULL OR quantity_taken <= total_available_quantity)",
            name=op.f("ck_packs_stock_not_oversold"),
        ),
        sa.CheckConstraint("validity_days > 0", name=op.f("ck_packs_validity_positive")),
        sa.ForeignKeyConstraint(["image_file_id"], ["stored_files.id"], name=op.f("fk_packs_image_file_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_packs_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packs")),
        sa.UniqueConstraint("slug", name=op.f("uq_packs_slug")),
    )
    op.create_index(op.f("ix_packs_category_is_active"), "packs", ["category", "is_active"], unique=False)
    op.create_index(op.f("ix_packs_image_file_id"), "packs", ["image_file_id"], unique=False)
    op.create_index(
        op.f("ix_packs_marketing_tags"), "packs", ["marketing_tags"], unique=False, postgresql_using="gin"
    )
    op.create_index(op.f("ix_packs_partner_id"), "packs", ["partner_id"], unique=False)
    op.create_table(
        "point_awards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sponsor_user_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column(
            "event_type",
            sa.Enum(
                "referral_accepted",
                "pot_opened",
                "first_donation",
                "milestone",
                "campaign",
                "adjustment",
                name="event_type",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("base_points", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "base_multiplier",
            sa.Numeric(precision=3, scale=2),
            server_default=sa.text("1.00"),
            nullable=False,
        ),
        sa.Column(
            "sponsor_boost_multiplier",
            sa.Numeric(precision=3, scale=2),
            server_default=sa.text("1.00"),
            nullable=False,
        ),
        sa.Column("points", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=True),
        sa.Column(
            "metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "matured",
                "revoked",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("matures_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("matured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=True),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "base_multiplier BETWEEN 1.00 AND 9.99", name=op.f("ck_point_awards_base_multiplier_range")
        ),
        sa.CheckConstraint(
            "points >= 0 AND base_points >= 0", name=op.f("ck_point_awards_points_not_negative")
        ),
        sa.CheckConstraint(
            "sponsor_boost_multiplier BETWEEN 1.00 AND 9.99",
            name=op.f("ck_point_awards_sponsor_boost_multiplier_range"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["sponsor_campaigns.id"], name=op.f("fk_point_awards_campaign_id")
        ),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.id"], name=op.f("fk_point_awards_referral_id")),
        sa.ForeignKeyConstraint(
            ["sponsor_user_id"], ["users.id"], name=op.f("fk_point_awards_sponsor_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["ledger_transfers.id"], name=op.f("fk_point_awards_transfer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_awards")),
    )
    op.create_index(op.f("ix_point_awards_campaign_id"), "point_awards", ["campaign_id"], unique=False)
    op.create_index(
        op.f("ix_point_awards_sponsor_user_id_id"), "point_awards", ["sponsor_user_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_point_awards_sponsor_user_id_status"),
        "point_awards",
        ["sponsor_user_id", "status"],
        unique=False,
    )
    op.create_index(
        op.f("ix_point_awards_status_matures_at"), "point_awards", ["status", "matures_at"], unique=False
    )
    op.create_index(op.f("ix_point_awards_transfer_id"), "point_awards", ["transfer_id"], unique=False)
    op.create_index(
        "uq_point_awards_once",
        "point_awards",
        ["referral_id", "event_type"],
        unique=True,
        postgresql_where=sa.text("event_type IN ('referral_accepted', 'pot_opened', 'first_donation')"),
    )
    op.create_table(
        "referral_clicks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_user_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column(
            "utm",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("ip_address", postgresql.INET(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_user_id"], ["users.id"], name=op.f("fk_referral_clicks_owner_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_referral_clicks_referral_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_clicks")),
    )
    op.create_index(
        op.f("ix_referral_clicks_owner_user_id_occurred_at"),
        "referral_clicks",
        ["owner_user_id", "occurred_at"],
        unique=False,
    )
    op.create_index(op.f("ix_referral_clicks_referral_id"), "referral_clicks", ["referral_id"], unique=False)
    op.execute(
        "CREATE TRIGGER referral_clicks_append_only BEFORE UPDATE OR DELETE ON referral_clicks"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_referral_clicks_referral_id"), table_name="referral_clicks")
    op.drop_index(op.f("ix_referral_clicks_owner_user_id_occurred_at"), table_name="referral_clicks")
    op.drop_table("referral_clicks")
    op.drop_index(
        "uq_point_awards_once",
        table_name="point_awards",
        postgresql_where=sa.text("event_type IN ('referral_accepted', 'pot_opened', 'first_donation')"),
    )
    op.drop_index(op.f("ix_point_awards_transfer_id"), table_name="point_awards")
    op.drop_index(op.f("ix_point_awards_status_matures_at"), table_name="point_awards")
    op.drop_index(op.f("ix_point_awards_sponsor_user_id_status"), table_name="point_awards")
    op.drop_index(op.f("ix_point_awards_sponsor_user_id_id"), table_name="point_awards")
    op.drop_index(op.f("ix_point_awards_campaign_id"), table_name="point_awards")
    op.drop_table("point_awards")
    op.drop_index(op.f("ix_packs_partner_id"), table_name="packs")
    op.drop_index(op.f("ix_packs_marketing_tags"), table_name="packs", postgresql_using="gin")
    op.drop_index(op.f("ix_packs_image_file_id"), table_name="packs")
    op.drop_index(op.f("ix_packs_category_is_active"), table_name="packs")
    op.drop_table("packs")
    op.drop_index(
        "uq_referrals_pending_phone",
        table_name="referrals",
        postgresql_where=sa.text("invitation_status = 'sent' AND referred_phone IS NOT NULL"),
    )
    op.drop_index(
        "uq_referrals_pending_email",
        table_name="referrals",
        postgresql_where=sa.text("invitation_status = 'sent' AND referred_email IS NOT NULL"),
    )
    op.drop_index(
        "ix_referrals_to_expire",
        table_name="referrals",
        postgresql_where=sa.text("invitation_status = 'sent'"),
    )
    op.drop_index(op.f("ix_referrals_referrer_id_pipeline_stage"), table_name="referrals")
    op.drop_index(op.f("ix_referrals_referrer_id_id"), table_name="referrals")
    op.drop_index(op.f("ix_referrals_referred_phone"), table_name="referrals")
    op.drop_index("ix_referrals_referred_email", table_name="referrals")
    op.drop_index(op.f("ix_referrals_pipeline_stage"), table_name="referrals")
    op.drop_index("ix_referrals_pipeline_recent", table_name="referrals")
    op.drop_index(op.f("ix_referrals_invitation_status"), table_name="referrals")
    op.drop_index(op.f("ix_referrals_created_at"), table_name="referrals")
    op.drop_index(op.f("ix_referrals_campaign_id"), table_name="referrals")
    op.drop_index(op.f("ix_referrals_batch_id"), table_name="referrals")
    op.drop_index(op.f("ix_referrals_activated_at"), table_name="referrals")
    op.drop_table("referrals")
    op.drop_table("sponsor_daily_limits")
    op.drop_index(
        "uq_sponsor_contacts_phone",
        table_name="sponsor_contacts",
        postgresql_where=sa.text("phone IS NOT NULL"),
    )
    op.drop_index(
        "uq_sponsor_contacts_email",
        table_name="sponsor_contacts",
        postgresql_where=sa.text("email IS NOT NULL"),
    )
    op.drop_table("sponsor_contacts")
    op.drop_table("sponsor_contact_batches")
    op.drop_index(op.f("ix_sponsor_company_members_user_id"), table_name="sponsor_company_members")
    op.drop_table("sponsor_company_members")
    op.drop_index(op.f("ix_sponsor_campaigns_status_starts_at_ends_at"), table_name="sponsor_campaigns")
    op.drop_index(
        op.f("ix_sponsor_campaigns_pack_categories"), table_name="sponsor_campaigns", postgresql_using="gin"
    )
    op.drop_index(op.f("ix_sponsor_campaigns_company_id"), table_name="sponsor_campaigns")
    op.drop_table("sponsor_campaigns")
    op.drop_index("uq_sponsor_companies_name", table_name="sponsor_companies")
    op.drop_table("sponsor_companies")
    op.drop_index(op.f("ix_referral_campaigns_status_starts_at"), table_name="referral_campaigns")
    op.drop_table("referral_campaigns")
