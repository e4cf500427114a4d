"""Days on which a person was there: a friend counts as active after some of them (REF-20)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "user_active_days",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_active_days_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_active_days")),
        sa.UniqueConstraint("user_id", "day", name=op.f("uq_user_active_days_user_id_day")),
    )
    op.create_index(op.f("ix_user_active_days_day"), "user_active_days", ["day"])


def downgrade() -> None:
    op.drop_table("user_active_days")
