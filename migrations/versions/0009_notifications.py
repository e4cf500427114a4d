"""Templates, notifications, deliveries, preferences."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notification_analytics",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("template_key", sa.String(length=100), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("sent_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("delivered_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failed_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("bounce_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("opened_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("clicked_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "delivery_rate", sa.Numeric(precision=5, scale=4), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("open_rate", sa.Numeric(precision=5, scale=4), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "click_rate", sa.Numeric(precision=5, scale=4), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "sent_count >= 0 AND delivered_count >= 0 AND failed_count >= 0 AND bounce_count >= 0 AND opened_count >= 0 AND clicked_count >= 0",
            name=op.f("ck_notification_analytics_counts_not_negative"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_analytics")),
        sa.UniqueConstraint(
            "date",
            "template_key",
            "channel",
            name=op.f("uq_notification_analytics_date_template_key_channel"),
        ),
    )
    op.create_table(
        "notification_broadcasts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("template_key", sa.String(length=100), nullable=False),
        sa.Column(
            "audience",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "sending",
                "done",
                "canceled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="draft",
            nullable=False,
        ),
        sa.Column("recipient_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cursor", sa.String(length=100), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_broadcasts")),
    )
    op.create_table(
        "notification_templates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("template_key", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("locale", sa.String(length=10), server_default="fr-SN", nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "channels", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{email}'"), nullable=False
        ),
        sa.Column("subject", sa.String(length=500), nullable=True),
        sa.Column("body_text", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=True),
        sa.Column("body_sms", sa.Text(), nullable=True),
        sa.Column("action_text", sa.String(length=100), nullable=True),
        sa.Column(
            "variables",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "channels <@ ARRAY['in_app','email','sms','whatsapp','push']::text[]",
            name=op.f("ck_notification_templates_channels_known"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_notification_templates_version_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_templates")),
        sa.UniqueConstraint(
            "template_key",
            "locale",
            "version",
            name=op.f("uq_notification_templates_template_key_locale_version"),
        ),
    )
    op.create_index(
        "uq_notification_templates_active",
        "notification_templates",
        ["template_key", "locale"],
        unique=True,
        postgresql_where=sa.text("is_active"),
    )
    op.create_table(
        "notification_preferences",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("in_app_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("email_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("sms_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("whatsapp_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("push_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("referral_notifications", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("pot_notifications", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("donation_notifications", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("marketing_notifications", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "digest_frequency",
            sa.Enum(
                "immediate",
                "daily",
                "weekly",
                name="digest_frequency",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="daily",
            nullable=False,
        ),
        sa.Column("quiet_hours_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("quiet_from", sa.Time(), server_default=sa.text("'22:00'"), nullable=False),
        sa.Column("quiet_until", sa.Time(), server_default=sa.text("'08:00'"), nullable=False),
        sa.Column(
            "overrides",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notification_preferences_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_notification_preferences")),
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("recipient_identifier", sa.String(length=255), nullable=True),
        sa.Column("event_key", sa.String(length=255), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=True),
        sa.Column("broadcast_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "status_update",
                "reminder",
                "referral",
                "system",
                "promotional",
                name="type",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "category",
            sa.Enum(
                "referral",
                "pot",
                "donation",
                "marketing",
                "case",
                "lead",
                "payment",
                "event",
                "community",
                "security",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "priority",
            sa.Enum(
                "low",
                "medium",
                "high",
                "urgent",
                name="priority",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="medium",
            nullable=False,
        ),
        sa.Column("related_entity_type", sa.String(length=50), nullable=True),
        sa.Column("related_entity_id", sa.Uuid(), nullable=True),
        sa.Column("image_url", sa.String(length=500), nullable=True),
        sa.Column("action_link", sa.String(length=500), nullable=True),
        sa.Column("action_text", sa.String(length=100), nullable=True),
        sa.Column("in_app", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("read", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archived", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "archived = (archived_at IS NOT NULL)", name=op.f("ck_notifications_archived_has_time")
        ),
        sa.CheckConstraint("read = (read_at IS NOT NULL)", name=op.f("ck_notifications_read_has_time")),
        sa.CheckConstraint(
            "user_id IS NOT NULL OR recipient_identifier IS NOT NULL",
            name=op.f("ck_notifications_has_recipient"),
        ),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["notification_broadcasts.id"], name=op.f("fk_notifications_broadcast_id")
        ),
        sa.ForeignKeyConstraint(
            ["template_id"], ["notification_templates.id"], name=op.f("fk_notifications_template_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notifications_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint(
            "user_id",
            "recipient_identifier",
            "event_key",
            name=op.f("uq_notifications_user_id_recipient_identifier_event_key"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_notifications_broadcast_id"), "notifications", ["broadcast_id"], unique=False)
    op.create_index(op.f("ix_notifications_created_at"), "notifications", ["created_at"], unique=False)
    op.create_index(op.f("ix_notifications_priority"), "notifications", ["priority"], unique=False)
    op.create_index(op.f("ix_notifications_read"), "notifications", ["read"], unique=False)
    op.create_index(op.f("ix_notifications_template_id"), "notifications", ["template_id"], unique=False)
    op.create_index(op.f("ix_notifications_type"), "notifications", ["type"], unique=False)
    op.create_index(op.f("ix_notifications_user_id_id"), "notifications", ["user_id", "id"], unique=False)
    op.create_index(
        op.f("ix_notifications_user_id_read"),
        "notifications",
        ["user_id", "read", sa.literal_column("created_at DESC")],
        unique=False,
    )
    op.create_index(
        op.f("ix_notifications_user_id_type_read"), "notifications", ["user_id", "type", "read"], unique=False
    )
    op.create_table(
        "notification_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("recipient_identifier", sa.String(length=255), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "in_app",
                "email",
                "sms",
                "whatsapp",
                "push",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("attempt_no", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("max_retries", sa.Integer(), server_default=sa.text("3"), nullable=False),
        sa.Column("template_key", sa.String(length=100), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=True),
        sa.Column(
            "template_data",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "sent",
                "delivered",
                "failed",
                "bounced",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("is_urgent", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("awaits_digest", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("digest_id", sa.Uuid(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scheduled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_dead", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("provider", sa.String(length=50), nullable=True),
        sa.Column("provider_message_id", sa.String(length=255), nullable=True),
        sa.Column(
            "provider_response",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("error_code", sa.String(length=50), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "attempt_no BETWEEN 1 AND max_retries + 1",
            name=op.f("ck_notification_deliveries_attempt_within_retries"),
        ),
        sa.ForeignKeyConstraint(
            ["digest_id"],
            ["notification_deliveries.id"],
            name=op.f("fk_notification_deliveries_digest_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.id"],
            name=op.f("fk_notification_deliveries_notification_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notification_deliveries_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_deliveries")),
        sa.UniqueConstraint(
            "notification_id",
            "channel",
            "attempt_no",
            name=op.f("uq_notification_deliveries_notification_id_channel_attempt_no"),
        ),
    )
    op.create_index(
        op.f("ix_notification_deliveries_created_at_id"),
        "notification_deliveries",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_notification_deliveries_digest_id",
        "notification_deliveries",
        ["digest_id"],
        unique=False,
        postgresql_where=sa.text("digest_id IS NOT NULL"),
    )
    op.create_index(
        "ix_notification_deliveries_due",
        "notification_deliveries",
        [sa.literal_column("is_urgent DESC"), "scheduled_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "ix_notification_deliveries_retry",
        "notification_deliveries",
        ["next_retry_at"],
        unique=False,
        postgresql_where=sa.text("status = 'failed' AND next_retry_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_notification_deliveries_status"), "notification_deliveries", ["status"], unique=False
    )
    op.create_index(
        "ix_notification_deliveries_user_id",
        "notification_deliveries",
        ["user_id"],
        unique=False,
        postgresql_where=sa.text("user_id IS NOT NULL"),
    )
    op.create_index(
        "uq_notification_deliveries_provider_message",
        "notification_deliveries",
        ["provider", "provider_message_id"],
        unique=True,
        postgresql_where=sa.text("provider_message_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_notification_deliveries_provider_message",
        table_name="notification_deliveries",
        postgresql_where=sa.text("provider_message_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_notification_deliveries_user_id",
        table_name="notification_deliveries",
        postgresql_where=sa.text("user_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_notification_deliveries_status"), table_name="notification_deliveries")
    op.drop_index(
        "ix_notification_deliveries_retry",
        table_name="notification_deliveries",
        postgresql_where=sa.text("status = 'failed' AND next_retry_at IS NOT NULL"),
    )
    op.drop_index(
        "ix_notification_deliveries_due",
        table_name="notification_deliveries",
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.drop_index(
        "ix_notification_deliveries_digest_id",
        table_name="notification_deliveries",
        postgresql_where=sa.text("digest_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_notification_deliveries_created_at_id"), table_name="notification_deliveries")
    op.drop_table("notification_deliveries")
    op.drop_index(op.f("ix_notifications_user_id_type_read"), table_name="notifications")
    op.drop_index(op.f("ix_notifications_user_id_read"), table_name="notifications")
    op.drop_index(op.f("ix_notifications_user_id_id"), table_name="notifications")
    op.drop_index(op.f("ix_notifications_type"), table_name="notifications")
    op.drop_index(op.f("ix_notifications_template_id"), table_name="notifications")
    op.drop_index(op.f("ix_notifications_read"), table_name="notifications")
    op.drop_index(op.f("ix_notifications_priority"), table_name="notifications")
    op.drop_index(op.f("ix_notifications_created_at"), table_name="notifications")
    op.drop_index(op.f("ix_notifications_broadcast_id"), table_name="notifications")
    op.drop_table("notifications")
    op.drop_table("notification_preferences")
    op.drop_index(
        "uq_notification_templates_active",
        table_name="notification_templates",
        postgresql_where=sa.text("is_active"),
    )
    op.drop_table("notification_templates")
    op.drop_table("notification_broadcasts")
    op.drop_table("notification_analytics")
