"""One side table for each concern of a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "profile_completion_status",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("percent", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "done",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "missing",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "badges",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "percent BETWEEN 0 AND 100", name=op.f("ck_profile_completion_status_percent_range")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_profile_completion_status_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_profile_completion_status")),
    )
    op.create_table(
        "user_addresses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "primary",
                "billing",
                "delivery",
                name="type",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="primary",
            nullable=False,
        ),
        sa.Column("street", sa.String(length=255), nullable=False),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column("region", sa.String(length=100), nullable=True),
        sa.Column("country", sa.String(length=3), server_default="SEN", nullable=False),
        sa.Column("postal_code", sa.String(length=10), nullable=True),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_addresses_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_addresses")),
    )
    op.create_index(op.f("ix_user_addresses_user_id"), "user_addresses", ["user_id"], unique=False)
    op.create_index(
        "uq_user_addresses_default",
        "user_addresses",
        ["user_id", "type"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "user_blocks",
        sa.Column("blocker_user_id", sa.Uuid(), nullable=False),
        sa.Column("blocked_user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("blocker_user_id <> blocked_user_id", name=op.f("ck_user_blocks_two_people")),
        sa.ForeignKeyConstraint(
            ["blocked_user_id"], ["users.id"], name=op.f("fk_user_blocks_blocked_user_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["blocker_user_id"], ["users.id"], name=op.f("fk_user_blocks_blocker_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("blocker_user_id", "blocked_user_id", name=op.f("pk_user_blocks")),
    )
    op.create_index(op.f("ix_user_blocks_blocked_user_id"), "user_blocks", ["blocked_user_id"], unique=False)
    op.create_table(
        "user_connections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("requester_user_id", sa.Uuid(), nullable=False),
        sa.Column("addressee_user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "accepted",
                "declined",
                "canceled",
                "removed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="pending",
            nullable=False,
        ),
        sa.Column(
            "relationship_category",
            sa.Enum(
                "professional",
                "mentor",
                "travel",
                "family",
                name="relationship_category",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("trust_strength", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("responded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "requester_user_id <> addressee_user_id", name=op.f("ck_user_connections_two_people")
        ),
        sa.CheckConstraint(
            "trust_strength BETWEEN 0 AND 100", name=op.f("ck_user_connections_trust_strength_range")
        ),
        sa.ForeignKeyConstraint(
            ["addressee_user_id"], ["users.id"], name=op.f("fk_user_connections_addressee_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["requester_user_id"], ["users.id"], name=op.f("fk_user_connections_requester_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_connections")),
    )
    op.create_index(
        op.f("ix_user_connections_addressee_user_id"), "user_connections", ["addressee_user_id"], unique=False
    )
    op.create_index(
        op.f("ix_user_connections_relationship_category"),
        "user_connections",
        ["relationship_category"],
        unique=False,
    )
    op.create_index(
        op.f("ix_user_connections_requester_user_id"), "user_connections", ["requester_user_id"], unique=False
    )
    op.create_index(op.f("ix_user_connections_status"), "user_connections", ["status"], unique=False)
    op.create_index(
        op.f("ix_user_connections_trust_strength"), "user_connections", ["trust_strength"], unique=False
    )
    op.create_index(
        "uq_user_connections_pair",
        "user_connections",
        [
            sa.literal_column("LEAST(requester_user_id, addressee_user_id)"),
            sa.literal_column("GREATEST(requester_user_id, addressee_user_id)"),
        ],
        unique=True,
    )
    op.create_table(
        "user_locations",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.String(length=3), server_default="SEN", nullable=False),
        sa.Column("region", sa.String(length=100), nullable=True),
        sa.Column("city", sa.String(length=100), nullable=True),
        sa.Column("latitude", sa.Numeric(precision=8, scale=5), nullable=True),
        sa.Column("longitude", sa.Numeric(precision=8, scale=5), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_user_locations_latitude_range")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_user_locations_longitude_range")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_locations_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_locations")),
    )
    op.create_index(
        op.f("ix_user_locations_country_region_city"),
        "user_locations",
        ["country", "region", "city"],
        unique=False,
    )
    op.create_table(
        "user_metadata",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("first_source", sa.String(length=100), nullable=True),
        sa.Column(
            "attribution",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("admin_notes", sa.Text(), nullable=True),
        sa.Column("lifetime_value_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "lifetime_value_minor >= 0", name=op.f("ck_user_metadata_lifetime_value_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_metadata_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_metadata")),
    )
    op.create_index(op.f("ix_user_metadata_first_source"), "user_metadata", ["first_source"], unique=False)
    op.create_table(
        "user_preferences",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.String(length=10), server_default="fr-SN", nullable=False),
        sa.Column("timezone", sa.String(length=50), server_default="Africa/Dakar", nullable=False),
        sa.Column("currency", sa.String(length=3), server_default="XOF", nullable=False),
        sa.Column(
            "theme",
            sa.Enum(
                "light", "dark", "system", name="theme", native_enum=False, create_constraint=True, length=20
            ),
            server_default="system",
            nullable=False,
        ),
        sa.Column("calendar_token_hash", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_preferences_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_preferences")),
        sa.UniqueConstraint("calendar_token_hash", name=op.f("uq_user_preferences_calendar_token_hash")),
    )
    op.create_table(
        "user_privacy",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("profile_visible", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("share_referral_stats", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("allow_contact_by_sponsors", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_privacy_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_privacy")),
    )
    op.create_table(
        "identity_documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "id_type",
            sa.Enum(
                "passport",
                "national_id",
                "birth_certificate",
                name="id_type",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("id_country", sa.String(length=3), server_default="SEN", nullable=False),
        sa.Column("id_number_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("id_hash", sa.String(length=255), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "verified",
                "rejected",
                "expired",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["stored_files.id"], name=op.f("fk_identity_documents_file_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_identity_documents_user_id")),
        sa.ForeignKeyConstraint(
            ["verified_by"], ["users.id"], name=op.f("fk_identity_documents_verified_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_documents")),
    )
    op.create_index(op.f("ix_identity_documents_file_id"), "identity_documents", ["file_id"], unique=False)
    op.create_index(
        op.f("ix_identity_documents_status_created_at"),
        "identity_documents",
        ["status", "created_at"],
        unique=False,
    )
    op.create_index(op.f("ix_identity_documents_user_id"), "identity_documents", ["user_id"], unique=False)
    op.create_index(
        op.f("ix_identity_documents_verified_by"), "identity_documents", ["verified_by"], unique=False
    )
    op.create_index(
        "uq_identity_documents_verified",
        "identity_documents",
        ["id_hash"],
        unique=True,
        postgresql_where=sa.text("status = 'verified'"),
    )
    op.create_table(
        "profiles",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("full_name", sa.String(length=255), nullable=False),
        sa.Column("display_name", sa.String(length=100), nullable=True),
        sa.Column("date_of_birth", sa.Date(), nullable=True),
        sa.Column("bio", sa.Text(), nullable=True),
        sa.Column("avatar_file_id", sa.Uuid(), nullable=True),
        sa.Column(
            "interests",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "social_handles",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "demographics",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("guardian_user_id", sa.Uuid(), nullable=True),
        sa.Column(
            "relationship_type",
            sa.Enum(
                "parent",
                "guardian",
                "sibling",
                "other",
                name="relationship_type",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("guardian_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("guardian_refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("btrim(full_name) <> ''", name=op.f("ck_profiles_full_name_present")),
        sa.CheckConstraint("date_of_birth > DATE '1900-01-01'", name=op.f("ck_profiles_date_of_birth_sane")),
        sa.CheckConstraint(
            "date_of_birth IS NULL OR date_of_birth <= (CURRENT_DATE - INTERVAL '18 years') OR (guardian_user_id IS NOT NULL AND relationship_type IS NOT NULL)",
            name=op.f("check_minor_has_guardian"),
        ),
        sa.CheckConstraint("guardian_user_id <> user_id", name=op.f("ck_profiles_not_own_guardian")),
        sa.CheckConstraint(
            "guardian_confirmed_at IS NULL OR guardian_refused_at IS NULL",
            name=op.f("ck_profiles_one_guardian_answer"),
        ),
        sa.ForeignKeyConstraint(
            ["avatar_file_id"], ["stored_files.id"], name=op.f("fk_profiles_avatar_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["guardian_user_id"], ["users.id"], name=op.f("fk_profiles_guardian_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_profiles_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_profiles")),
    )
    op.create_index(op.f("ix_profiles_avatar_file_id"), "profiles", ["avatar_file_id"], unique=False)
    op.create_index(op.f("ix_profiles_date_of_birth"), "profiles", ["date_of_birth"], unique=False)
    op.create_index(
        "ix_profiles_guardian_user_id",
        "profiles",
        ["guardian_user_id"],
        unique=False,
        postgresql_where=sa.text("guardian_user_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_profiles_interests"), "profiles", ["interests"], unique=False, postgresql_using="gin"
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_profiles_interests"), table_name="profiles", postgresql_using="gin")
    op.drop_index(
        "ix_profiles_guardian_user_id",
        table_name="profiles",
        postgresql_where=sa.text("guardian_user_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_profiles_date_of_birth"), table_name="profiles")
    op.drop_index(op.f("ix_profiles_avatar_file_id"), table_name="profiles")
    op.drop_table("profiles")
    op.drop_index(
        "uq_identity_documents_verified",
        table_name="identity_documents",
        postgresql_where=sa.text("status = 'verified'"),
    )
    op.drop_index(op.f("ix_identity_documents_verified_by"), table_name="identity_documents")
    op.drop_index(op.f("ix_identity_documents_user_id"), table_name="identity_documents")
    op.drop_index(op.f("ix_identity_documents_status_created_at"), table_name="identity_documents")
    op.drop_index(op.f("ix_identity_documents_file_id"), table_name="identity_documents")
    op.drop_table("identity_documents")
    op.drop_table("user_privacy")
    op.drop_table("user_preferences")
    op.drop_index(op.f("ix_user_metadata_first_source"), table_name="user_metadata")
    op.drop_table("user_metadata")
    op.drop_index(op.f("ix_user_locations_country_region_city"), table_name="user_locations")
    op.drop_table("user_locations")
    op.drop_index("uq_user_connections_pair", table_name="user_connections")
    op.drop_index(op.f("ix_user_connections_trust_strength"), table_name="user_connections")
    op.drop_index(op.f("ix_user_connections_status"), table_name="user_connections")
    op.drop_index(op.f("ix_user_connections_requester_user_id"), table_name="user_connections")
    op.drop_index(op.f("ix_user_connections_relationship_category"), table_name="user_connections")
    op.drop_index(op.f("ix_user_connections_addressee_user_id"), table_name="user_connections")
    op.drop_table("user_connections")
    op.drop_index(op.f("ix_user_blocks_blocked_user_id"), table_name="user_blocks")
    op.drop_table("user_blocks")
    op.drop_index(
        "uq_user_addresses_default", table_name="user_addresses", postgresql_where=sa.text("is_default")
    )
    op.drop_index(op.f("ix_user_addresses_user_id"), table_name="user_addresses")
    op.drop_table("user_addresses")
    op.drop_table("profile_completion_status")
