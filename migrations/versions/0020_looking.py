"""Staff work remembers as whom a super admin looks at the portal, and until when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("admin_sessions", sa.Column("looks_as", sa.Uuid(), nullable=True))
    op.add_column("admin_sessions", sa.Column("looks_until", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(
        op.f("fk_admin_sessions_looks_as"),
        "admin_sessions",
        "users",
        ["looks_as"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index(op.f("ix_admin_sessions_looks_as"), "admin_sessions", ["looks_as"])


def downgrade() -> None:
    op.drop_index(op.f("ix_admin_sessions_looks_as"), "admin_sessions")
    op.drop_constraint(op.f("fk_admin_sessions_looks_as"), "admin_sessions", type_="foreignkey")
    op.drop_column("admin_sessions", "looks_until")
    op.drop_column("admin_sessions", "looks_as")
