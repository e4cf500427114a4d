"""Departments of addresses and places, who may know a birthday, when a paper was decided, hosts and guides."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_HOST_TYPES = ("host", "guide", "tutor", "driver", "other")


def upgrade() -> None:
    op.add_column("user_addresses", sa.Column("department", sa.String(length=100), nullable=True))
    op.add_column("user_locations", sa.Column("department", sa.String(length=100), nullable=True))
    op.add_column(
        "user_privacy",
        sa.Column("share_birthday", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("identity_documents", sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE identity_documents SET decided_at = updated_at WHERE status <> 'pending'")
    _create_service_profiles()


def downgrade() -> None:
    op.drop_table("user_service_profiles")
    op.drop_column("identity_documents", "decided_at")
    op.drop_column("user_privacy", "share_birthday")
    op.drop_column("user_locations", "department")
    op.drop_column("user_addresses", "department")


def _create_service_profiles() -> None:
    listed = ", ".join(f"'{kind}'" for kind in _HOST_TYPES)
    op.create_table(
        "user_service_profiles",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("host_type", sa.String(length=20), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("spoken_languages", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("is_available", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(f"host_type IN ({listed})", name=op.f("ck_user_service_profiles_host_type")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_service_profiles_user_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_user_service_profiles_partner_id")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_service_profiles")),
    )
    op.create_index(op.f("ix_user_service_profiles_is_available"), "user_service_profiles", ["is_available"])
    op.create_index(op.f("ix_user_service_profiles_partner_id"), "user_service_profiles", ["partner_id"])
