"""A canceled payout stays canceled: its source may order another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("uq_payouts_source_type_source_id"), "payouts", type_="unique")
    op.create_index(op.f("ix_payouts_source_type_source_id"), "payouts", ["source_type", "source_id"])
    op.create_index(
        "uq_payouts_source_live",
        "payouts",
        ["source_type", "source_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'canceled'"),
    )


def downgrade() -> None:
    op.drop_index("uq_payouts_source_live", "payouts")
    op.drop_index(op.f("ix_payouts_source_type_source_id"), "payouts")
    op.create_unique_constraint(
        op.f("uq_payouts_source_type_source_id"), "payouts", ["source_type", "source_id"]
    )
